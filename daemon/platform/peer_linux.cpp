#include "daemon/platform/peer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <climits>

namespace keybearer::platform {

std::optional<Peer> peerOf(int socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
        return std::nullopt;
    }
    Peer peer{credentials.uid, credentials.pid, {}};
    const std::string link = "/proc/" + std::to_string(peer.pid) + "/exe";
    char target[PATH_MAX];
    // A program that made itself undumpable cannot be looked at: then the record says so by an empty path.
    const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
    if (length > 0) {
        peer.exe.assign(target, static_cast<std::size_t>(length));
    }
    return peer;
}

} // namespace keybearer::platform
