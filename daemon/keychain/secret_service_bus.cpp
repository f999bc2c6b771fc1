#include "daemon/keychain/secret_service_bus.h"

#include "daemon/keychain/libsecret_session.h"
#include "ipc/base/text.h"

#include <QCoroDBusPendingCall>
#include <QDBusError>
#include <QDBusMetaType>
#include <QDBusObjectPath>
#include <QDBusPendingCall>
#include <QDBusServiceWatcher>
#include <QDBusVariant>
#include <QFile>
#include <QMap>

#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace keybearer::keychain {
namespace {

using Attributes = QMap<QString, QString>;

constexpr auto kService = "org.freedesktop.secrets";
constexpr auto kServicePath = "/org/freedesktop/secrets";
constexpr auto kDefaultPath = "/org/freedesktop/secrets/aliases/default";

QString latin(const char* text) {
    return QString::fromLatin1(text);
}

QDBusMessage questionTo(const char* path, const char* interface, const char* method) {
    return QDBusMessage::createMethodCall(latin(kService), latin(path), latin(interface), latin(method));
}

Collection fromError(const QDBusMessage& reply) {
    switch (QDBusError(reply).type()) {
    case QDBusError::UnknownObject:
    case QDBusError::UnknownMethod:
    case QDBusError::UnknownInterface:
    case QDBusError::UnknownProperty:
    case QDBusError::InvalidObjectPath: return Collection::Missing;
    case QDBusError::NoReply:
    case QDBusError::Timeout:
    case QDBusError::TimedOut: return Collection::Silent;
    case QDBusError::ServiceUnknown:
    case QDBusError::Disconnected: return Collection::NoService;
    default: break;
    }
    if (reply.errorName() == latin("org.freedesktop.Secret.Error.NoSuchObject")) {
        return Collection::Missing;
    }
    qWarning("the keyring service cannot say whether it is locked: %s",
             base::printable(reply.errorName().toStdString()).c_str());
    return Collection::NoService;
}

} // namespace

QString sessionBusAddress() {
    if (const QByteArray address = qgetenv("DBUS_SESSION_BUS_ADDRESS"); !address.isEmpty()) {
        return QString::fromLocal8Bit(address);
    }
    const QByteArray socket = qgetenv("XDG_RUNTIME_DIR") + "/bus";
    struct stat info {};
    const bool ours = ::stat(socket.constData(), &info) == 0 && S_ISSOCK(info.st_mode) && info.st_uid == ::geteuid();
    return ours ? latin("unix:path=") + QString::fromLocal8Bit(socket) : QString();
}

SecretServiceBus::SecretServiceBus(std::function<void()> onGone)
    : m_connection(QString()), m_onGone(std::move(onGone)) {
    static int count = 0;
    m_name = QStringLiteral("keybearer-keychain-%1").arg(++count);
    qDBusRegisterMetaType<Attributes>();
}

SecretServiceBus::~SecretServiceBus() {
    QDBusConnection::disconnectFromBus(m_name);
}

bool SecretServiceBus::connect() {
    const QString address = sessionBusAddress();
    if (address.isEmpty()) {
        return false;
    }
    if (m_connection.isConnected()) {
        return true;
    }
    if (m_watcher) {
        m_watcher.reset();
        m_onGone();
    }
    QDBusConnection::disconnectFromBus(m_name);
    m_connection = QDBusConnection::connectToBus(address, m_name);
    if (!m_connection.isConnected()) {
        return false;
    }
    m_watcher =
        std::make_unique<QDBusServiceWatcher>(latin(kService), m_connection, QDBusServiceWatcher::WatchForOwnerChange);
    QObject::connect(m_watcher.get(), &QDBusServiceWatcher::serviceOwnerChanged, m_watcher.get(),
                     [this](const QString& /*service*/, const QString& oldOwner) {
                         renewLibsecretSession();
                         if (!oldOwner.isEmpty()) {
                             m_onGone();
                         }
                     });
    renewLibsecretSession();
    return true;
}

