#pragma once
/// \file
/// The icon in the panel and its menu.

#include "app/model/broker_state.h"

#include <QMenu>
#include <QObject>
#include <QSystemTrayIcon>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

class QAction;

namespace keybearer::tray {

/// Main thread. Where no panel takes icons nothing is shown; the icon appears when one does.
class TrayIcon : public QObject {
    Q_OBJECT
public:
    /// The state outlives it.
    explicit TrayIcon(model::BrokerState& state, QObject* parent = nullptr);
    TrayIcon(const TrayIcon&) = delete;
    TrayIcon& operator=(const TrayIcon&) = delete;
    ~TrayIcon() override;

    /// A balloon, for desktops without a notification service.
    void showMessage(const QString& title, const QString& text);

Q_SIGNALS:
    void openWanted();
    void questionsWanted();
    void signInWanted(const QString& provider, const QString& account);
    void lockWanted();
    void unlockWanted();
    /// True: no program gets anything from now on.
    void pauseWanted(bool pause);
    void quitWanted();

private:
    /// A line of the menu; without a text a separator, without `chosen` words only.
    struct Entry {
        QString text;
        QString provider; ///< whose tile it has; empty: none
        std::function<void()> chosen;

        /// Entries that show the same do the same.
        [[nodiscard]] std::pair<QString, QString> shown() const { return {text, provider}; }
    };

    void stateChanged();
    void fillMenu();
    [[nodiscard]] QAction* newAction(const Entry& entry);
    [[nodiscard]] std::vector<Entry> entries();
    void addAccounts(std::vector<Entry>& all);

    model::BrokerState& m_state;
    QMenu m_menu;
    QSystemTrayIcon m_icon;
    std::vector<Entry> m_entries; ///< what the menu has
    std::optional<model::Mood> m_shown;
};

} // namespace keybearer::tray
