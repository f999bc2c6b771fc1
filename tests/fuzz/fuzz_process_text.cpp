/// \file
/// Any bytes as /proc/PID/stat, as a .flatpak-info and as label and cgroup of a process. Besides not crashing: what is
/// accepted is well-formed, and no error quotes what it was given.

#include "daemon/platform/proc_stat.h"
#include "daemon/platform/sandbox.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer::platform;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto stat = parseProcStat(text)) {
        require(stat->pid > 0 && stat->parent >= 0 && stat->comm.size() < size);
        require(stat->terminalMajor <= 0xFFF && stat->terminalMinor <= 0xFFFFF);
    }
    if (const auto application = flatpakApplication(text)) {
        require(!application->empty() && application->size() < size);
        require(std::ranges::count(*application, '.') >= 2 && application->find('/') == std::string::npos);
    } else {
        require(application.error().starts_with("its .flatpak-info cannot be believed: it ") &&
                application.error().size() < 120);
    }
    SandboxSigns signs;
    signs.sharesFiles = size % 2 == 0;
    signs.securityLabel = text;
    signs.cgroup = text;
    signs.executable = text;
    const auto sandbox = sandboxOf(signs);
    require(sandbox && sandbox->id.size() <= 128 && sandbox->kind != SandboxKind::Flatpak);
    require(sandbox->kind != SandboxKind::None || signs.sharesFiles);
    return 0;
}
