#pragma once
/// \file
/// A place where one value lands, once, and where one coroutine waits for it no longer than a deadline.

#include <QCoreApplication>
#include <QCoroTask>
#include <QMetaObject>
#include <QTimer>

#include <chrono>
#include <optional>
#include <utility>

namespace keybearer::keychain {

/// Held by a shared pointer in two places: the coroutine that waits, and the callback that delivers. A callback that
/// comes after the deadline finds the object alive and changes nothing. (QCoro's own signal wait with a timeout is not
/// used: a signal that is queued when its timer fires reaches an awaiter that is gone.)
///
/// Created, awaited and delivered to in the main thread.
template<class T>
class Landing {
public:
    Landing() {
        m_timer.setSingleShot(true);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { wake(); });
    }

    /// The first value counts.
    void deliver(T value) {
        if (!m_value) {
            m_value.emplace(std::move(value));
        }
        wake();
    }

    /// Awaitable: the value, or nullopt at the deadline.
    [[nodiscard]] auto within(std::chrono::milliseconds deadline) { return Awaiter{*this, deadline}; }

private:
    struct Awaiter {
        Landing& landing;
        std::chrono::milliseconds deadline;

        [[nodiscard]] bool await_ready() const noexcept { return landing.m_value.has_value(); }
        void await_suspend(std::coroutine_handle<> waiter) {
            landing.m_waiter = waiter;
            landing.m_timer.start(deadline);
        }
        [[nodiscard]] std::optional<T> await_resume() { return std::move(landing.m_value); }
    };

    /// Resumes from the event loop, never from inside the callback that delivered: the coroutine may end there and
    /// destroy what that callback still uses.
    void wake() {
        m_timer.stop();
        if (const auto waiter = std::exchange(m_waiter, {})) {
            QMetaObject::invokeMethod(
                QCoreApplication::instance(), [waiter]() mutable { waiter.resume(); }, Qt::QueuedConnection);
        }
    }

    std::optional<T> m_value;
    std::coroutine_handle<> m_waiter;
    QTimer m_timer;
};

} // namespace keybearer::keychain
