#pragma once
/// \file
/// What the broker and a process that it forked say to each other: one frame is one packet of a socket pair. Pure,
/// fuzzed: each side believes the other no more than a stranger.

#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::spawner {

/// Longest frame in bytes. A command line of config.toml has at most 4096.
inline constexpr std::size_t kMaxFrame = 16 * 1024;
inline constexpr std::size_t kMaxWords = 1024;

enum class FrameKind : std::uint8_t {
    // To keybearer-spawn. The first five once, before anything else.
    AllowCommand = 1, ///< words: a program and its arguments
    AllowProfile,     ///< word: a name; the command that the Profiles of the start have for it, whenever one is run
    AllowFile,        ///< word: an absolute path
    Hide,             ///< word: a variable that no command sees
    Seal,             ///< from here on nothing more is allowed
    Run,              ///< words as allowed; with the descriptor that becomes its standard output
    End,              ///< kills the command `id` and its group
    Open,             ///< word: a path as allowed; number: 1 to follow a symbolic link at its end
    Executable,       ///< number: a process id
    Look,             ///< word: for the Look that was given at the start; with the descriptor that it writes to
    // To keybearer-ids.
    Ask, ///< words: a question; perhaps with a descriptor that it is about
    // To the broker; `id` is the question's.
    Started,      ///< number: the command's process id, which is its session's, too
    Exited,       ///< number: its exit code
    Killed,       ///< number: the signal
    NotStarted,   ///< number: an errno, or kNotAllowed
    Opened,       ///< number: 0, with a descriptor, or an errno without one
    ExecutableIs, ///< word: a path; no word: it cannot be told
    Answer,       ///< words
};

/// As the number of NotStarted: these words are not among those that are allowed.
inline constexpr std::int32_t kNotAllowed = 0;

enum class Direction { ToHelper, ToBroker };

struct Frame {
    FrameKind kind = FrameKind::Seal;
    std::uint32_t id = 0; ///< of a question, chosen by the broker
    std::int32_t number = 0;
    std::vector<std::string> words;

    friend bool operator==(const Frame&, const Frame&) = default;
};

/// nullopt: not exactly one frame that may go this way.
[[nodiscard]] std::optional<Frame> parseFrame(std::span<const unsigned char> bytes, Direction direction);

/// nullopt: it is larger than kMaxFrame, or its words are not such as its kind has.
[[nodiscard]] std::optional<std::vector<unsigned char>> encodeFrame(const Frame& frame);

struct Packet {
    Frame frame;
    base::UniqueFd descriptor; ///< what came along
};

/// Sends without waiting. False, with errno: EAGAIN when the other end has not read enough, EMSGSIZE for a frame that
/// cannot be encoded; else it is gone. `descriptor` is -1 for none and stays the caller's.
[[nodiscard]] bool sendFrame(int socket, const Frame& frame, int descriptor = -1);

enum class Silence { Nothing, Broken }; ///< nothing to read now; the end, or a frame that is none

/// Receives without waiting.
[[nodiscard]] base::Result<Packet, Silence> receiveFrame(int socket, Direction direction);

} // namespace keybearer::spawner
