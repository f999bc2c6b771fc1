#include "app/cli/interrupt.h"

#include <unistd.h>

namespace keybearer::cli {
namespace {

struct LastWords {
    const char* text = nullptr;
    std::size_t size = 0;
    int to = 2;
    int exitCode = 1;
};

// A signal handler sees globals only. They are written while no handler is installed.
LastWords gLastWords;
volatile std::sig_atomic_t gListening = 0;
volatile std::sig_atomic_t gRequested = 0;

void onSignal(int) {
    if (gListening != 0 && gRequested == 0) {
        gRequested = 1;
        return;
    }
    [[maybe_unused]] const ssize_t said = ::write(gLastWords.to, gLastWords.text, gLastWords.size);
    ::_exit(gLastWords.exitCode);
}

} // namespace

Interrupt::Interrupt(std::string lastWords, int to, int exitCode) : m_lastWords(std::move(lastWords)) {
    gLastWords = LastWords{m_lastWords.data(), m_lastWords.size(), to, exitCode};
    gListening = 0;
    gRequested = 0;
    for (std::size_t i = 0; i < kEndSignals.size(); ++i) {
        sigaction(kEndSignals[i], nullptr, &m_before[i]);
        if (m_before[i].sa_handler != SIG_IGN) {
            struct sigaction action {};
            action.sa_handler = onSignal;
            sigaction(kEndSignals[i], &action, nullptr);
        }
    }
}

Interrupt::~Interrupt() {
    for (std::size_t i = 0; i < kEndSignals.size(); ++i) {
        sigaction(kEndSignals[i], &m_before[i], nullptr);
    }
}

void Interrupt::listen() {
    gListening = 1;
}

bool Interrupt::requested() const {
    return gRequested != 0;
}

} // namespace keybearer::cli
