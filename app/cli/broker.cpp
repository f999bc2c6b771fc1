#include "app/cli/broker.h"

#include "app/cli/failure.h"
#include "ipc/client/autostart.h"
#include "ipc/protocol/methods.h"

namespace keybearer::cli {

using nlohmann::json;

client::Result<client::Client> connectBroker(Start start) {
    const auto paths = base::currentPaths();
    if (!paths) {
        return base::fail(failure("invalid_environment", paths.error(), 2));
    }
    if (start == Start::IfNeeded) {
        return client::connectOrStart(*paths);
    }
    return client::Client::connect(*paths).map_error([](client::Error error) {
        if (error.kind == "no_broker") {
            error.message += "; start one with: keybearer daemon start";
        }
        return error;
    });
}

client::Result<json> askBroker(Start start, std::string_view method, const json& params) {
    const protocol::Method* known = protocol::findMethod(method);
    if (known != nullptr && known->fuzz == protocol::Fuzz::Free) {
        return withBroker(start, [&](client::Client& broker) { return broker.call(method, params); });
    }
    Succession succession;
    for (;;) {
        auto broker = connectBroker(start);
        if (!broker) {
            return base::fail(broker.error());
        }
        auto result = broker->call(method, params);
        if (!result && succession.tryAgain(result.error())) {
            continue; // nothing was done
        }
        if (!result && result.error().kind == "consent_required" && consentAtTerminal(*broker, result.error())) {
            return broker->call(method, params);
        }
        return result;
    }
}

bool Succession::tryAgain(const client::Error& error) {
    constexpr std::chrono::seconds kPatience{40};
    constexpr std::chrono::seconds kLongest{2};
    if (error.kind != "broker_replaced" || m_waited >= kPatience) {
        return false;
    }
    std::this_thread::sleep_for(m_pause);
    m_waited += m_pause;
    m_pause = std::min<std::chrono::milliseconds>(2 * m_pause, kLongest);
    return true;
}

client::Result<client::Client> connectToStay() {
    Succession succession;
    for (int tries = 1;; ++tries) {
        auto broker = connectBroker(Start::IfNeeded);
        // A call before which it looks at who asks, and that leaves no line in the record.
        const auto known = broker ? broker->call("audit.query", {{"limit", 1}}) : client::Result<json>(json());
        const bool isLost = !known && known.error().kind == "connection_lost" && tries < kTries;
        if (known || (!isLost && !succession.tryAgain(known.error()))) {
            return broker;
        }
    }
}

client::Result<json> callWithSecret(client::Client& broker, std::string_view method, json params, const char* name,
                                    const base::Secret& secret) {
    params[name] = std::string(secret.reveal());
    auto result = broker.call(method, params);
    base::wipe(params[name].get_ref<std::string&>());
    return result;
}

} // namespace keybearer::cli
