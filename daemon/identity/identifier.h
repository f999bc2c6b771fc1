#pragma once
/// \file
/// Identifies the programs behind connections, without keeping the event loop waiting for a disk.

#include "daemon/identity/examine.h"
#include "daemon/identity/file_hashes.h"
#include "daemon/identity/subject.h"
#include "daemon/platform/process.h"
#include "ipc/base/clock.h"

#include <QCoroTask>
#include <QThreadPool>

#include <optional>
#include <string>
#include <vector>

namespace keybearer::identity {

/// Main thread, owned by the broker. A connection's subject is looked up once: first by cached(), then, where that
/// knows too little, by identify().
class Identifier {
public:
    struct Options {
        /// Paths of our own programs, which are looked through. They are read at once; one that is missing is left out.
        std::vector<std::string> frontEnds;
        /// Paths of those that a person clicks (FrontEnd::isWindow); they are not looked through.
        std::vector<std::string> windows;
        /// Paths of further shells, as platform::loginShells().
        std::vector<std::string> shells;
        FileHashes::Limits limits;
    };
    using Outcome = base::Result<Subject, Refusal>;

    /// The clock is asked from any thread and outlives this object.
    Identifier(const Options& options, const base::Clock& clock);
    Identifier(const Identifier&) = delete;
    Identifier& operator=(const Identifier&) = delete;
    /// Whoever waits is told Reason Ending.
    ~Identifier();

    /// The subject, when all files that it consists of are known; costs some 100 microseconds. nullopt also when it
    /// would be refused: ask identify(). It asks file systems for what they have in memory only, except where a
    /// program runs from a network or FUSE file system, whose own answer it awaits.
    [[nodiscard]] std::optional<Subject> cached(const platform::Process& process);
    /// The subject or a reason. Reads and hashes files in threads of its own.
    [[nodiscard]] QCoro::Task<Outcome> identify(platform::Process process);

    [[nodiscard]] const FileHashes& hashes() const { return m_hashes; }

private:
    Surroundings m_surroundings;
    FileHashes m_hashes;
    QThreadPool m_threads;
};

} // namespace keybearer::identity
