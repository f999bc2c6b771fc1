#include "app/tray/notifier.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QIcon>
#include <QVariantMap>

#include <utility>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr uchar kNormal = 1;
constexpr uchar kCritical = 2;
constexpr int kServiceDecides = -1; // when it goes away

QDBusMessage callOf(const QString& method) {
    return QDBusMessage::createMethodCall(u"org.freedesktop.Notifications"_s, u"/org/freedesktop/Notifications"_s,
                                          u"org.freedesktop.Notifications"_s, method);
}

} // namespace

Notifier::Notifier(Fallback fallback, QObject* parent) : QObject(parent), m_fallback(std::move(fallback)) {
    QDBusConnection bus = QDBusConnection::sessionBus();
    const QString path = u"/org/freedesktop/Notifications"_s;
    const QString interface = u"org.freedesktop.Notifications"_s;
    bus.connect({}, path, interface, u"ActionInvoked"_s, this, SLOT(actionInvoked(quint32, QString)));
    bus.connect({}, path, interface, u"NotificationClosed"_s, this, SLOT(notificationClosed(quint32, quint32)));
    askCapabilities();
}

void Notifier::askCapabilities() {
    auto* watcher =
        new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(callOf(u"GetCapabilities"_s)), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        watcher->deleteLater();
        const QDBusPendingReply<QStringList> reply = *watcher;
        m_takesMarkup = reply.isValid() && reply.value().contains(u"body-markup"_s);
    });
}

void Notifier::show(Notification notification) {
    const QString topic = notification.topic;
    m_shown[topic].notification = std::move(notification); // its id stays, and is replaced
    send(topic);
}

void Notifier::send(const QString& topic) {
    const Shown& shown = m_shown[topic];
    const Notification& what = shown.notification;
    QStringList actions;
    if (what.opened) {
        actions << u"default"_s << what.title;
    }
    for (const NotificationAction& action : what.actions) {
        actions << action.key << action.label;
    }
    const QVariantMap hints{{u"urgency"_s, QVariant::fromValue(what.isUrgent ? kCritical : kNormal)},
                            {u"category"_s, u"presence"_s},
                            {u"desktop-entry"_s, u"keybearer-tray"_s}};
    const QString icon = QIcon::hasThemeIcon(u"keybearer-tray"_s) ? u"keybearer-tray"_s : u"dialog-password"_s;
    QDBusMessage call = callOf(u"Notify"_s);
    call << u"Keybearer"_s << shown.id << icon << what.title << (m_takesMarkup ? what.text.toHtmlEscaped() : what.text)
         << actions << hints << kServiceDecides;
    auto* watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, topic] {
        watcher->deleteLater();
        const QDBusPendingReply<quint32> reply = *watcher;
        const auto found = m_shown.find(topic);
        if (reply.isError()) {
            if (found != m_shown.end()) {
                m_fallback(found->notification.title, found->notification.text);
                m_shown.erase(found);
            }
        } else if (found == m_shown.end()) { // withdrawn meanwhile
            QDBusConnection::sessionBus().asyncCall(callOf(u"CloseNotification"_s) << reply.value());
        } else {
            found->id = reply.value();
        }
    });
}

void Notifier::withdraw(const QString& topic) {
    const Shown shown = m_shown.take(topic);
    if (shown.id != 0) {
        QDBusConnection::sessionBus().asyncCall(callOf(u"CloseNotification"_s) << shown.id);
    }
}

void Notifier::actionInvoked(quint32 id, const QString& key) {
    for (const Shown& shown : std::as_const(m_shown)) {
        if (shown.id != id) {
            continue;
        }
        std::function<void()> run = key == "default"_L1 ? shown.notification.opened : nullptr;
        for (const NotificationAction& action : shown.notification.actions) {
            if (action.key == key) {
                run = action.run;
            }
        }
        if (run) {
            run(); // it may show or withdraw others: nothing of this object is touched any more
        }
        return;
    }
}

void Notifier::notificationClosed(quint32 id, quint32 /*reason*/) {
    m_shown.removeIf([id](const auto& shown) { return shown.value().id == id; });
}

} // namespace keybearer::tray
