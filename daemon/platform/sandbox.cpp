#include "daemon/platform/sandbox.h"

#include "ipc/base/ascii.h"

#include <algorithm>
#include <array>

namespace keybearer::platform {
namespace {

constexpr std::size_t kMaxAppId = 255;
constexpr std::size_t kMaxId = 128;
constexpr std::size_t kContainerIdDigits = 64;
constexpr std::size_t kShownContainerDigits = 12; // as the engines' own lists show it

/// As the first line of a text that ends at any of `ends`.
std::string_view upTo(std::string_view text, std::string_view ends) {
    return text.substr(0, text.find_first_of(ends));
}

/// D-Bus's rule for names, which flatpak's are: three parts or more, none that begins with a digit.
bool isApplicationId(std::string_view id) {
    if (id.empty() || id.size() > kMaxAppId || std::ranges::count(id, '.') < 2) {
        return false;
    }
    char previous = '.';
    for (const char c : id) {
        const bool fits = c == '.' ? previous != '.' : base::isAlnum(c) || c == '_' || c == '-';
        if (!fits || (previous == '.' && base::isDigit(c))) {
            return false;
        }
        previous = c;
    }
    return previous != '.';
}

bool isSnapName(std::string_view name) {
    return !name.empty() && name.size() <= kMaxId && name != "bin" && std::ranges::all_of(name, [](char c) {
        return (base::isAlnum(c) && !base::isUpper(c)) || c == '-' || c == '_';
    });
}

/// NAME of "snap.NAME.APP"; empty when it is none.
std::string snapOfLabel(std::string_view label) {
    constexpr std::string_view kPrefix = "snap.";
    if (!label.starts_with(kPrefix)) {
        return {};
    }
    label.remove_prefix(kPrefix.size());
    const std::size_t dot = label.find('.');
    return dot != std::string_view::npos && isSnapName(label.substr(0, dot)) ? std::string(label.substr(0, dot))
                                                                             : std::string();
}

std::string snapOfPath(std::string_view path) {
    for (const std::string_view top : {"/snap/", "/var/lib/snapd/snap/"}) {
        if (path.starts_with(top)) {
            const std::string_view name = upTo(path.substr(top.size()), "/");
            return isSnapName(name) ? std::string(name) : std::string();
        }
    }
    return {};
}

/// Calls `visit` with every folder of every line of /proc/PID/cgroup.
template<class Visit>
void eachFolder(std::string_view cgroup, Visit&& visit) {
    while (!cgroup.empty()) {
        const std::string_view folder = upTo(cgroup, "/\n");
        cgroup.remove_prefix(std::min(folder.size() + 1, cgroup.size()));
        visit(folder);
    }
}

std::string snapOfCgroup(std::string_view cgroup) {
    std::string found;
    eachFolder(cgroup, [&](std::string_view folder) {
        if (found.empty()) {
            found = snapOfLabel(folder);
        }
    });
    return found;
}

/// docker-<64 digits>.scope, /docker/<64 digits>, libpod-..., machine-NAME.scope, lxc.payload.NAME
std::string containerOfCgroup(std::string_view cgroup) {
    std::string found;
    eachFolder(cgroup, [&](std::string_view folder) {
        const bool isScope = folder.ends_with(".scope");
        const std::string_view name = isScope ? folder.substr(0, folder.size() - 6) : folder;
        const std::string_view last = name.substr(name.size() - std::min(name.size(), kContainerIdDigits));
        if (last.size() == kContainerIdDigits &&
            std::ranges::all_of(last, [](char c) { return base::isDigit(c) || (c >= 'a' && c <= 'f'); })) {
            found = last.substr(0, kShownContainerDigits);
            return;
        }
        for (const std::string_view prefix : {"machine-", "lxc.payload."}) {
            if (found.empty() && name.starts_with(prefix)) {
                found = name.substr(prefix.size(), kMaxId);
            }
        }
    });
    return found;
}

/// The runtime of an AppImage mounts it with FUSE on a fresh folder .mount_NAME of the folder for temporary files.
bool isInMountedImage(std::string_view path) {
    const std::size_t folder = path.find("/.mount_");
    return folder != std::string_view::npos && path.find('/', folder + 1) != std::string_view::npos;
}

std::string_view strippedLine(std::string_view line) {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
        line.remove_prefix(1);
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
        line.remove_suffix(1);
    }
    return line;
}

} // namespace

base::Result<std::string, std::string> flatpakApplication(std::string_view info) {
    const auto wrong = [](const char* what) {
        return base::fail("its .flatpak-info cannot be believed: it " + std::string(what));
    };
    if (info.size() > kMaxFlatpakInfoBytes) {
        return wrong("is larger than 64 KiB");
    }
    if (info.find('\0') != std::string_view::npos) {
        return wrong("is no text");
    }
    int groups = 0;
    bool isInside = false;
    std::optional<std::string_view> name;
    while (!info.empty()) {
        const std::string_view raw = upTo(info, "\n");
        info.remove_prefix(std::min(raw.size() + 1, info.size()));
        const std::string_view line = strippedLine(raw);
        if (line.empty() || line.front() == '#') {
            continue;
        }
        if (line.front() == '[') {
            if (line.back() != ']') {
                return wrong("has a group without ]");
            }
            isInside = line == "[Application]";
            groups += isInside ? 1 : 0;
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            return wrong("has a line that is neither [GROUP] nor KEY=VALUE");
        }
        if (isInside && strippedLine(line.substr(0, equals)) == "name") {
            if (name) {
                return wrong("names two applications");
            }
            name = strippedLine(line.substr(equals + 1));
        }
    }
    if (groups > 1) {
        return wrong("describes two applications");
    }
    if (!name) {
        return wrong("names no application");
    }
    if (!isApplicationId(*name)) {
        return wrong("names an application in a way that flatpak does not");
    }
    return std::string(*name);
}

base::Result<Sandbox, std::string> sandboxOf(const SandboxSigns& signs) {
    const bool shares = signs.sharesFiles && signs.sharesProcesses;
    if (!signs.sharesFiles && signs.flatpakInfo) { // with our own files it is ours, or nobody's
        auto application = flatpakApplication(*signs.flatpakInfo);
        if (!application) {
            return base::fail(std::move(application.error()));
        }
        return Sandbox{SandboxKind::Flatpak, std::move(*application)};
    }
    std::string snap = snapOfLabel(signs.securityLabel);
    if (snap.empty()) {
        snap = snapOfPath(signs.executable);
    }
    if (snap.empty() && !signs.sharesFiles) {
        // A name in the tree of cgroups is anybody's to choose; a snap's own mount namespace goes with it.
        snap = snapOfCgroup(signs.cgroup);
    }
    if (!snap.empty()) {
        return Sandbox{SandboxKind::Snap, std::move(snap)};
    }
    if (!shares) {
        return Sandbox{SandboxKind::Container, containerOfCgroup(signs.cgroup)};
    }
    if (signs.executableOnFuse && isInMountedImage(signs.executable)) {
        return Sandbox{SandboxKind::AppImage, signs.appImage.starts_with('/') ? signs.appImage : std::string()};
    }
    return Sandbox{};
}

} // namespace keybearer::platform
