#include "daemon/locations/command_runner.h"

#include "ipc/base/text.h"
#include "ipc/base/unique_fd.h"

#include <QProcess>
#include <QProcessEnvironment>
#include <QSocketNotifier>
#include <QTimer>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace keybearer::locations {
namespace {

constexpr std::size_t kMaxShownProgram = 128;

std::string shownProgram(const std::vector<std::string>& words) {
    return "the command " + base::printable(words.front(), kMaxShownProgram);
}

/// Between fork and exec: only async-signal-safe calls.
void becomeCommand(int output) {
    ::setsid();
    ::dup2(output, STDOUT_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP}) {
        ::signal(signal, SIG_DFL);
    }
}

QProcessEnvironment environmentWithout(const std::vector<std::string>& hidden) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const std::string& name : hidden) {
        environment.remove(QString::fromStdString(name));
    }
    return environment;
}

} // namespace

struct CommandRunner::Running {
    std::vector<std::string> words;
    std::int64_t askedBy = 0; ///< session of the command that asked for this one; 0: somebody else did
    std::int64_t session = 0; ///< its own, which is its process id
    base::UniqueFd output;
    base::Secret buffer = base::Secret::ofSize(kMaxCommandOutput + 1);
    std::size_t size = 0;
    QProcess process;
    QTimer deadline;
    std::optional<QSocketNotifier> readable;
    accounts::Gate gate;
    std::optional<Outcome> outcome;

    void end() const {
        if (session > 0) {
            ::kill(static_cast<pid_t>(-session), SIGKILL); // its whole group; it is our child and not yet waited for
        }
    }
};

CommandRunner::CommandRunner(std::chrono::seconds timeout, std::vector<std::string> hidden)
    : m_timeout(timeout), m_hidden(std::move(hidden)) {}

CommandRunner::~CommandRunner() {
    for (const RunningPtr& running : m_running) {
        running->process.disconnect();
        running->end();
        running->process.kill(); // where it had not yet become a session of its own
        running->process.waitForFinished();
    }
}

CommandRunner::RunningPtr CommandRunner::ofSession(std::int64_t session) const {
    const auto found = std::ranges::find_if(m_running, [&](const auto& one) { return one->session == session; });
    return found == m_running.end() ? nullptr : *found;
}

QCoro::Task<CommandRunner::Outcome> CommandRunner::run(std::vector<std::string> words, std::int32_t caller) {
    const pid_t session = caller > 0 ? ::getsid(caller) : -1;
    RunningPtr asking = session > 0 ? ofSession(session) : nullptr;
    const std::int64_t askedBy = asking ? session : 0;
    for (; asking; asking = ofSession(asking->askedBy)) {
        if (asking->words == words) {
            co_return base::fail(shownProgram(words) + " asks for the very credential that it is to bring: a circle");
        }
    }
    const auto same = std::ranges::find_if(
        m_running, [&](const auto& one) { return one->words == words && !one->outcome.has_value(); });
    const RunningPtr running = same != m_running.end() ? *same : start(words, askedBy);
    co_await running->gate.wait();
    if (!*running->outcome) {
        co_return base::fail(running->outcome->error());
    }
    co_return (**running->outcome).clone();
}

CommandRunner::RunningPtr CommandRunner::start(const std::vector<std::string>& words, std::int64_t askedBy) {
    auto running = std::make_shared<Running>();
    running->words = words;
    running->askedBy = askedBy;
    m_running.push_back(running);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        finish(*running, base::fail(shownProgram(words) + " cannot be run: " + std::strerror(errno)));
        drop(running);
        return running;
    }
    running->output.reset(ends[0]);
    base::UniqueFd writeEnd(ends[1]);
    ::fcntl(writeEnd.get(), F_SETFL, 0); // the program's own end blocks, as programs expect

    QProcess& process = running->process;
    process.setProcessEnvironment(environmentWithout(m_hidden));
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardErrorFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice()); // replaced: the secret must not lie in Qt's buffers
    process.setWorkingDirectory(QStringLiteral("/"));
    process.setChildProcessModifier([output = writeEnd.get()] { becomeCommand(output); });
    QStringList arguments;
    std::for_each(words.begin() + 1, words.end(),
                  [&](const std::string& word) { arguments << QString::fromStdString(word); });

    connect(running);
    running->deadline.start(m_timeout);
    process.start(QString::fromStdString(words.front()), arguments, QIODevice::NotOpen);
    running->session = process.processId();
    return running;
}

/// Of the process, the deadline and the pipe, to what they lead to.
void CommandRunner::connect(const RunningPtr& running) {
    // Weak: what the object itself holds must not keep it alive.
    const std::weak_ptr<Running> weak = running;
    QObject::connect(
        &running->process, &QProcess::finished, &running->process, [this, weak](int code, QProcess::ExitStatus status) {
            const RunningPtr self = weak.lock();
            self->session = 0; // it has been waited for: its number may be another's now
            read(*self);
            const std::string who = shownProgram(self->words);
            if (self->size > kMaxCommandOutput) {
                finish(*self, base::fail(who + " prints more than 64 KiB"));
            } else if (status != QProcess::NormalExit || code != 0) {
                const bool byHand = status == QProcess::NormalExit;
                finish(*self,
                       base::fail(who + (byHand ? " failed with exit status " + std::to_string(code) : " was killed") +
                                  "; run it by hand to see why"));
            } else {
                finish(*self, base::Secret(self->buffer.reveal().substr(0, self->size)));
            }
            drop(self);
        });
    QObject::connect(
        &running->process, &QProcess::errorOccurred, &running->process, [this, weak](QProcess::ProcessError error) {
            const RunningPtr self = weak.lock();
            if (error == QProcess::FailedToStart) {
                finish(*self,
                       base::fail(shownProgram(self->words) + " cannot be started; is it there, and executable?"));
                drop(self);
            }
        });
    running->deadline.setSingleShot(true);
    QObject::connect(&running->deadline, &QTimer::timeout, &running->process, [this, weak] {
        const RunningPtr self = weak.lock();
        self->end();
        finish(*self, base::fail(shownProgram(self->words) + " did not end within " +
                                 std::to_string(m_timeout.count()) + " s ([resolution] command_timeout)"));
    });
    running->readable.emplace(running->output.get(), QSocketNotifier::Read);
    QObject::connect(&*running->readable, &QSocketNotifier::activated, &running->process,
                     [this, weak] { read(*weak.lock()); });
}

void CommandRunner::read(Running& running) {
    while (running.size <= kMaxCommandOutput) {
        const auto room = running.buffer.mutableBytes().subspan(running.size);
        const ssize_t count = ::read(running.output.get(), room.data(), room.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            if (count == 0 || errno != EAGAIN) {
                running.readable->setEnabled(false); // its end; the program may go on for a while
            }
            return;
        }
        running.size += static_cast<std::size_t>(count);
    }
    running.readable->setEnabled(false);
    running.end(); // too much: finished() tells
}

void CommandRunner::finish(Running& running, Outcome outcome) {
    if (running.outcome) {
        return;
    }
    running.outcome.emplace(std::move(outcome));
    running.deadline.stop();
    if (running.readable) {
        running.readable->setEnabled(false);
    }
    running.gate.open();
}

void CommandRunner::drop(const RunningPtr& running) {
    m_running.remove(running);
    QTimer::singleShot(0, [running] {}); // it is called from a signal of its own process, which must outlive that
}

} // namespace keybearer::locations
