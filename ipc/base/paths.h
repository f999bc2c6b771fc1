#pragma once
/// \file
/// Where everything lives. One rule, shared by the broker and by every client in every language (ipc/PROTOCOL.md).

#include "ipc/base/result.h"

#include <functional>
#include <optional>
#include <string>

namespace keybearer::base {

/// All paths are absolute. Nothing is created here.
struct Paths {
    std::string config;     ///< folder of config.toml and providers.d/
    std::string data;       ///< folder of the account list, the file keychain and the broker's lock
    std::string state;      ///< folder of the audit record and the broker's log
    std::string runtimeDir; ///< folder of the socket; 0700, ours
    std::string socket;     ///< the broker's socket
};

/// Looks up an environment variable; nullopt when unset. An empty value counts as unset (XDG Base Directory, 0.8).
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
[[nodiscard]] Environment processEnvironment();

/// Applies the rule. `uid` is the effective user id; `runUserExists` says whether /run/user/UID is a directory of that
/// user. The socket is the first of
///   1. $KEYBEARER_SOCKET
///   2. $KEYBEARER_HOME/run/broker.sock
///   3. $XDG_RUNTIME_DIR/keybearer/broker.sock
///   4. /run/user/UID/keybearer/broker.sock, where that directory exists
///   5. $HOME/.local/state/keybearer/run/broker.sock
/// Fails with a sentence for the person when a variable holds a relative path, when there is no home folder, or when
/// the socket path is longer than the 107 bytes that sockaddr_un holds.
[[nodiscard]] Result<Paths, std::string> resolvePaths(const Environment& environment, unsigned uid, bool runUserExists);

/// resolvePaths() for this process.
[[nodiscard]] Result<Paths, std::string> currentPaths();

} // namespace keybearer::base
