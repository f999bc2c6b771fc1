#pragma once
/// \file
/// The way from a process to the one that speaks for itself, with all of its processes held.

#include "daemon/identity/examine.h"
#include "daemon/identity/interpreter.h"

#include <list>
#include <optional>

namespace keybearer::identity {

/// One process on the way.
struct Step {
    const platform::Process* process = nullptr;
    std::optional<platform::Process> held; ///< the process itself, unless it is the caller's
    platform::ProcStat state;
    platform::LocatedFile file;
    bool sharesFiles = false;
    std::string sha256; ///< of the file
    bool isInterpreter = false;
    bool isShell = false;
    Code code; ///< of an interpreter
};

/// For one examination; the references outlive it.
class Way {
public:
    Way(const Surroundings& surroundings, const Hashing& hash) : m_surroundings(surroundings), m_hash(hash) {}

    /// Goes it.
    [[nodiscard]] base::Result<void, Refusal> from(const platform::Process& process);
    /// True of all its steps at one moment, which is now: alive, the same program, each the child of the next.
    [[nodiscard]] base::Result<void, Refusal> check() const;

    /// The process that speaks for itself.
    [[nodiscard]] const Step& last() const { return m_steps.back(); }
    /// The process is a window of this installation, and speaks for the person in front of it.
    [[nodiscard]] bool isWindow() const { return m_isWindow; }
    /// As Subject::frontEnd.
    [[nodiscard]] const std::string& frontEnd() const { return m_frontEnd; }

private:
    [[nodiscard]] base::Result<Step, Refusal> look(const platform::Process& process) const;
    [[nodiscard]] base::Result<void, Refusal> walk();
    /// One step up.
    [[nodiscard]] base::Result<void, Refusal> climb();
    /// From a shell's copy of itself to the shell; false, and where it was, when it is none.
    [[nodiscard]] bool climbToOriginal();

    const Surroundings& m_surroundings;
    const Hashing& m_hash;
    std::list<Step> m_steps; ///< never moved: their pointers lead into themselves
    std::string m_frontEnd;
    bool m_isWindow = false;
};

/// What stands behind the last / of a path.
[[nodiscard]] std::string baseName(const std::string& path);

inline constexpr std::size_t kMaxShownName = 64;

} // namespace keybearer::identity
