#include "app/tray/presence.h"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QEvent>

#include <chrono>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::chrono::seconds kAnswerLimit{5};
constexpr std::chrono::minutes kAWhile{1}; // without input

std::optional<bool> hintOf(const QVariantMap& properties, const QString& name) {
    const QVariant value = properties.value(name);
    return value.typeId() == QMetaType::Bool ? std::optional(value.toBool()) : std::nullopt;
}

} // namespace

PresenceWatch::PresenceWatch(QObject* parent) : QObject(parent) {
    QCoreApplication::instance()->installEventFilter(this);
}

bool PresenceWatch::eventFilter(QObject* object, QEvent* event) {
    // Only what the window system says: a program can send events to its own windows.
    const bool isInput = event->type() == QEvent::KeyPress || event->type() == QEvent::MouseButtonPress;
    if (isInput && event->spontaneous()) {
        const bool wasAway =
            !m_sinceInput.isValid() || m_sinceInput.hasExpired(std::chrono::milliseconds(kAWhile).count());
        m_sinceInput.start();
        if (wasAway) {
            Q_EMIT cameBack();
        }
    }
    return QObject::eventFilter(object, event);
}

void PresenceWatch::ask(Answer answer) {
    QDBusMessage call =
        QDBusMessage::createMethodCall(u"org.freedesktop.login1"_s, u"/org/freedesktop/login1/session/auto"_s,
                                       u"org.freedesktop.DBus.Properties"_s, u"GetAll"_s);
    call << u"org.freedesktop.login1.Session"_s;
    call.setAutoStartService(false);
    const auto limit = static_cast<int>(std::chrono::milliseconds(kAnswerLimit).count());
    auto* watcher = new QDBusPendingCallWatcher(QDBusConnection::systemBus().asyncCall(call, limit), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, answer = std::move(answer)] {
        watcher->deleteLater();
        model::Presence presence;
        if (m_sinceInput.isValid()) {
            presence.inputSecondsAgo = m_sinceInput.elapsed() / 1000;
        }
        const QDBusPendingReply<QVariantMap> reply = *watcher;
        if (!reply.isError()) {
            const QVariantMap session = reply.value();
            presence.isActive = hintOf(session, u"Active"_s);
            presence.isIdle = hintOf(session, u"IdleHint"_s);
            presence.isLocked = hintOf(session, u"LockedHint"_s);
        }
        answer(presence);
    });
}

} // namespace keybearer::tray
