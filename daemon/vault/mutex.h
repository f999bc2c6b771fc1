#pragma once
/// \file
/// One coroutine at a time, in the order in which they came.

#include <QCoroTask>

#include <deque>
#include <memory>
#include <utility>

namespace keybearer::vault {

/// Main thread. Held by a shared pointer: whoever is inside or waits keeps it alive.
class Mutex : public std::enable_shared_from_this<Mutex> {
public:
    /// Being inside; its end lets the next one in.
    class Guard {
    public:
        explicit Guard(std::shared_ptr<Mutex> mutex) : m_mutex(std::move(mutex)) {}
        Guard(Guard&& other) noexcept : m_mutex(std::exchange(other.m_mutex, nullptr)) {}
        Guard& operator=(Guard&&) = delete;
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard() {
            if (m_mutex) {
                m_mutex->leave();
            }
        }

    private:
        std::shared_ptr<Mutex> m_mutex;
    };

    [[nodiscard]] auto enter() {
        struct Awaiter {
            std::shared_ptr<Mutex> mutex;
            bool await_ready() const noexcept { return !std::exchange(mutex->m_taken, true); }
            void await_suspend(std::coroutine_handle<> waiter) { mutex->m_waiting.push_back(waiter); }
            [[nodiscard]] Guard await_resume() { return Guard(std::move(mutex)); }
        };
        return Awaiter{shared_from_this()};
    }

private:
    void leave() {
        if (m_waiting.empty()) {
            m_taken = false;
            return;
        }
        const std::coroutine_handle<> next = m_waiting.front();
        m_waiting.pop_front();
        next.resume();
    }

    bool m_taken = false;
    std::deque<std::coroutine_handle<>> m_waiting;
};

} // namespace keybearer::vault
