#include "ipc/server/listening_socket.h"

#include "ipc/base/secure_dir.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace keybearer::server {
namespace {

std::string systemError(const std::string& what) {
    return what + ": " + std::strerror(errno);
}

base::Result<sockaddr_un, std::string> addressOf(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return base::fail("the socket path is " + std::to_string(path.size()) + " bytes long and the system allows " +
                          std::to_string(sizeof address.sun_path - 1) + "; set KEYBEARER_SOCKET to a shorter one");
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

/// Makes room at the path, or says why it must not.
base::Result<void, std::string> removeLeftover(const std::string& path, const sockaddr_un& address) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        return errno == ENOENT ? base::Result<void, std::string>() : base::fail(systemError(path));
    }
    if (!S_ISSOCK(info.st_mode)) {
        return base::fail(path + " exists and is not a socket; move it away");
    }
    const base::UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const bool answered = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (answered || errno != ECONNREFUSED) {
        return base::fail("another broker serves " + path);
    }
    if (::unlink(path.c_str()) != 0) {
        return base::fail(systemError("cannot remove the old socket " + path));
    }
    return {};
}

/// A folder that others may pass through to the socket, and change nothing in.
base::Result<void, std::string> makePassableDir(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) {
        ::chmod(path.c_str(), 0711); // whatever the umask says
    } else if (errno != EEXIST) {
        return base::fail(systemError("cannot create the folder " + path));
    }
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        return base::fail(systemError(path));
    }
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 022U) != 0) {
        return base::fail(path + " must be a folder of yours that nobody else can write to, as it holds the socket; " +
                          "run: chmod go-w " + path);
    }
    return {};
}

} // namespace

base::Result<ListeningSocket, std::string> ListeningSocket::bind(const std::string& path, Reachable reachable) {
    const auto address = addressOf(path);
    if (!address) {
        return base::fail(address.error());
    }
    const std::string above = path.substr(0, path.rfind('/'));
    const std::string folder = above.empty() ? "/" : above;
    const bool isOwners = reachable == Reachable::ByOwner;
    if (const auto made = isOwners ? base::makePrivateDir(folder) : makePassableDir(folder); !made) {
        return base::fail(made.error());
    }
    if (const auto free = removeLeftover(path, *address); !free) {
        return base::fail(free.error());
    }
    base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) {
        return base::fail(systemError("cannot create a socket"));
    }
    const mode_t before = ::umask(isOwners ? 0177 : 0111);
    const bool bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0;
    ::umask(before);
    if (!bound || ::listen(fd.get(), SOMAXCONN) != 0) {
        return base::fail(systemError("cannot listen on " + path));
    }
    return ListeningSocket(std::move(fd), path, true);
}

base::Result<ListeningSocket, std::string> ListeningSocket::adopt(base::UniqueFd fd) {
    int listening = 0;
    sockaddr_un name{};
    socklen_t size = sizeof listening;
    socklen_t nameSize = sizeof name;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0 ||
        ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &nameSize) != 0 || name.sun_family != AF_UNIX) {
        return base::fail(
            std::string("the service manager handed over something that is not a listening local socket"));
    }
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    // An abstract name begins with a zero.
    const bool hasPlace = name.sun_path[0] == '/';
    return ListeningSocket(
        std::move(fd),
        hasPlace ? std::string(name.sun_path, ::strnlen(name.sun_path, sizeof name.sun_path)) : std::string(), false);
}

ListeningSocket::ListeningSocket(base::UniqueFd fd, std::string path, bool isOurs)
    : m_fd(std::move(fd)), m_path(std::move(path)), m_isOurs(isOurs) {
    struct stat info {};
    if (m_isOurs && ::lstat(m_path.c_str(), &info) == 0) {
        m_device = info.st_dev;
        m_inode = info.st_ino;
    }
}

ListeningSocket::~ListeningSocket() {
    close();
}

void ListeningSocket::close() {
    struct stat info {};
    if (m_fd && m_isOurs && ::lstat(m_path.c_str(), &info) == 0 && info.st_dev == m_device && info.st_ino == m_inode) {
        ::unlink(m_path.c_str());
    }
    m_fd.reset();
}

} // namespace keybearer::server
