#pragma once
/// \file
/// Lets many calls through at a time, or one move of the whole keychain.

#include "daemon/keychain/landing.h"

#include <QCoroTask>

#include <chrono>
#include <memory>
#include <vector>

namespace keybearer::keychain {

/// A read-write lock for coroutines of one thread. A move that waits keeps new calls out, so it is not starved; calls
/// that wait are let through when it ends. Held by a shared pointer, because who waits may outlive its owner.
class Gate : public std::enable_shared_from_this<Gate> {
public:
    /// Being inside; the last copy leaves. Null means that the deadline came first.
    using Pass = std::shared_ptr<const Gate>;

    [[nodiscard]] QCoro::Task<Pass> enter(std::chrono::milliseconds deadline);
    /// Null at once when another is moving.
    [[nodiscard]] QCoro::Task<Pass> enterAlone(std::chrono::milliseconds deadline);

private:
    struct Change {};
    [[nodiscard]] QCoro::Task<void> changed(std::chrono::milliseconds deadline);
    void wakeAll();

    int m_inside = 0;
    bool m_closed = false;
    std::vector<std::shared_ptr<Landing<Change>>> m_waiting;
};

} // namespace keybearer::keychain
