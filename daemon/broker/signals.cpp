#include "daemon/broker/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace keybearer::broker {
namespace {

constexpr std::array kSignals{SIGTERM, SIGINT, SIGHUP};

std::atomic<int> wakeDescriptor{-1};

void onSignal(int) {
    const int saved = errno;
    [[maybe_unused]] const ssize_t told = ::write(wakeDescriptor.load(), "x", 1);
    errno = saved;
}

void setHandlers(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    for (const int signal : kSignals) {
        ::sigaction(signal, &action, nullptr);
    }
}

} // namespace

TerminationSignals::TerminationSignals() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return; // without a pipe the signals keep their default: they end the process
    }
    m_readEnd.reset(ends[0]);
    m_writeEnd.reset(ends[1]);
    wakeDescriptor = m_writeEnd.get();
    m_notifier = std::make_unique<QSocketNotifier>(m_readEnd.get(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        while (::read(m_readEnd.get(), &byte, 1) > 0) {
        }
        Q_EMIT requested();
    });
    setHandlers(onSignal);
}

TerminationSignals::~TerminationSignals() {
    setHandlers(SIG_DFL);
    wakeDescriptor = -1;
}

} // namespace keybearer::broker
