#include "app/cli/forward_plan.h"

#include "app/cli/failure.h"
#include "ipc/base/ascii.h"

#include <algorithm>

namespace keybearer::cli {
namespace {

constexpr std::string_view kMarker = "keybearer-forward ";
constexpr std::size_t kMaxDestination = 255;
/// The longest path of a socket is 107 bytes, and "/broker.sock" comes behind it.
constexpr std::size_t kMaxFolder = 95;
constexpr std::string_view kOwnVariables = "KEYBEARER_";

/// Makes a private folder, puts the line that it reads into a file there, says where it is, and takes the folder away
/// when its input ends. On one line and without a single quote or a backslash: whatever shell a person has over there
/// reads it first. As an argument, since not every sh leaves the rest of its script's input to the script.
constexpr std::string_view kRemoteScript =
    R"(umask 077; for p in "$XDG_RUNTIME_DIR" "$TMPDIR" /tmp; do d=; )"
    R"(if [ -n "$p" ] && d=$(mktemp -d "$p/keybearer.XXXXXXXX" 2>/dev/null); then break; fi; done; )"
    R"([ -n "$d" ] || { echo "keybearer: no private folder can be made there" >&2; exit 1; }; )"
    R"(leave() { rm -rf "$d"; }; trap leave EXIT; trap "exit 0" HUP INT TERM PIPE; )"
    R"(IFS= read -r k && echo "$k" >"$d/key" && k= && echo "keybearer-forward $d" && )"
    R"(while IFS= read -r k; do :; done; exit 0)";

/// ssh replaces what stands behind a percent sign in paths.
std::string withoutTokens(std::string_view path) {
    std::string out;
    for (const char c : path) {
        out.append(c == '%' ? 2 : 1, c);
    }
    return out;
}

/// A part of -R.
std::string forwardPart(std::string_view path) {
    std::string out;
    for (const char c : withoutTokens(path)) {
        if (c == ':' || c == '\\') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    return out;
}

/// One word, whatever shell reads it.
std::string quotedWord(std::string_view word) {
    std::string out = "'";
    for (const char c : word) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

/// What every ssh of the session begins with. The first value of an option counts, so ours stand before the person's.
std::vector<std::string> sshCommand(const ForwardOptions& options, const SshPaths& paths,
                                    std::initializer_list<const char*> own) {
    std::vector<std::string> command{"ssh", "-S", withoutTokens(paths.control), "-oControlPersist=no",
                                     "-oRemoteCommand=none"};
    command.insert(command.end(), own.begin(), own.end());
    for (const std::string& option : options.sshOptions) {
        command.push_back("-o" + option);
    }
    return command;
}

void addDestination(std::vector<std::string>& command, const std::string& host) {
    command.emplace_back("--");
    command.push_back(host);
}

} // namespace

client::Result<std::vector<std::string>> forwardedScopes(const ForwardOptions& options) {
    if (options.accounts.empty() && options.providers.empty()) {
        return base::fail(usageError("say what is forwarded: -a ACCOUNT, or -p PROVIDER for its key"));
    }
    if (!options.scopes.empty() && options.accounts.empty()) {
        return base::fail(usageError("--scope goes with -a ACCOUNT"));
    }
    std::vector<std::string> scopes;
    for (const std::string& account : options.accounts) {
        std::string scope = "account:" + account;
        for (const std::string& one : options.scopes) {
            scope += " scope=" + one;
        }
        scopes.push_back(std::move(scope));
    }
    for (const std::string& provider : options.providers) {
        scopes.push_back(provider.find('/') == std::string::npos ? provider + "/default" : provider);
    }
    return scopes;
}

bool isDestination(std::string_view host) {
    return !host.empty() && host.size() <= kMaxDestination && host.front() != '-' &&
           std::ranges::all_of(host, base::isVisible);
}

std::vector<std::string> masterCommand(const ForwardOptions& options, const SshPaths& paths) {
    auto command = sshCommand(options, paths, {"-oControlMaster=yes", "-oExitOnForwardFailure=yes", "-T"});
    addDestination(command, options.host);
    command.push_back("exec sh -c '" + std::string(kRemoteScript) + "'");
    return command;
}

std::vector<std::string> listenCommand(const ForwardOptions& options, const SshPaths& paths,
                                       const std::string& folder) {
    auto command = sshCommand(options, paths, {"-oControlMaster=no"});
    command.insert(command.end(), {"-O", "forward", "-R", folder + "/broker.sock:" + forwardPart(paths.socket)});
    addDestination(command, options.host);
    return command;
}

std::vector<std::string> runCommand(const ForwardOptions& options, const SshPaths& paths, const std::string& folder,
                                    const std::vector<std::string>& words, bool withTerminal) {
    // Where the master has gone there is no second connection: it would have no socket.
    auto command =
        sshCommand(options, paths, {"-oControlMaster=no", "-oProxyCommand=false", withTerminal ? "-t" : "-T"});
    addDestination(command, options.host);
    std::string line = "exec env KEYBEARER_SOCKET=" + folder + "/broker.sock KEYBEARER_CLIENT_KEY_FILE=" + folder +
                       "/key KEYBEARER_CLIENT_KEY=";
    if (words.empty()) {
        line += R"( sh -c 'exec "${SHELL:-/bin/sh}" -l')";
    }
    for (const std::string& word : words) {
        line += " " + quotedWord(word);
    }
    command.push_back(std::move(line));
    return command;
}

std::optional<std::string> remoteFolderIn(std::string_view line) {
    if (!line.starts_with(kMarker)) {
        return std::nullopt;
    }
    const std::string_view folder = line.substr(kMarker.size());
    const auto isPlain = [](char c) {
        return base::isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '.' ||
               c == '_' || c == '-';
    };
    const bool isUsable =
        folder.starts_with('/') && folder.size() <= kMaxFolder && std::ranges::all_of(folder, isPlain);
    return isUsable ? std::optional(std::string(folder)) : std::nullopt;
}

std::vector<std::string> environmentForSsh(const char* const* environment) {
    std::vector<std::string> kept;
    for (const char* const* entry = environment; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with(kOwnVariables)) {
            kept.emplace_back(*entry);
        }
    }
    return kept;
}

} // namespace keybearer::cli
