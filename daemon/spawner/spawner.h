#pragma once
/// \file
/// What the broker cannot do once it is confined, done for it by a process that was forked before: running the programs
/// of command:: locations, opening the files that configuration names, telling which program a process executes, and
/// looking at what lies in the person's settings.

#include "daemon/spawner/forked.h"
#include "daemon/spawner/frames.h"
#include "daemon/spawner/helper.h"
#include "ipc/base/file_opener.h"
#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::spawner {

/// How long a question may wait. The helper never waits for anything but a file's opening.
inline constexpr std::chrono::milliseconds kAnswerDeadline{2000};

inline constexpr std::chrono::milliseconds kLookDeadline{5000};
inline constexpr std::size_t kMaxSeen = 4096;

/// All that the helper will ever do for this broker, but end what it runs, name executables and look.
struct Allowed {
    std::vector<std::vector<std::string>> commands; ///< program and arguments, compared word by word
    std::vector<std::string> files;                 ///< absolute paths, compared as they are written
    std::vector<std::string> hidden;                ///< variables that no command sees
    std::vector<std::string> profiles = {};         ///< names whose commands are looked up each time
};

struct Event {
    enum class Kind {
        Started,    ///< number: process id; its session's and group's, too
        Exited,     ///< number: exit code
        Killed,     ///< number: signal
        NotStarted, ///< number: errno, or kNotAllowed
    };
    Kind kind = Kind::Exited;
    std::uint32_t run = 0; ///< as run() returned it
    std::int32_t number = 0;
};

/// The broker's end. Main thread; move-only. Once the helper is gone (killed, or it did not answer in time), every call
/// fails at once. It is not started anew: the broker could no longer fork one that is free.
class Spawner {
public:
    /// Forks the helper. Call it with one thread, before anything is opened or read: the helper keeps the environment,
    /// and nothing else. `outside` is what look() asks and what profiles are looked up by. The error is a sentence.
    [[nodiscard]] static base::Result<Spawner, std::string> start(const Outside& outside);
    Spawner(Spawner&& other) noexcept = default;
    Spawner& operator=(Spawner&& other) noexcept = default;
    Spawner(const Spawner&) = delete;
    Spawner& operator=(const Spawner&) = delete;
    /// The helper notices, kills what it runs and ends.
    ~Spawner() = default;

    /// Once, before the first of the calls below. The error is a sentence.
    [[nodiscard]] base::Result<void, std::string> allow(const Allowed& allowed);

    /// Becomes readable when takeEvents() has something, and for good when the helper is gone.
    [[nodiscard]] int descriptor() const noexcept { return m_helper.socket.get(); }
    [[nodiscard]] bool isGone() const noexcept { return m_isGone; }

    /// Starts a command, whose standard output `output` becomes. An Event follows; 0 and none when the helper is gone.
    [[nodiscard]] std::uint32_t run(std::vector<std::string> words, base::UniqueFd output);
    /// Kills a command and its group; an Event follows. Nothing happens when it has ended already.
    void end(std::uint32_t run);
    /// What has happened since, in order. Does not wait. A command whose Started is not among them has not begun: it
    /// cannot have asked anything yet.
    [[nodiscard]] std::vector<Event> takeEvents();
    /// `tell` is called when an event came while something else was waited for: the descriptor will not say so. It must
    /// not call this object.
    void whenEventsCame(std::function<void()> tell) { m_tell = std::move(tell); }

    /// Waits for the answer. The error is an errno; ESHUTDOWN: the helper is gone.
    [[nodiscard]] base::Result<base::UniqueFd, int> open(const std::string& path, bool followsLink);
    /// As above, as an object; this one must outlive it and stay where it is.
    [[nodiscard]] base::FileOpener opener();
    /// Asks which program a process executes, without waiting for the answer. 0: the helper is gone. Ask executable()
    /// or forgetExecutable() for it, once.
    [[nodiscard]] std::uint32_t askExecutable(std::int32_t pid);
    /// A path; empty when it cannot be told. Waits for the answer.
    [[nodiscard]] std::string executable(std::uint32_t question);
    void forgetExecutable(std::uint32_t question);

    /// What the helper's Look writes of this, at most kMaxSeen bytes. Waits for it; empty when it takes longer than
    /// kLookDeadline, or the helper is gone.
    [[nodiscard]] std::string look(const std::string& what);

private:
    explicit Spawner(Forked helper) : m_helper(std::move(helper)) {}

    [[nodiscard]] bool tell(const Frame& frame, int descriptor = -1);
    /// Keeps all that has come.
    void drain();
    /// The answer to a question; keeps the events that come before it. Nothing comes from a helper that has ended.
    [[nodiscard]] base::Result<Packet, int> ask(Frame question);
    /// Of the question that was sent; what comes before it is kept.
    [[nodiscard]] base::Result<Packet, int> answerTo(std::uint32_t question, std::chrono::milliseconds deadline);
    void keep(Frame frame);
    void giveUp();

    Forked m_helper;
    bool m_isGone = false;
    std::uint32_t m_last = 0; ///< the number of the last question
    std::vector<Event> m_events;
    std::function<void()> m_tell;
    /// Questions of askExecutable(); without a value: not answered yet.
    std::map<std::uint32_t, std::optional<std::string>> m_executables;
};

} // namespace keybearer::spawner
