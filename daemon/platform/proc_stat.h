#pragma once
/// \file
/// /proc/PID/stat (proc_pid_stat(5)). Pure, fuzzed.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::platform {

/// Longest line that is read; the kernel's has some 400 bytes.
inline constexpr std::size_t kMaxProcStatBytes = 4096;

struct ProcStat {
    std::int32_t pid = 0;
    /// What the process calls itself, at most 15 bytes of any kind; it may call itself anything.
    std::string comm;
    std::int32_t parent = 0;
    std::int32_t group = 0;
    std::int32_t session = 0;
    /// Device number of the controlling terminal; both 0: it has none.
    std::uint32_t terminalMajor = 0;
    std::uint32_t terminalMinor = 0;
    /// Clock ticks (sysconf(_SC_CLK_TCK) a second) from the boot to the start, the machine's sleep included.
    std::uint64_t startTicks = 0;
    /// Address at which the stack began: chosen at random by each exec, kept by a fork. 0: we may not know.
    std::uint64_t stackStart = 0;

    [[nodiscard]] bool hasTerminal() const noexcept { return terminalMajor != 0 || terminalMinor != 0; }
};

/// nullopt when it is not such a line.
[[nodiscard]] std::optional<ProcStat> parseProcStat(std::string_view text);

} // namespace keybearer::platform
