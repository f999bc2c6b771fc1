#pragma once
/// \file
/// What `keybearer forward` asks of the broker, of ssh(1) and of the other machine. Pure.

#include "ipc/client/client.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::cli {

struct ForwardOptions {
    std::string host;
    std::string container;
    std::vector<std::string> accounts;
    std::vector<std::string> providers; ///< PROVIDER or PROVIDER/NAME
    std::vector<std::string> scopes;    ///< of the accounts' tokens; empty: all
    std::string lifetime;
    std::vector<std::string> sshOptions; ///< as ssh(1) takes them behind -o
};

/// The scopes of forward.begin. The error is a usage error.
[[nodiscard]] client::Result<std::vector<std::string>> forwardedScopes(const ForwardOptions& options);

/// An ssh(1) destination: visible ASCII, and nothing that a program could take for an option.
[[nodiscard]] bool isDestination(std::string_view host);

/// Paths of one connection on this machine.
struct SshPaths {
    std::string control; ///< of the master's socket
    std::string socket;  ///< the broker's, for this session
};

/// The connection that carries everything. What it runs over there makes a folder, puts the first line of its standard
/// input, the key, into a file in it, says where that is, and removes it when its input ends.
[[nodiscard]] std::vector<std::string> masterCommand(const ForwardOptions& options, const SshPaths& paths);
/// Has it listen on `folder`/broker.sock over there.
[[nodiscard]] std::vector<std::string> listenCommand(const ForwardOptions& options, const SshPaths& paths,
                                                     const std::string& folder);
/// Runs `command` over there, or a login shell where it is empty. Each word arrives as it is.
[[nodiscard]] std::vector<std::string> runCommand(const ForwardOptions& options, const SshPaths& paths,
                                                  const std::string& folder, const std::vector<std::string>& command,
                                                  bool withTerminal);

/// The folder, when this line of the other machine names it. It is another machine's word: only what can be part of a
/// command and of a path, as it is, is taken.
[[nodiscard]] std::optional<std::string> remoteFolderIn(std::string_view line);

/// The environment that ssh gets: ours without Keybearer's own variables.
[[nodiscard]] std::vector<std::string> environmentForSsh(const char* const* environment);

} // namespace keybearer::cli
