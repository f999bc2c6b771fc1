#include "daemon/keychain/gate.h"

#include <QDeadlineTimer>

#include <utility>

namespace keybearer::keychain {

using std::chrono::milliseconds;

QCoro::Task<Gate::Pass> Gate::enter(milliseconds deadline) {
    const auto self = shared_from_this();
    const QDeadlineTimer end(deadline);
    while (self->m_closed) {
        if (end.hasExpired()) {
            co_return Pass();
        }
        co_await self->changed(milliseconds(end.remainingTime()));
    }
    ++self->m_inside;
    co_return Pass(self.get(), [self](const Gate* /*gate*/) {
        --self->m_inside;
        self->wakeAll();
    });
}

QCoro::Task<Gate::Pass> Gate::enterAlone(milliseconds deadline) {
    const auto self = shared_from_this();
    const QDeadlineTimer end(deadline);
    if (self->m_closed) {
        co_return Pass();
    }
    self->m_closed = true;
    Pass pass(self.get(), [self](const Gate* /*gate*/) {
        self->m_closed = false;
        self->wakeAll();
    });
    while (self->m_inside > 0) {
        if (end.hasExpired()) {
            co_return Pass();
        }
        co_await self->changed(milliseconds(end.remainingTime()));
    }
    co_return pass;
}

QCoro::Task<void> Gate::changed(milliseconds deadline) {
    const auto landing = std::make_shared<Landing<Change>>();
    m_waiting.push_back(landing);
    (void)co_await landing->within(deadline);
}

void Gate::wakeAll() {
    for (const auto& landing : std::exchange(m_waiting, {})) {
        landing->deliver({});
    }
}

} // namespace keybearer::keychain
