#include "app/tray/tray_icon.h"

#include "app/tray/icons.h"

#include <algorithm>

namespace keybearer::tray {

using namespace Qt::Literals::StringLiterals;
using model::Mood;

TrayIcon::TrayIcon(model::BrokerState& state, QObject* parent) : QObject(parent), m_state(state) {
    m_menu.setObjectName(u"trayMenu"_s);
    m_icon.setContextMenu(&m_menu);
    connect(&m_icon, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick) {
            if (m_state.questions().isEmpty()) {
                Q_EMIT openWanted();
            } else {
                Q_EMIT questionsWanted();
            }
        }
    });
    connect(&state, &model::BrokerState::changed, this, &TrayIcon::stateChanged);
    // Later: the action that was chosen is still needed.
    connect(&m_menu, &QMenu::aboutToHide, this, &TrayIcon::fillMenu, Qt::QueuedConnection);
    stateChanged();
    m_icon.show();
}

TrayIcon::~TrayIcon() {
    m_icon.setContextMenu(nullptr);
}

void TrayIcon::showMessage(const QString& title, const QString& text) {
    m_icon.showMessage(title, text, moodIcon(m_state.mood()));
}

void TrayIcon::stateChanged() {
    const Mood mood = m_state.mood();
    if (m_shown != mood) { // a panel draws it anew each time
        m_shown = mood;
        m_icon.setIcon(moodIcon(mood));
        m_icon.setToolTip(tr("Keybearer: %1").arg(moodText(mood)));
    }
    if (!m_menu.isVisible()) { // nothing moves under the mouse
        fillMenu();
    }
}

void TrayIcon::fillMenu() {
    m_menu.clear();
    m_menu.addAction(moodText(m_state.mood()))->setEnabled(false);
    if (!m_state.questions().isEmpty()) {
        m_menu.addAction(tr("Show %n question(s)", nullptr, static_cast<int>(m_state.questions().size())), this,
                         &TrayIcon::questionsWanted);
    }
    m_menu.addSeparator();
    const bool isOpen = m_state.isLive() && !m_state.isLocked();
    if (isOpen) {
        addAccounts();
        m_menu.addAction(tr("Sign in ..."), this, [this] { Q_EMIT signInWanted({}, {}); });
        m_menu.addSeparator();
    }
    if (m_state.isLive()) {
        if (m_state.isLocked()) {
            m_menu.addAction(tr("Unlock"), this, &TrayIcon::unlockWanted);
        } else {
            m_menu.addAction(tr("Lock"), this, &TrayIcon::lockWanted);
            const bool isPaused = m_state.policy() == "deny"_L1;
            m_menu.addAction(isPaused ? tr("Resume") : tr("Pause"), this,
                             [this, isPaused] { Q_EMIT pauseWanted(!isPaused); });
        }
        m_menu.addSeparator();
    }
    m_menu.addAction(tr("Open Keybearer"), this, &TrayIcon::openWanted);
    m_menu.addAction(tr("Quit"), this, &TrayIcon::quitWanted);
}

void TrayIcon::addAccounts() {
    for (const model::AccountState& account : m_state.accounts()) {
        QString name = account.name;
        name.replace('&'_L1, "&&"_L1);
        if (account.isSignedIn) {
            m_menu.addAction(letterIcon(account.provider), name, this, &TrayIcon::openWanted);
        } else {
            m_menu.addAction(letterIcon(account.provider), tr("%1: sign in again ...").arg(name), this,
                             [this, account] { Q_EMIT signInWanted(account.provider, account.name); });
        }
    }
    for (const model::WaitingSignIn& waiting : m_state.signIns()) {
        const bool isListed = std::ranges::any_of(m_state.accounts(), [&](const model::AccountState& account) {
            return account.name == waiting.account && !account.isSignedIn;
        });
        if (!isListed) {
            m_menu.addAction(letterIcon(waiting.provider), tr("%1: sign in ...").arg(waiting.account), this,
                             [this, waiting] { Q_EMIT signInWanted(waiting.provider, waiting.account); });
        }
    }
}

} // namespace keybearer::tray
