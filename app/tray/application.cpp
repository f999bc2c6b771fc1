#include "app/tray/application.h"

#include "app/model/reading.h"
#include "app/tray/accounts_page.h"
#include "app/tray/activity_page.h"
#include "app/tray/doctor_page.h"
#include "app/tray/forecast_page.h"
#include "app/tray/icons.h"
#include "app/tray/marks.h"
#include "app/tray/renewal.h"
#include "app/tray/settings_page.h"
#include "app/tray/unlock.h"
#include "ipc/client/autostart.h"

#include <QApplication>
#include <QTimer>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using nlohmann::json;

constexpr int kPanelPatience = 30'000; // milliseconds: a session starts its programs before its panel

} // namespace

Application::Application(const base::Paths& paths, QObject* parent)
    : QObject(parent),
      m_settings(QString::fromStdString(paths.state) + u"/tray.ini"_s, QSettings::IniFormat),
      m_link([paths] { return client::connectOrStart(paths); }),
      m_state(m_link),
      m_icon(m_state),
      m_notifier([this](const QString& title, const QString& text) { m_icon.showMessage(title, text); }),
      m_window(m_state, m_settings),
      m_consent(m_state),
      m_signIn(m_state, m_settings),
      m_expiryNotice(m_state, m_settings, [this](PresenceWatch::Answer answer) { m_presence.ask(std::move(answer)); }) {
    addPages();
    connectParts();
}

void Application::addPages() {
    m_window.addPage(new AccountsPage(m_state), u"accounts"_s, tr("Accounts and keys"), keyIcon());
    m_window.addPage(new ActivityPage(m_state), u"activity"_s, tr("Activity"), activityIcon());
    m_window.addPage(new ForecastPage(m_state), u"forecast"_s, tr("Coming up"), forecastIcon());
    m_window.addPage(new SettingsPage(m_state), u"settings"_s, tr("Settings"), settingsIcon());
    m_window.addPage(new DoctorPage(m_state), u"doctor"_s, tr("Check-up"), resultIcon(u"ok"_s));
}

void Application::connectParts() {
    const auto signIn = [this](const QString& provider, const QString& account) { m_signIn.begin(provider, account); };
    connect(&m_icon, &TrayIcon::openWanted, this, [this] { m_window.open(); });
    connect(&m_icon, &TrayIcon::questionsWanted, &m_consent, &ConsentWindow::open);
    connect(&m_icon, &TrayIcon::signInWanted, this, signIn);
    connect(&m_icon, &TrayIcon::lockWanted, this, &Application::lock);
    connect(&m_icon, &TrayIcon::unlockWanted, this, &Application::unlock);
    connect(&m_icon, &TrayIcon::pauseWanted, this, &Application::pause);
    connect(&m_icon, &TrayIcon::quitWanted, qApp, &QCoreApplication::quit);
    connect(&m_window, &MainWindow::signInWanted, this, signIn);
    connect(&m_window, &MainWindow::unlockWanted, this, &Application::unlock);
    connect(&m_window, &MainWindow::browserWanted, &m_browser, &BrowserOpener::open);
    connect(&m_window, &MainWindow::closed, this, &Application::windowClosed);
    connect(&m_consent, &ConsentWindow::failed, this, &Application::report);
    connect(&m_consent, &ConsentWindow::arrived, this, &Application::tellQuestion);
    connect(&m_signIn, &SignInDialog::browserWanted, &m_browser, &BrowserOpener::open);
    connect(&m_browser, &BrowserOpener::failed, &m_signIn, &SignInDialog::browserFailed);
    connect(&m_state, &model::BrokerState::changed, this, &Application::tellSignIns);
    connect(&m_state, &model::BrokerState::questionsChanged, this, [this] {
        if (m_state.questions().isEmpty()) {
            m_notifier.withdraw(u"question"_s);
        }
    });
    // A broker that makes room for the one of an upgrade has ended the connection; this is the new one.
    connect(&m_link, &model::BrokerLink::stateChanged, this, [this] {
        if (m_link.state() == model::BrokerLink::State::Open && wasReplaced()) {
            becomeInstalled(m_window.isVisible());
        }
    });
    connect(&m_presence, &PresenceWatch::cameBack, &m_expiryNotice, &ExpiryNotice::consider);
    connect(&m_expiryNotice, &ExpiryNotice::wanted, this, [this](const QString& title, const QString& text) {
        m_notifier.show({u"expiry"_s, title, text, {}, [this] { m_window.open(u"forecast"_s); }, false});
    });
    connect(&m_state, &model::BrokerState::grantsWereMade, this, [this](const QStringList& grants) {
        m_notifier.show({u"grants"_s,
                         tr("Allowed while nobody was asked"),
                         grants.join(u'\n'),
                         {},
                         [this] { m_window.open(u"programs"_s); },
                         false});
    });
}

