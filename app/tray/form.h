#pragma once
/// \file
/// Fields with their names, of which some are hidden for a time.

#include <QHash>
#include <QLabel>
#include <QWidget>

namespace keybearer::tray {

/// Main thread. In the place of QFormLayout: Qt 6.4's keeps the place that a hidden row once had, and writes behind the
/// end of its array there as soon as fewer rows are shown and one of them wraps its text.
class Form : public QWidget {
public:
    explicit Form(QWidget* parent = nullptr);

    /// Below those that are there. The form owns the field.
    void add(const QString& name, QWidget* field);
    /// The field and its name.
    void setShown(QWidget* field, bool isShown);
    /// Shows it if there is something to show.
    void setText(QLabel* field, const QString& text);

private:
    QHash<QWidget*, QLabel*> m_names;
};

} // namespace keybearer::tray
