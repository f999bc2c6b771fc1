#pragma once
/// \file
/// What the Secret Service says about itself over D-Bus: the questions that QtKeychain cannot ask.
/// https://specifications.freedesktop.org/secret-service-spec/0.2/

#include <QCoroTask>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QString>

#include <chrono>
#include <functional>
#include <memory>

class QDBusServiceWatcher;

namespace keybearer::keychain {

/// What became of the default collection, where items are stored.
enum class Collection {
    Unlocked,
    Locked,
    Missing,   ///< the service runs and has no default collection
    NoService, ///< nobody owns org.freedesktop.secrets and nobody can be started for it, or there is no bus
    Silent,    ///< no answer within the timeout
};

/// The address of the session bus that this process was told of: the variable, or the socket in XDG_RUNTIME_DIR; empty
/// without. Asked before everything else: without an address, D-Bus libraries start a bus of their own, and a keyring
/// on it is nobody's.
[[nodiscard]] QString sessionBusAddress();

/// A connection of our own, made at the first question and made again after the bus was lost. When the service comes,
/// goes or is another one, libsecret is made to forget its session.
class SecretServiceBus {
public:
    /// `onGone` is called when the service that answered so far went away: what it was asked will not be answered.
    explicit SecretServiceBus(std::function<void()> onGone);
    ~SecretServiceBus();
    SecretServiceBus(const SecretServiceBus&) = delete;
    SecretServiceBus& operator=(const SecretServiceBus&) = delete;

    /// False when there is no bus.
    bool connect();
    [[nodiscard]] QCoro::Task<Collection> defaultCollection(std::chrono::milliseconds timeout);
    /// Locks the collection that is the default, and says what it is then.
    [[nodiscard]] QCoro::Task<Collection> lockDefault(std::chrono::milliseconds timeout);
    /// True when an item with these attributes lies in any locked collection. False also when nobody answers.
    [[nodiscard]] QCoro::Task<bool> hasLockedItem(QString service, QString key, std::chrono::milliseconds timeout);
    /// True when a password prompt of gnome-keyring runs: then it was shown, and not answered with the password.
    [[nodiscard]] QCoro::Task<bool> hasPrompter(std::chrono::milliseconds timeout);

private:
    QString m_name;
    QDBusConnection m_connection;
    std::unique_ptr<QDBusServiceWatcher> m_watcher;
    std::function<void()> m_onGone;
};

} // namespace keybearer::keychain
