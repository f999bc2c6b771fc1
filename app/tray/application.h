#pragma once
/// \file
/// Builds the window's parts, owns them, and says which one answers to what.

#include "app/model/broker_state.h"
#include "app/tray/browser_opener.h"
#include "app/tray/consent_window.h"
#include "app/tray/expiry_notice.h"
#include "app/tray/main_window.h"
#include "app/tray/notifier.h"
#include "app/tray/presence.h"
#include "app/tray/sign_in_dialog.h"
#include "app/tray/tray_icon.h"
#include "ipc/base/paths.h"

#include <QObject>
#include <QSettings>

namespace keybearer::tray {

/// Main thread.
class Application : public QObject {
    Q_OBJECT
public:
    explicit Application(const base::Paths& paths, QObject* parent = nullptr);

    /// `inBackground`: nothing opens unless somebody has to be asked; a panel that comes later is waited for.
    void start(bool inBackground);
    /// Somebody has started the program once more.
    void activate() { m_window.open(); }

private:
    void addPages();
    void connectParts();
    void lock();
    void unlock();
    void pause(bool pause);
    void report(const client::Error& error);
    void tellQuestion(const model::Question& question);
    void tellSignIns();
    void windowClosed();
    void openWithoutPanel();

    QSettings m_settings;
    model::BrokerLink m_link;
    model::BrokerState m_state;
    TrayIcon m_icon;
    Notifier m_notifier;
    MainWindow m_window;
    ConsentWindow m_consent;
    SignInDialog m_signIn;
    BrowserOpener m_browser;
    PresenceWatch m_presence;
    ExpiryNotice m_expiryNotice;
    QStringList m_toldSignIns; ///< accounts
};

} // namespace keybearer::tray