QCoro::Task<Collection> SecretServiceBus::defaultCollection(std::chrono::milliseconds timeout) {
    if (!connect()) {
        co_return Collection::NoService;
    }
    QDBusMessage question = questionTo(kDefaultPath, "org.freedesktop.DBus.Properties", "Get");
    question << QStringLiteral("org.freedesktop.Secret.Collection") << QStringLiteral("Locked");
    const QDBusPendingCall call = m_connection.asyncCall(question, static_cast<int>(timeout.count()));
    const QDBusMessage reply = co_await call;
    if (reply.type() == QDBusMessage::ErrorMessage) {
        co_return fromError(reply);
    }
    const QVariant value = reply.arguments().value(0).value<QDBusVariant>().variant();
    // A service that answers something else than a truth value is not one to store secrets in.
    if (value.typeId() != QMetaType::Bool) {
        co_return Collection::NoService;
    }
    co_return value.toBool() ? Collection::Locked : Collection::Unlocked;
}

QCoro::Task<Collection> SecretServiceBus::lockDefault(std::chrono::milliseconds timeout) {
    if (!connect()) {
        co_return Collection::NoService;
    }
    // By its own path: gnome-keyring does not lock an alias.
    QDBusMessage question = questionTo(kServicePath, "org.freedesktop.Secret.Service", "ReadAlias");
    question << latin("default");
    const QDBusPendingCall call = m_connection.asyncCall(question, static_cast<int>(timeout.count()));
    const QDBusMessage reply = co_await call;
    if (reply.type() == QDBusMessage::ErrorMessage) {
        co_return fromError(reply);
    }
    const auto path = reply.arguments().value(0).value<QDBusObjectPath>();
    if (path.path().size() < 2) { // "/": there is none
        co_return Collection::Missing;
    }
    QDBusMessage order = questionTo(kServicePath, "org.freedesktop.Secret.Service", "Lock");
    order << QVariant::fromValue(QList<QDBusObjectPath>{path});
    const QDBusPendingCall locking = m_connection.asyncCall(order, static_cast<int>(timeout.count()));
    const QDBusMessage locked = co_await locking;
    if (locked.type() == QDBusMessage::ErrorMessage) {
        co_return fromError(locked);
    }
    co_return co_await defaultCollection(timeout);
}

QCoro::Task<bool> SecretServiceBus::hasLockedItem(QString service, QString key, std::chrono::milliseconds timeout) {
    if (!connect()) {
        co_return false;
    }
    // The attribute names are QtKeychain's.
    const Attributes attributes{{QStringLiteral("server"), service}, {QStringLiteral("user"), key}};
    QDBusMessage question = questionTo(kServicePath, "org.freedesktop.Secret.Service", "SearchItems");
    question << QVariant::fromValue(attributes);
    const QDBusPendingCall call = m_connection.asyncCall(question, static_cast<int>(timeout.count()));
    const QDBusMessage reply = co_await call;
    const QVariantList answer = reply.arguments();
    co_return reply.type() == QDBusMessage::ReplyMessage&& answer.size() == 2 &&
        !qdbus_cast<QList<QDBusObjectPath>>(answer.at(1)).isEmpty();
}

QCoro::Task<bool> SecretServiceBus::hasPrompter(std::chrono::milliseconds timeout) {
    if (!connect()) {
        co_return false;
    }
    QDBusMessage question =
        QDBusMessage::createMethodCall(latin("org.freedesktop.DBus"), latin("/org/freedesktop/DBus"),
                                       latin("org.freedesktop.DBus"), latin("NameHasOwner"));
    question << latin("org.gnome.keyring.SystemPrompter");
    const QDBusPendingCall call = m_connection.asyncCall(question, static_cast<int>(timeout.count()));
    const QDBusMessage reply = co_await call;
    co_return reply.type() == QDBusMessage::ReplyMessage&& reply.arguments().value(0).toBool();
}

} // namespace keybearer::keychain
