#pragma once
/// \file
/// The way to the broker, as the verbs use it.

#include "app/cli/consent.h"
#include "ipc/base/secret.h"
#include "ipc/client/client.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace keybearer::cli {

enum class Start { IfNeeded, Never };

[[nodiscard]] client::Result<client::Client> connectBroker(Start start);

/// How often something that may be repeated is tried when the broker goes away in the middle: it may be updated, or
/// killed, and the next one is a moment away.
inline constexpr int kTries = 10;
/// Before the second try, and before each further one twice as long up to the second number. A broker that is being
/// killed still takes connections for a moment.
inline constexpr std::chrono::milliseconds kFirstPause{10};
inline constexpr std::chrono::milliseconds kLongestPause{100};

/// Waits out a broker from before an upgrade. It ends within half a minute, unless somebody signs in.
class Succession {
public:
    /// After a pause; false: the call failed for another reason, or has been tried for long enough.
    [[nodiscard]] bool tryAgain(const client::Error& error);

private:
    std::chrono::milliseconds m_pause{100};
    std::chrono::milliseconds m_waited{0};
};

/// Connects to a broker that knows this program, for calls that are not repeated.
[[nodiscard]] client::Result<client::Client> connectToStay();

/// Connects and does what changes nothing, such as asking for a credential: again when the connection is lost, or when
/// the person at this terminal has allowed it.
template<class Action>
auto withBroker(Start start, const Action& action) -> decltype(action(std::declval<client::Client&>())) {
    auto pause = kFirstPause;
    bool asked = false;
    Succession succession;
    for (int tries = 1;; ++tries, pause = std::min(2 * pause, kLongestPause)) {
        auto broker = connectBroker(start);
        if (!broker) {
            return base::fail(broker.error());
        }
        auto result = action(*broker);
        if (!result && result.error().kind == "consent_required" && !asked &&
            consentAtTerminal(*broker, result.error())) {
            asked = true; // once: who is refused after that was refused by the person
            continue;
        }
        if (!result && succession.tryAgain(result.error())) {
            tries = 0;
            continue;
        }
        if (result || result.error().kind != "connection_lost" || tries == kTries) {
            return result;
        }
        std::this_thread::sleep_for(pause);
    }
}

/// Connects, asks, and gives the result; asks again when the connection is lost and the method may be repeated.
[[nodiscard]] client::Result<nlohmann::json> askBroker(Start start, std::string_view method,
                                                       const nlohmann::json& params = nlohmann::json::object());

/// A call with `secret` as parameter `name`; this program's copies of it are wiped afterwards.
[[nodiscard]] client::Result<nlohmann::json> callWithSecret(client::Client& broker, std::string_view method,
                                                            nlohmann::json params, const char* name,
                                                            const base::Secret& secret);

} // namespace keybearer::cli
