#include "ipc/server/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

namespace keybearer::server {
namespace {

constexpr std::size_t kBatch = 256;

epoll_event entry(std::uint64_t token, bool read, bool write) {
    epoll_event event{};
    event.events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U);
    event.data.u64 = token;
    return event;
}

} // namespace

Poller::Poller() : m_fd(::epoll_create1(EPOLL_CLOEXEC)) {}

bool Poller::add(int fd, std::uint64_t token) {
    epoll_event event = entry(token, true, false);
    return ::epoll_ctl(m_fd.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::watch(int fd, std::uint64_t token, bool read, bool write) {
    epoll_event event = entry(token, read, write);
    ::epoll_ctl(m_fd.get(), EPOLL_CTL_MOD, fd, &event);
}

void Poller::remove(int fd) {
    ::epoll_ctl(m_fd.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::size_t Poller::poll(std::span<Event> events) {
    std::array<epoll_event, kBatch> ready;
    const int room = static_cast<int>(std::min(events.size(), ready.size()));
    const int count = ::epoll_wait(m_fd.get(), ready.data(), room, 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = ready[static_cast<std::size_t>(i)];
        events[static_cast<std::size_t>(i)] =
            Event{event.data.u64, (event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0,
                  (event.events & (EPOLLHUP | EPOLLERR)) != 0};
    }
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

} // namespace keybearer::server
