#include "daemon/spawner/helper.h"

#include "daemon/spawner/frames.h"
#include "daemon/spawner/helper_child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace keybearer::spawner {
namespace {

/// More commands at once than config.toml can name by far are not meant.
constexpr std::size_t kMostRunning = 256;

/// What a child says of words that no profile has: no errno of execve(2).
constexpr int kNotOfAProfile = ENOMSG;

/// Takes a variable away, its value first: the environment lies in this process's memory.
void hideVariable(const char* name) {
    if (char* value = std::getenv(name)) {
        ::explicit_bzero(value, std::strlen(value));
        ::unsetenv(name);
    }
}

class Helper {
public:
    Helper(int socket, const Outside& outside) : m_socket(socket), m_outside(outside) {}

    void serve() {
        sigset_t ended;
        ::sigemptyset(&ended);
        ::sigaddset(&ended, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &ended, nullptr);
        const base::UniqueFd signals(::signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK));
        pollfd waited[] = {{m_socket, POLLIN, 0}, {signals.get(), POLLIN, 0}};
        while (m_goesOn) {
            if (::poll(waited, 2, -1) < 0) {
                m_goesOn = errno == EINTR;
                continue;
            }
            // Each only when it has something: most of what is asked is which program calls, once for a connection.
            if (waited[1].revents != 0) {
                signalfd_siginfo info;
                while (::read(signals.get(), &info, sizeof info) > 0) {
                }
                reap();
            }
            if (waited[0].revents != 0) {
                listen();
            }
        }
        for (const HelperChild& child : m_children) {
            child.kill();
        }
    }

private:
    void answer(FrameKind kind, std::uint32_t id, int number, std::vector<std::string> words = {}, int fd = -1) {
        const Frame frame{kind, id, number, std::move(words)};
        // A broker that has much to do takes its answers when it asks the next question, if not before.
        while (m_goesOn && !sendFrame(m_socket, frame, fd)) {
            pollfd room{m_socket, POLLOUT, 0};
            m_goesOn = (errno == EAGAIN || errno == EWOULDBLOCK) && (::poll(&room, 1, -1) >= 0 || errno == EINTR);
        }
    }

    void listen() {
        while (m_goesOn) {
            auto packet = receiveFrame(m_socket, Direction::ToHelper);
            if (!packet) {
                m_goesOn = packet.error() == Silence::Nothing && m_goesOn;
                return;
            }
            // The broker that is to be confined says what it may have before it is, and never again.
            const bool widens = packet->frame.kind <= FrameKind::Seal; // the first five
            if (widens == m_isSealed) {
                m_goesOn = false;
                return;
            }
            take(*packet);
        }
    }

    void take(Packet& packet) {
        Frame& frame = packet.frame;
        switch (frame.kind) {
        case FrameKind::AllowCommand: m_commands.push_back(std::move(frame.words)); break;
        case FrameKind::AllowProfile: m_profiles.push_back(std::move(frame.words.front())); break;
        case FrameKind::AllowFile: m_files.push_back(std::move(frame.words.front())); break;
        case FrameKind::Hide: hideVariable(frame.words.front().c_str()); break;
        case FrameKind::Seal: m_isSealed = true; break;
        case FrameKind::Run: run(frame, packet.descriptor.get()); break;
        case FrameKind::End: end(frame.id); break;
        case FrameKind::Open: open(frame); break;
        case FrameKind::Executable: tellExecutable(frame); break;
        case FrameKind::Look: look(frame, packet.descriptor.get()); break;
        default: break; // parseFrame() lets no other come this way
        }
    }

    void run(const Frame& frame, int output) {
        const bool isListed = std::ranges::find(m_commands, frame.words) != m_commands.end();
        if (output < 0 || (!isListed && m_profiles.empty())) {
            return answer(FrameKind::NotStarted, frame.id, kNotAllowed);
        }
        start(frame.id, output, [&] {
            if (isListed || isOfAProfile(frame.words)) {
                execute(frame.words);
            } else {
                errno = kNotOfAProfile;
            }
        });
    }

    /// In the child: such a profile lies beside secrets.
    [[nodiscard]] bool isOfAProfile(const std::vector<std::string>& words) const {
        return std::ranges::any_of(m_profiles,
                                   [&](const std::string& name) { return m_outside.profiles(name) == words; });
    }

    void look(const Frame& frame, int output) {
        if (output < 0) {
            return answer(FrameKind::NotStarted, frame.id, kNotAllowed);
        }
        start(frame.id, output, [&] {
            m_outside.look(frame.words.front());
            ::_exit(0);
        });
    }

    void start(std::uint32_t id, int output, const std::function<void()>& body) {
        if (m_children.size() >= kMostRunning) {
            return answer(FrameKind::NotStarted, id, EAGAIN);
        }
        HelperChild child = HelperChild::fork(id, output, body);
        if (child.pid == 0) {
            return answer(FrameKind::NotStarted, id, errno);
        }
        // The broker is told first: a command may ask it something in its first moments, and is then known.
        answer(FrameKind::Started, id, child.pid);
        child.release();
        m_children.push_back(std::move(child));
    }

    void end(std::uint32_t id) {
        for (const HelperChild& child : m_children) {
            if (child.id == id) {
                child.kill();
            }
        }
    }

    void reap() {
        int status = 0;
        for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
            const auto child = std::ranges::find(m_children, pid, &HelperChild::pid);
            if (child == m_children.end()) {
                continue;
            }
            if (const int why = child->startError(); why != 0) {
                answer(FrameKind::NotStarted, child->id, why == kNotOfAProfile ? kNotAllowed : why);
            } else if (WIFEXITED(status)) {
                answer(FrameKind::Exited, child->id, WEXITSTATUS(status));
            } else {
                answer(FrameKind::Killed, child->id, WTERMSIG(status));
            }
            m_children.erase(child);
        }
    }

    void open(const Frame& frame) {
        const std::string& path = frame.words.front();
        if (std::ranges::find(m_files, path) == m_files.end()) {
            return answer(FrameKind::Opened, frame.id, EPERM);
        }
        const int follow = frame.number == 1 ? 0 : O_NOFOLLOW;
        const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | follow));
        const int why = fd ? 0 : errno;
        answer(FrameKind::Opened, frame.id, why, {}, fd.get());
    }

    void tellExecutable(const Frame& frame) {
        const std::string link = "/proc/" + std::to_string(frame.number) + "/exe";
        char target[PATH_MAX];
        const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
        std::vector<std::string> words;
        if (length > 0) {
            words.emplace_back(target, static_cast<std::size_t>(length));
        }
        answer(FrameKind::ExecutableIs, frame.id, 0, std::move(words));
    }

    int m_socket;
    const Outside& m_outside;
    bool m_goesOn = true;
    bool m_isSealed = false;
    std::vector<std::vector<std::string>> m_commands;
    std::vector<std::string> m_profiles;
    std::vector<std::string> m_files;
    std::vector<HelperChild> m_children;
};

} // namespace

void runHelper(int socket, const Outside& outside) {
    Helper(socket, outside).serve();
}

} // namespace keybearer::spawner
