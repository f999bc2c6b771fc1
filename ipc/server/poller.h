#pragma once
/// \file
/// Readiness of many descriptors behind one: a QSocketNotifier for each connection costs a tenth of the throughput.

#include "ipc/base/unique_fd.h"

#include <cstdint>
#include <span>

namespace keybearer::server {

/// One file per system: poller_linux.cpp uses epoll, level-triggered.
class Poller {
public:
    struct Event {
        std::uint64_t token;
        bool readable;
        bool writable;
        bool hungUp; ///< both directions are closed, or the descriptor is in error
    };

    Poller();
    /// Becomes readable when any registered descriptor is ready; for the event loop's own notifier.
    [[nodiscard]] int descriptor() const noexcept { return m_fd.get(); }
    /// False when the system has no room for another descriptor.
    [[nodiscard]] bool add(int fd, std::uint64_t token);
    void watch(int fd, std::uint64_t token, bool read, bool write);
    void remove(int fd);
    /// Fills `events` without waiting and returns how many there are.
    [[nodiscard]] std::size_t poll(std::span<Event> events);

private:
    base::UniqueFd m_fd;
};

} // namespace keybearer::server
