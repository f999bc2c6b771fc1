#pragma once
/// \file
/// A keyring service in memory that can be absent, refuse, or stop answering at a chosen call.

#include "daemon/keychain/keychain.h"
#include "daemon/keychain/landing.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace keybearer::keychain {

/// What the service holds; outlives the objects that stand for a broker's view of it.
struct FakeStore {
    std::map<std::string, std::string> items;
    State state = State::Ready;
    bool garbles = false; ///< gives back something else than was written
};

class FakeService final : public Keychain {
public:
    explicit FakeService(std::shared_ptr<FakeStore> store, int hangsAtCall = 0)
        : m_store(std::move(store)), m_hangsAtCall(hangsAtCall) {}

    [[nodiscard]] std::string kind() const override { return "secret-service"; }
    [[nodiscard]] QCoro::Task<State> state() override { co_return m_store->state; }
    [[nodiscard]] QCoro::Task<StateReport> report() override { co_return StateReport{m_store->state, "as it is"}; }

    [[nodiscard]] QCoro::Task<Result<base::Secret>> read(std::string key) override {
        co_await step();
        if (const auto problem = refusal()) {
            co_return base::fail(*problem);
        }
        const auto item = m_store->items.find(key);
        if (item == m_store->items.end()) {
            co_return base::fail(Error{ErrorKind::NotFound, {}});
        }
        co_return base::Secret(m_store->garbles ? "something else" : item->second);
    }
    [[nodiscard]] QCoro::Task<Result<void>> write(std::string key, base::Secret value) override {
        co_await step();
        if (const auto problem = refusal()) {
            co_return base::fail(*problem);
        }
        m_store->items[key] = std::string(value.reveal());
        co_return {};
    }
    [[nodiscard]] QCoro::Task<Result<void>> remove(std::string key) override {
        co_await step();
        if (const auto problem = refusal()) {
            co_return base::fail(*problem);
        }
        m_store->items.erase(key);
        co_return {};
    }

    /// Reads, writes and removals so far.
    [[nodiscard]] int calls() const { return m_calls; }
    [[nodiscard]] bool hangs() const { return m_hang != nullptr; }
    void goOn() {
        if (m_hang) {
            m_hang->deliver(0);
        }
    }

private:
    QCoro::Task<void> step() {
        if (++m_calls == m_hangsAtCall) {
            m_hang = std::make_shared<Landing<int>>();
            const auto hang = m_hang;
            (void)co_await hang->within(std::chrono::minutes(5));
        }
    }
    [[nodiscard]] std::optional<Error> refusal() const {
        switch (m_store->state) {
        case State::Ready: return std::nullopt;
        case State::Locked: return Error{ErrorKind::Locked, "locked"};
        case State::Unavailable: break;
        }
        return Error{ErrorKind::Unavailable, "absent"};
    }

    std::shared_ptr<FakeStore> m_store;
    int m_hangsAtCall;
    int m_calls = 0;
    std::shared_ptr<Landing<int>> m_hang;
};

} // namespace keybearer::keychain
