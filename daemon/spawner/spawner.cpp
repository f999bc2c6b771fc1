#include "daemon/spawner/spawner.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

namespace keybearer::spawner {
namespace {

std::chrono::milliseconds now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds(time.tv_sec) +
           std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(time.tv_nsec));
}

std::optional<Event::Kind> eventKind(FrameKind kind) {
    switch (kind) {
    case FrameKind::Started: return Event::Kind::Started;
    case FrameKind::Exited: return Event::Kind::Exited;
    case FrameKind::Killed: return Event::Kind::Killed;
    case FrameKind::NotStarted: return Event::Kind::NotStarted;
    default: return std::nullopt;
    }
}

} // namespace

base::Result<Spawner, std::string> Spawner::start(const Outside& outside) {
    auto forked = forkHelper("keybearer-spawn", [&outside](int socket) { runHelper(socket, outside); });
    if (!forked) {
        return base::fail(forked.error());
    }
    return Spawner(std::move(*forked));
}

base::Result<void, std::string> Spawner::allow(const Allowed& allowed) {
    bool told = true;
    const auto each = [&](FrameKind kind, const std::vector<std::string>& words) {
        told = told && tell({kind, 0, 0, words});
    };
    for (const auto& words : allowed.commands) {
        each(FrameKind::AllowCommand, words);
    }
    for (const std::string& name : allowed.profiles) {
        each(FrameKind::AllowProfile, {name});
    }
    for (const std::string& path : allowed.files) {
        each(FrameKind::AllowFile, {path});
    }
    for (const std::string& name : allowed.hidden) {
        each(FrameKind::Hide, {name});
    }
    each(FrameKind::Seal, {});
    return told ? base::Result<void, std::string>() : base::fail(std::string("the helper process has ended"));
}

/// Where the helper has no room for more, its answers are taken meanwhile: it may be waiting to give them.
bool Spawner::tell(const Frame& frame, int descriptor) {
    const auto deadline = now() + kAnswerDeadline;
    while (!m_isGone && !sendFrame(m_helper.socket.get(), frame, descriptor)) {
        const auto left = deadline - now();
        pollfd ready{m_helper.socket.get(), POLLIN | POLLOUT, 0};
        const bool isFull = errno == EAGAIN || errno == EWOULDBLOCK;
        if (!isFull || left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) < 0) {
            giveUp();
            break;
        }
        drain();
    }
    return !m_isGone;
}

std::uint32_t Spawner::run(std::vector<std::string> words, base::UniqueFd output) {
    const std::uint32_t id = ++m_last;
    const Frame frame{FrameKind::Run, id, 0, std::move(words)};
    return tell(frame, output.get()) ? id : 0;
}

void Spawner::end(std::uint32_t run) {
    [[maybe_unused]] const bool told = tell({FrameKind::End, run, 0, {}});
}

void Spawner::keep(Frame frame) {
    if (const auto kind = eventKind(frame.kind)) {
        m_events.push_back({*kind, frame.id, frame.number});
        if (m_tell) {
            m_tell();
        }
    } else if (const auto asked = m_executables.find(frame.id); asked != m_executables.end()) {
        asked->second = frame.words.empty() ? std::string() : std::move(frame.words.front());
    }
}

void Spawner::drain() {
    while (!m_isGone) {
        auto packet = receiveFrame(m_helper.socket.get(), Direction::ToBroker);
        if (!packet) {
            if (packet.error() == Silence::Broken) {
                giveUp();
            }
            return;
        }
        keep(std::move(packet->frame));
    }
}

std::vector<Event> Spawner::takeEvents() {
    drain();
    return std::exchange(m_events, {});
}

base::Result<Packet, int> Spawner::ask(Frame question) {
    question.id = ++m_last;
    const auto deadline = now() + kAnswerDeadline;
    if (!tell(question)) {
        return base::fail(ESHUTDOWN);
    }
    return answerTo(question.id, deadline);
}

base::Result<Packet, int> Spawner::answerTo(std::uint32_t question, std::chrono::milliseconds deadline) {
    while (true) {
        auto packet = receiveFrame(m_helper.socket.get(), Direction::ToBroker);
        if (packet) {
            if (packet->frame.id == question && !eventKind(packet->frame.kind)) {
                return std::move(*packet);
            }
            keep(std::move(packet->frame));
            continue;
        }
        const auto left = deadline - now();
        pollfd answer{m_helper.socket.get(), POLLIN, 0};
        if (packet.error() == Silence::Broken || left.count() <= 0) {
            giveUp();
            return base::fail(ESHUTDOWN);
        }
        ::poll(&answer, 1, static_cast<int>(left.count()));
    }
}

base::Result<base::UniqueFd, int> Spawner::open(const std::string& path, bool followsLink) {
    auto packet = ask({FrameKind::Open, 0, followsLink ? 1 : 0, {path}});
    if (!packet) {
        return base::fail(packet.error());
    }
    if (packet->frame.kind != FrameKind::Opened || !packet->descriptor) {
        return base::fail(packet->frame.number > 0 ? packet->frame.number : EIO);
    }
    return std::move(packet->descriptor);
}

base::FileOpener Spawner::opener() {
    return [this](const std::string& path, bool followsLink) { return open(path, followsLink); };
}

std::uint32_t Spawner::askExecutable(std::int32_t pid) {
    const std::uint32_t id = ++m_last;
    if (!tell({FrameKind::Executable, id, pid, {}})) {
        return 0;
    }
    m_executables.emplace(id, std::nullopt);
    return id;
}

std::string Spawner::executable(std::uint32_t question) {
    const auto asked = m_executables.find(question);
    if (asked == m_executables.end()) {
        return {};
    }
    const std::optional<std::string> known = std::move(asked->second);
    m_executables.erase(asked);
    if (known) {
        return *known;
    }
    if (m_isGone) {
        return {};
    }
    const auto packet = answerTo(question, now() + kAnswerDeadline);
    return packet && !packet->frame.words.empty() ? packet->frame.words.front() : std::string();
}

void Spawner::forgetExecutable(std::uint32_t question) {
    m_executables.erase(question);
}

std::string Spawner::look(const std::string& what) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    const base::UniqueFd reader(ends[0]);
    base::UniqueFd writer(ends[1]);
    const std::uint32_t id = ++m_last;
    const bool asked = tell({FrameKind::Look, id, 0, {what}}, writer.get());
    writer.reset();
    const auto deadline = now() + kLookDeadline;
    std::string seen;
    while (asked && seen.size() <= kMaxSeen) {
        const auto left = deadline - now();
        pollfd more{reader.get(), POLLIN, 0};
        char part[1024];
        if (left.count() <= 0 || ::poll(&more, 1, static_cast<int>(left.count())) == 0) {
            break;
        }
        const ssize_t count = ::read(reader.get(), part, sizeof part);
        if (count == 0) {
            return seen;
        }
        seen.append(part, count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    end(id); // it hangs, or tells too much
    return {};
}

/// The other end notices. The descriptor stays: whoever waits for it to become readable finds that it has.
void Spawner::giveUp() {
    m_isGone = true;
    ::shutdown(m_helper.socket.get(), SHUT_RDWR);
    ::waitpid(m_helper.pid, nullptr, WNOHANG); // one that has ended; one that hangs is left to its end
}

} // namespace keybearer::spawner
