#pragma once
/// \file
/// The icon in the panel and its menu.

#include "app/model/broker_state.h"

#include <QMenu>
#include <QObject>
#include <QSystemTrayIcon>

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
    void stateChanged();
    void fillMenu();
    void addAccounts();

    model::BrokerState& m_state;
    QMenu m_menu;
    QSystemTrayIcon m_icon;
    std::optional<model::Mood> m_shown;
};

} // namespace keybearer::tray
