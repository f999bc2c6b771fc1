#include "tests/support/private_keyring.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDir>
#include <QFile>
#include <QScopeGuard>
#include <QTest>

#include <csignal>

namespace keybearer::test {
namespace {

constexpr int kPatienceMs = 10'000;
const QString kProbe = QStringLiteral("keybearer-test-probe");

constexpr auto kBusConfiguration = R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%1</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
)";

} // namespace

PrivateKeyring::PrivateKeyring()
    : m_oldAddress(qgetenv("DBUS_SESSION_BUS_ADDRESS")), m_oldRuntime(qgetenv("XDG_RUNTIME_DIR")) {
    for (const char* name : {"home", "run", "data", "data/keyrings", "config", "cache"}) {
        QDir().mkpath(path(name));
        QFile::setPermissions(path(name), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    qputenv("DBUS_SESSION_BUS_ADDRESS", address().toLocal8Bit());
    qputenv("XDG_RUNTIME_DIR", path("run").toLocal8Bit());
}

PrivateKeyring::~PrivateKeyring() {
    kill();
    killBus();
    qputenv("DBUS_SESSION_BUS_ADDRESS", m_oldAddress);
    qputenv("XDG_RUNTIME_DIR", m_oldRuntime);
}

QString PrivateKeyring::path(const char* name) const {
    return m_folder.filePath(QString::fromLatin1(name));
}

QString PrivateKeyring::address() const {
    return QStringLiteral("unix:path=") + path("run/private-bus");
}

QString PrivateKeyring::keyringFolder() const {
    return path("data/keyrings");
}

bool PrivateKeyring::startBus() {
    QFile configuration(path("bus.conf"));
    if (!configuration.open(QIODevice::WriteOnly)) {
        return false;
    }
    configuration.write(QString::fromLatin1(kBusConfiguration).arg(path("run/private-bus")).toUtf8());
    configuration.close();
    QFile::remove(path("run/private-bus"));
    m_bus.setStandardErrorFile(path("bus.err"));
    m_bus.start(QStringLiteral("dbus-daemon"),
                {QStringLiteral("--nofork"), QStringLiteral("--nopidfile"), QStringLiteral("--print-address"),
                 QStringLiteral("--config-file=") + configuration.fileName()});
    // It prints its address once it listens.
    return m_bus.waitForStarted(kPatienceMs) && m_bus.waitForReadyRead(kPatienceMs);
}

void PrivateKeyring::killBus() {
    if (m_bus.state() != QProcess::NotRunning) {
        m_bus.kill();
        m_bus.waitForFinished(kPatienceMs);
    }
}

bool PrivateKeyring::startUnlocked() {
    return start({QStringLiteral("--unlock")}, "a password");
}

bool PrivateKeyring::startLocked() {
    return start({QStringLiteral("--start")}, {});
}

bool PrivateKeyring::start(const QStringList& arguments, const QByteArray& standardInput) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("HOME"), path("home"));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), path("data"));
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), path("config"));
    environment.insert(QStringLiteral("XDG_CACHE_HOME"), path("cache"));
    environment.remove(QStringLiteral("GNOME_KEYRING_CONTROL"));
    m_service.setProcessEnvironment(environment);
    m_service.setStandardErrorFile(path("service.err"), QIODevice::Append);
    m_service.setStandardOutputFile(QProcess::nullDevice());
    m_service.start(QStringLiteral("gnome-keyring-daemon"),
                    arguments + QStringList{QStringLiteral("--foreground"), QStringLiteral("--components=secrets")});
    if (!m_service.waitForStarted(kPatienceMs)) {
        return false;
    }
    m_service.write(standardInput);
    m_service.closeWriteChannel();
    return QTest::qWaitFor([this] { return serviceHasOwner(); }, kPatienceMs);
}

bool PrivateKeyring::serviceHasOwner() const {
    // A named connection is kept by Qt even when it is dead.
    const auto forget = qScopeGuard([] { QDBusConnection::disconnectFromBus(kProbe); });
    const QDBusConnection probe = QDBusConnection::connectToBus(address(), kProbe);
    return probe.isConnected() && probe.interface()->isServiceRegistered(QStringLiteral("org.freedesktop.secrets"));
}

void PrivateKeyring::kill() {
    if (m_service.state() != QProcess::NotRunning) {
        m_service.kill();
        m_service.waitForFinished(kPatienceMs);
        (void)QTest::qWaitFor([this] { return !serviceHasOwner(); }, kPatienceMs);
    }
}

void PrivateKeyring::reset() {
    thaw();
    kill();
    QDir(keyringFolder()).removeRecursively();
    QDir().mkpath(keyringFolder());
}

void PrivateKeyring::freeze() {
    signalService(SIGSTOP);
}

void PrivateKeyring::thaw() {
    signalService(SIGCONT);
}

void PrivateKeyring::signalService(int number) {
    // processId() is 0 when it does not run, and kill(0) would reach our own process group.
    if (const qint64 pid = m_service.processId(); pid > 0) {
        ::kill(static_cast<pid_t>(pid), number);
    }
}

} // namespace keybearer::test
