#pragma once
/// \file
/// Tells when the screen is locked and when the machine goes to sleep.

#include "ipc/base/unique_fd.h"

#include <QCoroTask>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QObject>

#include <functional>

namespace keybearer::desktop {

/// Main thread. Listens to logind (LockedHint, Lock and PrepareForSleep) on the system's bus and to the screen savers
/// of the session's bus, and starts no service. Where somebody wants to know of sleep it holds a delay inhibitor
/// (https://systemd.io/INHIBITOR_LOCKS/), so that the machine sleeps when what has to be done before is done, or after
/// logind's own patience (InhibitDelayMaxSec, five seconds).
class LockSignals : public QObject {
    Q_OBJECT

public:
    struct Listeners {
        std::function<QCoro::Task<>()> screenLocked;
        std::function<QCoro::Task<>()> goingToSleep;
    };
    /// Listens to nothing yet.
    explicit LockSignals(Listeners listeners);

    /// What to listen to from now on. What was being asked about is not told any more when it is off.
    void listen(bool toScreen, bool toSleep);

private Q_SLOTS:
    /// Something about the screen has changed.
    void look();
    /// logind asks whoever draws the screen of a session to lock it.
    void sessionLocked(const QDBusMessage& signal);
    void prepareForSleep(bool begins);

private:
    void connectScreen(bool on);
    void connectSleep(bool on);
    QCoro::Task<> lookNow();
    QCoro::Task<> lockIfOurs(QString session);
    QCoro::Task<> sleepNow();
    QCoro::Task<> holdSleep();

    Listeners m_listeners;
    QDBusConnection m_system;
    bool m_toScreen = false;
    bool m_toSleep = false;
    base::UniqueFd m_inhibitor;
};

} // namespace keybearer::desktop
