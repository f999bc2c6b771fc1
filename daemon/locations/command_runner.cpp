#include "daemon/locations/command_runner.h"

#include "ipc/base/text.h"
#include "ipc/base/unique_fd.h"

#include <QSocketNotifier>
#include <QTimer>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace keybearer::locations {
namespace {

constexpr std::size_t kMaxShownProgram = 128;
constexpr const char* kNoHelper =
    " cannot be run: the process that runs commands has ended; restart the broker with: keybearer daemon stop";
constexpr const char* kRunByHand = "; run it by hand to see why";

std::string shownProgram(const std::vector<std::string>& words) {
    return "the command " + base::printable(words.front(), kMaxShownProgram);
}

} // namespace

struct CommandRunner::Running {
    std::vector<std::string> words;
    std::int64_t askedBy = 0; ///< session of the command that asked for this one; 0: somebody else did
    std::int64_t session = 0; ///< its own; 0: it has not begun, or has ended
    std::uint32_t run = 0;    ///< the spawner's number for it; 0: it was never begun
    base::UniqueFd output;
    base::Secret buffer = base::Secret::ofSize(kMaxCommandOutput + 1);
    std::size_t size = 0;
    QTimer deadline;
    std::optional<QSocketNotifier> readable;
    accounts::Gate gate;
    std::optional<Outcome> outcome;
};

CommandRunner::CommandRunner(std::chrono::seconds timeout, spawner::Spawner& spawner)
    : m_timeout(timeout), m_spawner(spawner), m_told(spawner.descriptor(), QSocketNotifier::Read) {
    QObject::connect(&m_told, &QSocketNotifier::activated, &m_told, [this] { takeEvents(); });
    // Later: something else is waiting at this moment.
    spawner.whenEventsCame([this] { QTimer::singleShot(0, &m_told, [this] { takeEvents(); }); });
}

CommandRunner::~CommandRunner() {
    m_spawner.whenEventsCame({});
    for (const RunningPtr& running : m_running) {
        m_spawner.end(running->run);
    }
}

CommandRunner::RunningPtr CommandRunner::ofSession(std::int64_t session) const {
    const auto found = std::ranges::find_if(m_running, [&](const auto& one) { return one->session == session; });
    return found == m_running.end() ? nullptr : *found;
}

QCoro::Task<CommandRunner::Outcome> CommandRunner::run(std::vector<std::string> words, std::int32_t caller) {
    takeEvents(); // whoever asks may be a command that the helper has told of and nobody has listened
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
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        finish(*running, base::fail(shownProgram(words) + " cannot be run: " + std::strerror(errno)));
        return running;
    }
    running->output.reset(ends[0]);
    base::UniqueFd writeEnd(ends[1]);
    ::fcntl(writeEnd.get(), F_SETFL, 0); // the program's own end blocks, as programs expect
    watch(running);
    running->run = m_spawner.run(words, std::move(writeEnd));
    if (running->run == 0) {
        finish(*running, base::fail(shownProgram(words) + kNoHelper));
        return running;
    }
    running->deadline.start(m_timeout);
    m_running.push_back(running);
    return running;
}

/// What its deadline and its output lead to.
void CommandRunner::watch(const RunningPtr& running) {
    // Weak: what the object itself holds must not keep it alive.
    const std::weak_ptr<Running> weak = running;
    running->deadline.setSingleShot(true);
    QObject::connect(&running->deadline, &QTimer::timeout, &running->deadline, [this, weak] {
        const RunningPtr self = weak.lock();
        QTimer::singleShot(0, [self] {}); // it must outlive the signal of its own timer
        m_spawner.end(self->run);
        finish(*self, base::fail(shownProgram(self->words) + " did not end within " +
                                 std::to_string(m_timeout.count()) + " s ([resolution] command_timeout)"));
    });
    running->readable.emplace(running->output.get(), QSocketNotifier::Read);
    QObject::connect(&*running->readable, &QSocketNotifier::activated, &*running->readable,
                     [this, weak] { read(*weak.lock()); });
}

void CommandRunner::takeEvents() {
    for (const spawner::Event& event : m_spawner.takeEvents()) {
        take(event);
    }
    if (m_spawner.isGone()) {
        m_told.setEnabled(false);
        for (const RunningPtr& running : std::exchange(m_running, {})) {
            finish(*running, base::fail(shownProgram(running->words) + kNoHelper));
        }
    }
}

void CommandRunner::take(const spawner::Event& event) {
    const auto found = std::ranges::find_if(m_running, [&](const auto& one) { return one->run == event.run; });
    if (found == m_running.end()) {
        return;
    }
    if (event.kind == spawner::Event::Kind::Started) {
        (*found)->session = event.number;
        return;
    }
    const RunningPtr running = *found;
    m_running.erase(found);
    ended(running, event);
}

void CommandRunner::ended(const RunningPtr& running, const spawner::Event& event) {
    read(*running);
    const std::string who = shownProgram(running->words);
    if (running->size > kMaxCommandOutput) {
        return finish(*running, base::fail(who + " prints more than 64 KiB"));
    }
    switch (event.kind) {
    case spawner::Event::Kind::NotStarted:
        return finish(*running,
                      base::fail(event.number == spawner::kNotAllowed
                                     ? who + " is not one that the AWS files name, or config.toml named when the "
                                             "broker started; restart it with: keybearer daemon stop"
                                     : who + " cannot be started; is it there, and executable?"));
    case spawner::Event::Kind::Killed: return finish(*running, base::fail(who + " was killed" + kRunByHand));
    default: break;
    }
    if (event.number != 0) {
        return finish(*running,
                      base::fail(who + " failed with exit status " + std::to_string(event.number) + kRunByHand));
    }
    finish(*running, base::Secret(running->buffer.reveal().substr(0, running->size)));
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
    m_spawner.end(running.run); // too much: ended() tells
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

} // namespace keybearer::locations
