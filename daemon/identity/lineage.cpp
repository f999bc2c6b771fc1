#include "daemon/identity/lineage.h"

#include <algorithm>
#include <array>

namespace keybearer::identity {
namespace {

constexpr std::array<std::string_view, 2> kCommandRunners{"time", "timeout"};

constexpr std::array<std::string_view, 14> kReapers{"systemd",
                                                    "init",
                                                    "openrc-init",
                                                    "runit",
                                                    "runsvdir",
                                                    "s6-svscan",
                                                    "dinit",
                                                    "tini",
                                                    "tini-static",
                                                    "dumb-init",
                                                    "catatonit",
                                                    "conmon",
                                                    "containerd-shim-runc-v2",
                                                    "docker-init"};

} // namespace

bool runsItsCommandLine(std::string_view executableName) {
    return std::ranges::find(kCommandRunners, executableName) != kCommandRunners.end();
}

bool isReaper(std::string_view executableName) {
    return std::ranges::find(kReapers, executableName) != kReapers.end();
}

bool couldHaveStarted(const platform::ProcStat& parent, bool parentIsShell, const platform::ProcStat& child) {
    // A child begins in its parent's session and group, and may make itself the first of a new one. Only shells put
    // one child into the group of another.
    const bool fitsSession = child.session == parent.session || child.session == child.pid;
    const bool fitsGroup = child.group == parent.group || child.group == child.pid || parentIsShell;
    return parent.startTicks <= child.startTicks && fitsSession && fitsGroup;
}

} // namespace keybearer::identity