void Application::start(bool inBackground) {
    m_link.open();
    if (QSystemTrayIcon::isSystemTrayAvailable()) {
        if (!inBackground) {
            m_window.open();
        }
        return;
    }
    QTimer::singleShot(inBackground ? kPanelPatience : 0, this, &Application::openWithoutPanel);
}

void Application::openWithoutPanel() {
    if (!QSystemTrayIcon::isSystemTrayAvailable()) {
        m_window.open();
    }
}

/// Without a panel nothing would be left to click.
void Application::windowClosed() {
    if (!QSystemTrayIcon::isSystemTrayAvailable()) {
        QCoreApplication::quit();
    }
}

void Application::report(const client::Error& error) {
    m_notifier.show({u"failure"_s,
                     tr("That did not work"),
                     model::shownText(error.message),
                     {},
                     [this] { m_window.open(); },
                     false});
}

void Application::lock() {
    m_link.call("system.lock", json::object(), this, [this](const auto& reply) {
        if (!reply) {
            report(reply.error());
        }
    });
}

void Application::unlock() {
    askToUnlock(m_state, &m_window, [this](const client::Error& error) { report(error); });
}

/// What holds afterwards is what held before.
void Application::pause(bool pause) {
    const QString key = u"policyBeforePause"_s;
    if (pause) {
        m_settings.setValue(key, m_state.policy());
    }
    const QString policy = pause ? u"deny"_s : m_settings.value(key, u"ask"_s).toString();
    m_link.call("policy.set", {{"policy", policy.toStdString()}}, this, [this](const auto& reply) {
        if (!reply) {
            report(reply.error());
        }
    });
}

void Application::tellQuestion(const model::Question& question) {
    if (m_consent.isActiveWindow()) {
        return;
    }
    m_notifier.show({u"question"_s,
                     tr("%1 asks").arg(question.clientName),
                     question.wants,
                     {{u"show"_s, tr("Show"), [this] { m_consent.open(); }}},
                     [this] { m_consent.open(); },
                     true});
}

/// Once for each account, until somebody has signed in to it.
void Application::tellSignIns() {
    QStringList waiting;
    for (const model::WaitingSignIn& one : m_state.signIns()) {
        waiting << one.account;
        if (m_toldSignIns.contains(one.account)) {
            continue;
        }
        const auto begin = [this, one] { m_signIn.begin(one.provider, one.account); };
        m_notifier.show({u"signIn/"_s + one.account,
                         tr("Sign in to %1 again").arg(one.account),
                         one.reason == "ended"_L1 ? tr("The provider has ended the session.")
                                                  : tr("A program needs it, and nobody was there."),
                         {{u"signIn"_s, tr("Sign in"), begin}},
                         begin,
                         false});
    }
    for (const QString& told : std::as_const(m_toldSignIns)) {
        if (!waiting.contains(told)) {
            m_notifier.withdraw(u"signIn/"_s + told);
        }
    }
    if (m_state.isLive()) {
        m_toldSignIns = waiting;
    }
}

} // namespace keybearer::tray
