#pragma once
/// \file
/// The broker's listening socket: bound by our own hand, because QLocalServer replaces whatever lies at the path.

#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <sys/types.h>

#include <string>

namespace keybearer::server {

/// Who can reach a socket through its file.
enum class Reachable {
    ByOwner,  ///< folder 0700, socket 0600
    ByAnyUser ///< socket 0666, in a folder of the owner's that nobody else can write to
};

/// A listening AF_UNIX socket. One that we bound is unlinked at the end; one that was handed to us is not.
class ListeningSocket {
public:
    /// Creates the socket at `path` (at most 107 bytes), and its folder where there is none. A socket file that nobody
    /// answers on is a leftover and is replaced; a live one, anything that is not a socket, and a folder that is more
    /// open than `reachable` says, is an error. Call only with the data folder's lock held. Errors are sentences.
    [[nodiscard]] static base::Result<ListeningSocket, std::string> bind(const std::string& path,
                                                                         Reachable reachable = Reachable::ByOwner);

    /// Takes over a listening socket from a service manager. Fails when it is not a listening AF_UNIX stream socket.
    [[nodiscard]] static base::Result<ListeningSocket, std::string> adopt(base::UniqueFd fd);

    ListeningSocket(const ListeningSocket&) = delete;
    ListeningSocket& operator=(const ListeningSocket&) = delete;
    ListeningSocket(ListeningSocket&&) noexcept = default;
    ListeningSocket& operator=(ListeningSocket&&) = delete;
    ~ListeningSocket();

    /// Removes the path, where what lies there is ours still, and then the socket: whoever connects from here on finds
    /// no broker, instead of one that is about to end.
    void close();

    [[nodiscard]] int descriptor() const noexcept { return m_fd.get(); }
    /// Where it is bound; empty for one that was handed to us without a place in a folder.
    [[nodiscard]] const std::string& path() const noexcept { return m_path; }

private:
    ListeningSocket(base::UniqueFd fd, std::string path, bool isOurs);

    base::UniqueFd m_fd;
    std::string m_path;
    bool m_isOurs;      ///< to unlink
    dev_t m_device = 0; ///< with the inode: the socket's file
    ino_t m_inode = 0;
};

} // namespace keybearer::server
