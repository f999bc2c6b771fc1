#include "daemon/desktop/lock_signals.h"

#include "daemon/desktop/screen_lock.h"

#include <QCoroDBusPendingCall>
#include <QDBusArgument>
#include <QDBusPendingCall>
#include <QDBusUnixFileDescriptor>
#include <QDBusVariant>

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace keybearer::desktop {
namespace {

constexpr auto kLogind = "org.freedesktop.login1";
constexpr auto kLogindPath = "/org/freedesktop/login1";
constexpr auto kManager = "org.freedesktop.login1.Manager";
constexpr auto kSession = "org.freedesktop.login1.Session";

/// Each emits ActiveChanged, under an interface of its own name.
constexpr std::array kSavers{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver",
                             "org.mate.ScreenSaver", "org.xfce.ScreenSaver"};

QString text(const char* latin) {
    return QString::fromLatin1(latin);
}

QDBusMessage toLogind(const QString& path, const char* interface, const char* method) {
    QDBusMessage message = QDBusMessage::createMethodCall(text(kLogind), path, text(interface), text(method));
    message.setAutoStartService(false);
    return message;
}

QDBusPendingCall send(const QDBusConnection& bus, const QDBusMessage& message) {
    return bus.asyncCall(message, static_cast<int>(kScreenLockDeadline.count()));
}

} // namespace

LockSignals::LockSignals(Listeners listeners)
    : m_listeners(std::move(listeners)), m_system(QDBusConnection::systemBus()) {}

void LockSignals::listen(bool toScreen, bool toSleep) {
    if (toScreen != m_toScreen) {
        m_toScreen = toScreen;
        connectScreen(toScreen);
    }
    if (toSleep != m_toSleep) {
        m_toSleep = toSleep;
        connectSleep(toSleep);
    }
}

void LockSignals::connectScreen(bool on) {
    const auto change = [on](QDBusConnection bus, const auto&... signal) {
        on ? bus.connect(signal...) : bus.disconnect(signal...);
    };
    for (const char* saver : kSavers) {
        change(QDBusConnection::sessionBus(), text(saver), QString(), text(saver), text("ActiveChanged"), this,
               SLOT(look()));
    }
    change(m_system, text(kLogind), QString(), text("org.freedesktop.DBus.Properties"), text("PropertiesChanged"),
           QStringList(text(kSession)), QString(), this, SLOT(look()));
    change(m_system, text(kLogind), QString(), text(kSession), text("Lock"), this, SLOT(sessionLocked(QDBusMessage)));
}

void LockSignals::connectSleep(bool on) {
    if (!on) {
        m_system.disconnect(text(kLogind), text(kLogindPath), text(kManager), text("PrepareForSleep"), this,
                            SLOT(prepareForSleep(bool)));
        m_inhibitor.reset();
        return;
    }
    m_system.connect(text(kLogind), text(kLogindPath), text(kManager), text("PrepareForSleep"), this,
                     SLOT(prepareForSleep(bool)));
    holdSleep();
}

void LockSignals::look() {
    lookNow();
}

QCoro::Task<> LockSignals::lookNow() {
    const bool isLocked = co_await isScreenLocked();
    if (isLocked && m_toScreen) {
        co_await m_listeners.screenLocked();
    }
}

void LockSignals::sessionLocked(const QDBusMessage& signal) {
    lockIfOurs(signal.path());
}

/// Other users of the machine lock their screens, too.
QCoro::Task<> LockSignals::lockIfOurs(QString session) {
    QDBusMessage question = toLogind(session, "org.freedesktop.DBus.Properties", "Get");
    question << text(kSession) << text("User");
    const QDBusPendingCall call = send(m_system, question);
    const QDBusMessage reply = co_await call;
    const auto structure = reply.arguments().value(0).value<QDBusVariant>().variant().value<QDBusArgument>();
    if (reply.type() != QDBusMessage::ReplyMessage || structure.currentType() != QDBusArgument::StructureType) {
        co_return;
    }
    quint32 uid = 0;
    structure.beginStructure();
    structure >> uid;
    if (uid == ::getuid() && m_toScreen) {
        co_await m_listeners.screenLocked();
    }
}

void LockSignals::prepareForSleep(bool begins) {
    if (begins) {
        sleepNow();
    } else {
        holdSleep();
    }
}

QCoro::Task<> LockSignals::sleepNow() {
    co_await m_listeners.goingToSleep();
    m_inhibitor.reset();
}

QCoro::Task<> LockSignals::holdSleep() {
    QDBusMessage order = toLogind(text(kLogindPath), kManager, "Inhibit");
    order << text("sleep") << text("Keybearer") << text("forgets its keys before the machine sleeps") << text("delay");
    const QDBusPendingCall call = send(m_system, order);
    const QDBusMessage reply = co_await call;
    const auto descriptor = reply.arguments().value(0).value<QDBusUnixFileDescriptor>();
    if (reply.type() == QDBusMessage::ReplyMessage && descriptor.isValid() && m_toSleep) {
        m_inhibitor = base::UniqueFd(::fcntl(descriptor.fileDescriptor(), F_DUPFD_CLOEXEC, 0));
    }
}

} // namespace keybearer::desktop
