#include "app/tray/tray_icon.h"

#include "app/tray/icons.h"

#include <QAction>

#include <algorithm>
#include <utility>

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
    std::vector<Entry> wanted = entries();
    // A panel clicks the entry that it has shown by a number: what did not change keeps its own.
    const auto [same, differs] = std::ranges::mismatch(m_entries, wanted, {}, &Entry::shown, &Entry::shown);
    const auto first = same - m_entries.begin();
    const auto most = std::min(m_entries.end() - same, wanted.end() - differs);
    std::ptrdiff_t kept = 0;
    while (kept < most && (m_entries.end() - kept - 1)->shown() == (wanted.end() - kept - 1)->shown()) {
        ++kept;
    }
    const QList<QAction*> before = m_menu.actions();
    for (auto at = first; at < before.size() - kept; ++at) {
        delete before.at(at);
    }
    QAction* const next = kept > 0 ? before.at(before.size() - kept) : nullptr;
    for (auto at = first; at < std::ssize(wanted) - kept; ++at) {
        m_menu.insertAction(next, newAction(wanted.at(static_cast<std::size_t>(at))));
    }
    m_entries = std::move(wanted);
}

QAction* TrayIcon::newAction(const Entry& entry) {
    auto* const action = new QAction(entry.text, &m_menu);
    action->setSeparator(entry.text.isEmpty());
    action->setEnabled(entry.chosen || entry.text.isEmpty());
    if (!entry.provider.isEmpty()) {
        action->setIcon(letterIcon(entry.provider));
    }
    if (entry.chosen) {
        connect(action, &QAction::triggered, this, entry.chosen);
    }
    return action;
}

std::vector<TrayIcon::Entry> TrayIcon::entries() {
    const Entry separator;
    std::vector<Entry> all{{moodText(m_state.mood()), {}, {}}};
    if (!m_state.questions().isEmpty()) {
        all.push_back({tr("Show %n question(s)", nullptr, static_cast<int>(m_state.questions().size())), {}, [this] {
                           Q_EMIT questionsWanted();
                       }});
    }
    all.push_back(separator);
    if (m_state.isLive()) {
        if (m_state.isLocked()) {
            all.push_back({tr("Unlock"), {}, [this] { Q_EMIT unlockWanted(); }});
        } else {
            addAccounts(all);
            all.push_back({tr("Sign in ..."), {}, [this] { Q_EMIT signInWanted({}, {}); }});
            all.push_back(separator);
            all.push_back({tr("Lock"), {}, [this] { Q_EMIT lockWanted(); }});
            const bool isPaused = m_state.policy() == "deny"_L1;
            all.push_back(
                {isPaused ? tr("Resume") : tr("Pause"), {}, [this, isPaused] { Q_EMIT pauseWanted(!isPaused); }});
        }
        all.push_back(separator);
    }
    all.push_back({tr("Open Keybearer"), {}, [this] { Q_EMIT openWanted(); }});
    all.push_back({tr("Quit"), {}, [this] { Q_EMIT quitWanted(); }});
    return all;
}

void TrayIcon::addAccounts(std::vector<Entry>& all) {
    for (const model::AccountState& account : m_state.accounts()) {
        QString name = account.name;
        name.replace('&'_L1, "&&"_L1);
        if (account.isSignedIn) {
            all.push_back({name, account.provider, [this] { Q_EMIT openWanted(); }});
        } else {
            all.push_back({tr("%1: sign in again ...").arg(name), account.provider,
                           [this, account] { Q_EMIT signInWanted(account.provider, account.name); }});
        }
    }
    for (const model::WaitingSignIn& waiting : m_state.signIns()) {
        const bool isListed = std::ranges::any_of(m_state.accounts(), [&](const model::AccountState& account) {
            return account.name == waiting.account && !account.isSignedIn;
        });
        if (!isListed) {
            all.push_back({tr("%1: sign in ...").arg(waiting.account), waiting.provider,
                           [this, waiting] { Q_EMIT signInWanted(waiting.provider, waiting.account); }});
        }
    }
}

} // namespace keybearer::tray
