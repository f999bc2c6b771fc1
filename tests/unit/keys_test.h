#pragma once
/// \file
/// A broker with an account and a key, for the tests of what shows them.

#include "app/model/broker_state.h"
#include "tests/unit/fake_broker.h"

#include <QPushButton>
#include <QTest>

namespace keybearer::test {

inline const nlohmann::json kKey{
    {"provider", "openai"},
    {"tenant", "default"},
    {"name", "work"},
    {"used_at", nullptr},
    {"fields", {{{"field", "api_key"}, {"slot", "current"}, {"preview", "sk-pr...abc"}, {"set_at", 5}}}}};
inline const nlohmann::json kAccount{
    {"account", "me"}, {"provider", "lab"}, {"label", "ada@example.com"}, {"status", "signed_in"}};
inline const nlohmann::json kOpenAi{
    {"provider", "openai"},
    {"display_name", "OpenAI"},
    {"auth_methods", {"api_key"}},
    {"dashboard_url", "https://keys.example.com/make"},
    {"needs", {{"api_key"}, {"id", "pem"}}},
    {"fields",
     {{{"field", "api_key"}, {"type", "token"}, {"secret", true}, {"prefixes", {"sk-"}}},
      {{"field", "id"}, {"type", "text"}, {"secret", false}},
      {{"field", "pem"}, {"type", "pem"}, {"secret", true}},
      {{"field", "base_url"}, {"type", "url"}, {"secret", false}}}}};

/// A broker, and a page that is seen.
struct Scene {
    FakeBroker broker;
    model::BrokerLink link{broker.connector()};
    model::BrokerState state{link};

    Scene() {
        broker.answer("account.list", nlohmann::json{{"accounts", {kAccount}}});
        broker.answer("credential.list", nlohmann::json{{"credentials", {kKey}}});
        broker.answer(
            "provider.list",
            nlohmann::json{
                {"providers", {kOpenAi, {{"provider", "lab"}, {"display_name", "Lab"}, {"auth_methods", {"oauth"}}}}}});
        broker.answer("provider.describe", kOpenAi);
        broker.answer("credential.remove", nlohmann::json{{"provider", "openai"}, {"removed", 1}});
        broker.answer("credential.set", nlohmann::json{{"provider", "openai"}, {"warnings", nlohmann::json::array()}});
        link.open();
        isOpen = QTest::qWaitFor([this] { return link.state() == model::BrokerLink::State::Open; });
    }
    bool isOpen = false; ///< the connection
};

template<class T>
T* part(QWidget& window, const char* name) {
    return window.findChild<T*>(QString::fromLatin1(name));
}

inline void press(QWidget& window, const char* name) {
    QTest::mouseClick(part<QPushButton>(window, name), Qt::LeftButton);
}

} // namespace keybearer::test
