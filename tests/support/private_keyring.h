#pragma once
/// \file
/// A session bus and a gnome-keyring of the test's own: private home, private folders, no service activation.

#include <QProcess>
#include <QString>
#include <QTemporaryDir>

namespace keybearer::test {

/// Everything lives in one temporary folder and ends with the object. While it lives, the session bus variables of this
/// process point to the private bus.
class PrivateKeyring {
public:
    PrivateKeyring();
    ~PrivateKeyring();
    PrivateKeyring(const PrivateKeyring&) = delete;
    PrivateKeyring& operator=(const PrivateKeyring&) = delete;

    /// The bus starts at the same address each time.
    [[nodiscard]] bool startBus();
    void killBus();
    /// Ends the service and removes its keyrings.
    void reset();

    /// The service with its login keyring open; the first start creates that keyring.
    [[nodiscard]] bool startUnlocked();
    /// The service with the keyrings that are there, and nobody to ask for a password.
    [[nodiscard]] bool startLocked();
    /// Ends the service with SIGKILL and waits until its name is gone from the bus.
    void kill();
    void freeze();
    void thaw();

    [[nodiscard]] QString address() const;
    [[nodiscard]] QString keyringFolder() const;
    [[nodiscard]] bool serviceHasOwner() const;

private:
    [[nodiscard]] bool start(const QStringList& arguments, const QByteArray& standardInput);
    void signalService(int number);
    [[nodiscard]] QString path(const char* name) const;

    QTemporaryDir m_folder;
    QByteArray m_oldAddress;
    QByteArray m_oldRuntime;
    QProcess m_bus;
    QProcess m_service;
};

} // namespace keybearer::test
