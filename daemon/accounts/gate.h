#pragma once
/// \file
/// A door that many coroutines wait at and that opens once.

#include <QCoroTask>

#include <utility>
#include <vector>

namespace keybearer::accounts {

/// Main thread; held by shared_ptr by everybody who waits. open() resumes the waiters before it returns, so it stands
/// last where it is called.
class Gate {
public:
    [[nodiscard]] bool isOpen() const noexcept { return m_open; }

    void open() {
        m_open = true;
        for (const std::coroutine_handle<> waiter : std::exchange(m_waiters, {})) {
            waiter.resume();
        }
    }

    [[nodiscard]] auto wait() {
        struct Awaiter {
            Gate& gate;
            bool await_ready() const noexcept { return gate.m_open; }
            void await_suspend(std::coroutine_handle<> waiter) { gate.m_waiters.push_back(waiter); }
            void await_resume() const noexcept {}
        };
        return Awaiter{*this};
    }

private:
    bool m_open = false;
    std::vector<std::coroutine_handle<>> m_waiters;
};

} // namespace keybearer::accounts
