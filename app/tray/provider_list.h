#pragma once
/// \file
/// A list of providers, and a line to search in it.

#include <QLineEdit>
#include <QListWidget>
#include <QStringList>
#include <QWidget>

#include <nlohmann/json.hpp>

namespace keybearer::tray {

/// Main thread.
class ProviderList : public QWidget {
    Q_OBJECT
public:
    explicit ProviderList(QWidget* parent = nullptr);

    /// Shows those of provider.list with this `method` ("oauth", "api_key"): the `recent` ones first, then by name.
    /// `other`, where it is not empty, is a last row that stands for none of them and is always there.
    void fill(const nlohmann::json& providers, const QString& method, const QStringList& recent = {},
              const QString& other = {});
    /// Empties the search, and puts the keyboard there.
    void begin();

    [[nodiscard]] bool hasChoice() const;
    /// Name of the chosen provider, for the broker; empty for the last row.
    [[nodiscard]] QString provider() const;

Q_SIGNALS:
    void choiceChanged();
    /// A double click, or Enter.
    void activated();

private:
    void filter(const QString& text);

    QLineEdit* m_search;
    QListWidget* m_rows;
};

} // namespace keybearer::tray
