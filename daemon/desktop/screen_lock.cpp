#include "daemon/desktop/screen_lock.h"

#include <QCoroDBusPendingCall>
#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusPendingCall>
#include <QDBusVariant>

#include <unistd.h>

#include <array>
#include <vector>

namespace keybearer::desktop {
namespace {

/// Each answers GetActive with a truth value, under an interface of its own name.
struct ScreenSaver {
    const char* service;
    const char* path;
};
constexpr std::array kScreenSavers{
    ScreenSaver{"org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"}, // KDE, and who follows it
    ScreenSaver{"org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"},
    ScreenSaver{"org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"},
    ScreenSaver{"org.mate.ScreenSaver", "/org/mate/ScreenSaver"},
    ScreenSaver{"org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"},
};

QLatin1String latin(const char* text) {
    return QLatin1String(text);
}

QDBusMessage question(const char* service, const QString& path, const char* interface, const char* method) {
    QDBusMessage message = QDBusMessage::createMethodCall(latin(service), path, latin(interface), latin(method));
    message.setAutoStartService(false);
    return message;
}

QDBusPendingCall ask(const QDBusConnection& bus, const QDBusMessage& message) {
    return bus.asyncCall(message, static_cast<int>(kScreenLockDeadline.count()));
}

/// A property's value; invalid when there is none.
QCoro::Task<QVariant> property(QDBusConnection bus, QString path, const char* interface, const char* name) {
    QDBusMessage message = question("org.freedesktop.login1", path, "org.freedesktop.DBus.Properties", "Get");
    message << QString(latin(interface)) << QString(latin(name));
    const QDBusPendingCall call = ask(bus, message);
    const QDBusMessage reply = co_await call;
    co_return reply.type() == QDBusMessage::ReplyMessage ? reply.arguments().value(0).value<QDBusVariant>().variant()
                                                         : QVariant();
}

/// The session that the person sees: the user's display, wherever this process was started.
QCoro::Task<bool> isSessionLocked() {
    const QDBusConnection bus = QDBusConnection::systemBus();
    if (!bus.isConnected()) {
        co_return false;
    }
    QDBusMessage message = question("org.freedesktop.login1", latin("/org/freedesktop/login1"),
                                    "org.freedesktop.login1.Manager", "GetUser");
    message << static_cast<quint32>(::getuid());
    const QDBusPendingCall call = ask(bus, message);
    const QDBusMessage reply = co_await call;
    if (reply.type() != QDBusMessage::ReplyMessage) {
        co_return false;
    }
    const QString user = reply.arguments().value(0).value<QDBusObjectPath>().path();
    const QVariant display = co_await property(bus, user, "org.freedesktop.login1.User", "Display");
    const auto structure = display.value<QDBusArgument>();
    if (structure.currentType() != QDBusArgument::StructureType) {
        co_return false;
    }
    QString id;
    QDBusObjectPath session;
    structure.beginStructure();
    structure >> id >> session;
    structure.endStructure();
    if (session.path().size() < 2) { // "/": the user has no display
        co_return false;
    }
    const QVariant locked = co_await property(bus, session.path(), "org.freedesktop.login1.Session", "LockedHint");
    co_return locked.typeId() == QMetaType::Bool&& locked.toBool();
}

} // namespace

QCoro::Task<bool> isScreenLocked() {
    const QDBusConnection bus = QDBusConnection::sessionBus();
    std::vector<QDBusPendingCall> calls;
    if (bus.isConnected()) {
        for (const ScreenSaver& saver : kScreenSavers) {
            calls.push_back(ask(bus, question(saver.service, latin(saver.path), saver.service, "GetActive")));
        }
    }
    bool locked = co_await isSessionLocked();
    for (const QDBusPendingCall& call : calls) {
        const QDBusMessage reply = co_await call;
        const QVariant active = reply.arguments().value(0);
        locked = locked ||
                 (reply.type() == QDBusMessage::ReplyMessage && active.typeId() == QMetaType::Bool && active.toBool());
    }
    co_return locked;
}

} // namespace keybearer::desktop
