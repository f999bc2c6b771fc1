#pragma once
/// \file
/// A program as decisions and grants see it. Values only.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::access {

/// What kind of thing acts.
enum class ClientKind {
    Unknown,     ///< it could not be told who it is
    Program,     ///< an executable of its own
    Script,      ///< a file that an interpreter runs
    Interpreter, ///< an interpreter without a file: whatever it was told to do
    Terminal,    ///< a person's interactive shell
    Window,      ///< this installation's own window, which a person clicks
    Sandboxed,   ///< an application that a sandbox names (Flatpak, Snap)
    Container,   ///< in other namespaces: what it says of itself proves nothing
};
[[nodiscard]] std::string_view toString(ClientKind kind);
[[nodiscard]] ClientKind clientKindOf(std::string_view name);

/// Somebody in the line from the client up to the session, for people to read.
struct Ancestor {
    std::int32_t pid = 0;
    std::string name;
};

struct Client {
    ClientKind kind = ClientKind::Unknown;
    std::int32_t pid = 0;
    std::string name;             ///< for people
    std::string path;             ///< of the executable or the script; the application's name for a sandboxed one
    std::string digest;           ///< lower-case hex SHA-256 of the file at `path`; empty where there is none
    bool isRootOwned = false;     ///< only root can change the file or any folder above it
    bool isWeak = false;          ///< the kernel could not say for certain which process it is
    bool isFrontEnd = false;      ///< it is, or speaks through, a program of this installation
    bool isOtherFrontEnd = false; ///< Unknown: another program than at the broker's start lies where a front end lay
    std::string session;          ///< a life of the process, or a terminal session; never used again
    std::vector<Ancestor> ancestors;
    std::string problem; ///< why the kind is Unknown

    /// Whether a permission can outlive this run of it: what it is can be told again.
    [[nodiscard]] bool isRecognizable() const noexcept {
        return kind == ClientKind::Program || kind == ClientKind::Script || kind == ClientKind::Terminal ||
               kind == ClientKind::Sandboxed;
    }
};

} // namespace keybearer::access
