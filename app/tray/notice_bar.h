#pragma once
/// \file
/// A line below a page: what has just happened, or a question about what is to happen.

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include <functional>

namespace keybearer::tray {

/// Main thread. One sentence and at most two buttons; it hides when one of them is pressed.
class NoticeBar : public QFrame {
    Q_OBJECT
public:
    struct Answer {
        QString name; ///< object name of the button
        QString text;
        std::function<void()> run; ///< may be empty
    };

    explicit NoticeBar(const QString& name, QWidget* parent = nullptr);

    /// In the place of what it showed before.
    void showText(const QString& text, const QList<Answer>& answers);

private:
    QLabel* m_text;
    QHBoxLayout* m_line;
    QList<QPushButton*> m_buttons;
};

} // namespace keybearer::tray
