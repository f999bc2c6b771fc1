#include "app/tray/single_instance.h"

#include "ipc/base/secure_dir.h"

#include <QLocalSocket>

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace keybearer::tray {
namespace {

constexpr int kPatience = 2000; // milliseconds
constexpr mode_t kPrivate = 0600;

} // namespace

SingleInstance::SingleInstance(const base::Paths& paths, QObject* parent) : QObject(parent) {
    if (const auto made = base::makePrivateDir(paths.runtimeDir); !made) {
        return; // the connection to the broker fails for the same reason, and says it
    }
    const QString socket = QString::fromStdString(paths.runtimeDir + "/tray.sock");
    m_lock = base::UniqueFd(
        ::open((paths.runtimeDir + "/tray.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kPrivate));
    if (m_lock && ::flock(m_lock.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        m_isFirst = false;
        QLocalSocket other;
        other.connectToServer(socket);
        other.waitForConnected(kPatience);
        return;
    }
    QLocalServer::removeServer(socket); // of one that was killed: we have its lock
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* other = m_server.nextPendingConnection()) {
            other->deleteLater();
        }
        Q_EMIT activated();
    });
    m_server.listen(socket);
}

} // namespace keybearer::tray
