#pragma once
/// \file
/// Ctrl-C, a closed terminal and kill, turned into an orderly end.

#include <array>
#include <csignal>
#include <string>

namespace keybearer::cli {

inline constexpr std::array kEndSignals{SIGINT, SIGTERM, SIGHUP};

/// While one exists, the end signals no longer kill the process. Until listen() is called they make it say its last
/// words and exit at once; after that the first one only sets requested(), and a second one exits at once. A signal
/// that was ignored (nohup) stays ignored. One at a time.
class Interrupt {
public:
    /// `lastWords` go to descriptor `to`.
    Interrupt(std::string lastWords, int to, int exitCode);
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();

    void listen();
    [[nodiscard]] bool requested() const;

private:
    std::string m_lastWords;
    std::array<struct sigaction, kEndSignals.size()> m_before{};
};

} // namespace keybearer::cli
