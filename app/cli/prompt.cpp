#include "app/cli/prompt.h"

#include "app/cli/failure.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace keybearer::cli {
namespace {

constexpr std::size_t kMaxSecretBytes = 64U << 10;
constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile std::sig_atomic_t gArrived = 0;

void remember(int signal) {
    gArrived = signal;
}

/// Holds the signals back except inside wait(), and sets everything right at its end.
class QuietTerminal {
public:
    QuietTerminal(int fd, bool echo) : m_fd(fd) {
        sigset_t blocked;
        sigemptyset(&blocked);
        for (std::size_t i = 0; i < kSignals.size(); ++i) {
            struct sigaction action {};
            sigaction(kSignals[i], nullptr, &m_actions[i]);
            if (m_actions[i].sa_handler != SIG_IGN) { // nohup stays in force
                action.sa_handler = remember;
                sigaction(kSignals[i], &action, nullptr);
                sigaddset(&blocked, kSignals[i]);
            }
        }
        sigprocmask(SIG_BLOCK, &blocked, &m_mask);
        gArrived = 0;
        m_wasSet = !echo && tcgetattr(fd, &m_before) == 0;
        if (m_wasSet) {
            termios quiet = m_before;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
            tcsetattr(fd, TCSAFLUSH, &quiet);
        }
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal() {
        if (m_wasSet) {
            tcsetattr(m_fd, TCSAFLUSH, &m_before);
        }
        for (std::size_t i = 0; i < kSignals.size(); ++i) {
            sigaction(kSignals[i], &m_actions[i], nullptr);
        }
        sigprocmask(SIG_SETMASK, &m_mask, nullptr);
    }

    /// True when there is something to read; false when a signal came.
    bool wait() {
        while (gArrived == 0) {
            pollfd entry{m_fd, POLLIN, 0};
            if (::ppoll(&entry, 1, nullptr, &m_mask) > 0) {
                return true;
            }
        }
        return false;
    }

private:
    int m_fd;
    bool m_wasSet = false;
    termios m_before{};
    sigset_t m_mask{};
    std::array<struct sigaction, kSignals.size()> m_actions{};
};

void writeTo(int fd, std::string_view text) {
    [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
}

/// Bytes of a secret as they arrive; never reallocated, so that no copy stays behind.
struct Line {
    std::array<char, kMaxSecretBytes> bytes{};
    std::size_t size = 0;

    Line() = default;
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line() { base::wipe(bytes.data(), bytes.size()); }
    [[nodiscard]] base::Secret take() const { return base::Secret(std::string_view(bytes.data(), size)); }
};

enum class End { Newline, Closed, TooLong, Signal };

End readLineInto(int fd, QuietTerminal& terminal, Line& line) {
    while (terminal.wait()) {
        char c = 0;
        const ssize_t got = ::read(fd, &c, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return End::Closed;
        }
        if (c == '\n' || c == '\r') {
            return End::Newline;
        }
        if (line.size == line.bytes.size()) {
            return End::TooLong;
        }
        line.bytes[line.size++] = c;
    }
    return End::Signal;
}

} // namespace

client::Result<Terminal> Terminal::open(const char* path) {
    base::UniqueFd fd(::open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!fd || ::isatty(fd.get()) != 1) {
        return base::fail(failure("no_terminal", "there is no terminal to ask at", 1));
    }
    return Terminal(std::move(fd));
}

client::Result<base::Secret> Terminal::readUntilNewline(std::string_view prompt, bool echo) {
    for (;;) {
        Line line;
        End end = End::Closed;
        {
            QuietTerminal quiet(m_fd.get(), echo);
            writeTo(m_fd.get(), prompt);
            end = readLineInto(m_fd.get(), quiet, line);
            if (!echo || end != End::Newline) {
                writeTo(m_fd.get(), "\n");
            }
        }
        switch (end) {
        case End::Newline: return line.take();
        case End::Closed: return base::fail(failure("cancelled", "nothing was typed", 1));
        case End::TooLong: return base::fail(failure("invalid_value", "the line is too long", 2));
        case End::Signal: break;
        }
        // The terminal is as it was: the signal may now do what it does without us.
        const int signal = gArrived;
        ::raise(signal);
        if (signal != SIGTSTP) {
            return base::fail(failure("cancelled", "the question was interrupted", 1));
        }
    }
}

client::Result<base::Secret> Terminal::readSecret(std::string_view prompt) {
    return readUntilNewline(prompt, false);
}

client::Result<std::string> Terminal::readLine(std::string_view prompt) {
    return readUntilNewline(prompt, true).map([](const base::Secret& line) { return std::string(line.reveal()); });
}

bool Terminal::hasLine() const {
    pollfd terminal{m_fd.get(), POLLIN, 0};
    return ::poll(&terminal, 1, 0) > 0;
}

void Terminal::say(std::string_view text) {
    writeTo(m_fd.get(), text);
}

client::Result<base::Secret> readSecretText(const std::string& path) {
    const bool standardInput = path == "-";
    if (standardInput && ::isatty(STDIN_FILENO) == 1) {
        return base::fail(failure("usage",
                                  "\"-\" reads standard input, and that is a terminal, which would show the "
                                  "secret; leave the option out to be asked for it",
                                  2));
    }
    const base::UniqueFd opened(standardInput ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const int fd = standardInput ? STDIN_FILENO : opened.get();
    const std::string name = standardInput ? "standard input" : path;
    if (fd < 0) {
        return base::fail(failure("invalid_value", "cannot read " + name + ": " + std::strerror(errno), 2));
    }
    Line line;
    for (;;) {
        if (line.size == line.bytes.size()) {
            return base::fail(failure("invalid_value", name + " is too long for a secret", 2));
        }
        const ssize_t got = ::read(fd, line.bytes.data() + line.size, line.bytes.size() - line.size);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return base::fail(failure("invalid_value", "cannot read " + name + ": " + std::strerror(errno), 2));
        }
        line.size += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    if (line.size > 0 && line.bytes[line.size - 1] == '\n') {
        --line.size;
        line.size -= line.size > 0 && line.bytes[line.size - 1] == '\r' ? 1U : 0U;
    }
    return line.take();
}

client::Result<base::Secret> readSecretFile(const std::string& path) {
    auto text = readSecretText(path);
    if (text &&
        (text->empty() || text->reveal().find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos)) {
        const std::string name = path == "-" ? "standard input" : path;
        return base::fail(failure("invalid_value", name + " must hold the secret on one line and nothing else", 2));
    }
    return text;
}

} // namespace keybearer::cli
