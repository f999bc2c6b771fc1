#pragma once
/// \file
/// A page, or a window, with a broker that says what the test wants.

#include "app/model/broker_state.h"
#include "tests/unit/fake_broker.h"

#include <QTest>

namespace keybearer::test {

inline constexpr int kSoon = 5000; // milliseconds

/// Connected, and live once begin() has returned.
struct PageFixture {
    FakeBroker broker;
    model::BrokerLink link{broker.connector()};
    model::BrokerState state{link};
    int revision = 0;

    void begin(const nlohmann::json& changes = nlohmann::json::object()) {
        broker.answer("approval.attach", {{"approvers", 1}, {"new_grants", nlohmann::json::array()}});
        link.open();
        tell(changes);
        QTRY_VERIFY_WITH_TIMEOUT(state.isLive(), kSoon);
    }
    /// The broker's state is another one from now on.
    void tell(const nlohmann::json& changes) {
        nlohmann::json status{{"policy", "ask"},
                              {"keychain", {{"backend", "secret-service"}, {"state", "ready"}}},
                              {"accounts", nlohmann::json::array()},
                              {"sign_in_needed", nlohmann::json::array()},
                              {"locked", nullptr},
                              {"revision", std::to_string(++revision)}};
        status.merge_patch(changes);
        QTRY_COMPARE_WITH_TIMEOUT(broker.waiting("system.status"), 1, kSoon);
        broker.release("system.status", status);
    }
};

} // namespace keybearer::test
