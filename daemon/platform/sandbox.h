#pragma once
/// \file
/// What a process is shut in, told from what the kernel shows of it. Pure, fuzzed.

#include "ipc/base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::platform {

inline constexpr std::size_t kMaxFlatpakInfoBytes = 64 * 1024;

enum class SandboxKind {
    None,
    Flatpak,   ///< id: the application's, as org.example.App
    Snap,      ///< id: the snap's name, with its instance key if it has one
    AppImage,  ///< id: path of the image by the program's own word; empty when it says none
    Container, ///< another view of files or processes than ours; id: the engine's for it, or empty
};

/// The id is for people. A program that is in no sandbox can build itself one that looks like another's: whoever may
/// create namespaces writes the .flatpak-info in them. Only the executable's hash says what runs.
struct Sandbox {
    SandboxKind kind = SandboxKind::None;
    std::string id;

    friend bool operator==(const Sandbox&, const Sandbox&) = default;
};

/// What was read of one process.
struct SandboxSigns {
    bool sharesFiles = true;     ///< our mount namespace and our root folder
    bool sharesProcesses = true; ///< our process namespace
    std::string executable;      ///< path
    bool executableOnFuse = false;
    std::optional<std::string> flatpakInfo; ///< content of its /.flatpak-info
    std::string securityLabel;              ///< /proc/PID/attr/current
    std::string cgroup;                     ///< /proc/PID/cgroup
    std::string appImage;                   ///< its variable APPIMAGE
};

/// The error is a sentence: what the process is in says something that cannot be.
[[nodiscard]] base::Result<Sandbox, std::string> sandboxOf(const SandboxSigns& signs);

/// The application's id in a .flatpak-info (flatpak-metadata(5)). The error is a sentence without any of the content.
[[nodiscard]] base::Result<std::string, std::string> flatpakApplication(std::string_view info);

} // namespace keybearer::platform
