#pragma once
/// \file
/// Who asks: the program behind a connection, as values.

#include "daemon/platform/located_file.h"
#include "daemon/platform/sandbox.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::identity {

struct IdentifiedFile {
    std::string path; ///< for people; its bytes are as the system has them
    platform::FileId id;
    std::string sha256;       ///< of its content, lower-case hexadecimal
    bool isRootOwned = false; ///< only root can change it or a folder above it (platform::isRootsAlone())

    friend bool operator==(const IdentifiedFile&, const IdentifiedFile&) = default;
};

enum class SubjectKind {
    Program,
    Interpreter,     ///< runs code that cannot be checked: from its command line, its input, another place
    Script,          ///< Subject::script, run by Subject::executable
    TerminalSession, ///< a shell that a person types into: Subject::terminal
    Window,          ///< this installation's own window, which a person clicks
};

struct Terminal {
    std::string name;         ///< as "pts/3"
    std::int32_t session = 0; ///< id of its session, unlike all others as long as one of its processes lives

    friend bool operator==(const Terminal&, const Terminal&) = default;
};

/// An ancestor of the subject, for people.
struct Ancestor {
    std::int32_t pid = 0;
    std::string name;
    std::string path; ///< empty: it does not let us look

    friend bool operator==(const Ancestor&, const Ancestor&) = default;
};

inline constexpr std::size_t kMaxAncestors = 8;

/// Values only, of the moment in which they were looked up; free to copy to any thread.
///
/// What it is worth: between programs of one user it is a hint, not proof. One can start another with code of its own
/// in it (LD_PRELOAD, PYTHONPATH, ptrace), rewrite its command line, or end up as a front end of ours by exec, and is
/// then taken for its own starter. SECURITY.md says so to people.
struct Subject {
    SubjectKind kind = SubjectKind::Program;
    std::int32_t pid = 0;
    std::uint64_t startTicks = 0; ///< with the pid: this process and no other since the boot; clock ticks
    std::string name;             ///< short, for people
    IdentifiedFile executable;
    bool isDeleted = false; ///< the executable at its path was deleted or replaced since the process began
    bool isWeak = false;    ///< the process may have taken the number of the one that connected (platform::Pinning)
    platform::Sandbox sandbox;
    std::optional<IdentifiedFile> script; ///< of a Script
    std::optional<IdentifiedFile> image;  ///< of an AppImage, by its own word
    std::optional<Terminal> terminal;     ///< of a TerminalSession
    std::vector<Ancestor> ancestors;      ///< its parent first, at most kMaxAncestors
    std::string frontEnd;                 ///< name of our own program through which it asks; empty: it asks by itself
    std::string package;                  ///< of the system's package that the executable is from; empty: not known

    friend bool operator==(const Subject&, const Subject&) = default;
};

} // namespace keybearer::identity
