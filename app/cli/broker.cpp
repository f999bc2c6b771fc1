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
    auto broker = connectBroker(start);
    if (!broker) {
        return base::fail(broker.error());
    }
    auto result = broker->call(method, params);
    if (!result && result.error().kind == "consent_required" && consentAtTerminal(*broker, result.error())) {
        return broker->call(method, params);
    }
    return result;
}

client::Result<json> callWithSecret(client::Client& broker, std::string_view method, json params, const char* name,
                                    const base::Secret& secret) {
    params[name] = std::string(secret.reveal());
    auto result = broker.call(method, params);
    base::wipe(params[name].get_ref<std::string&>());
    return result;
}

} // namespace keybearer::cli
