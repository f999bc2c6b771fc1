#include "daemon/rpc/handlers.h"

namespace keybearer::rpc {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxMinValid = 86'400;

} // namespace

QCoro::Task<Reply> tokenGet(Services& services, Call call) {
    accounts::TokenRequest request;
    request.account = call.params.requiredString("account");
    request.refresh = call.params.boolean("refresh");
    if (const auto minValid = call.params.integer("min_valid")) {
        const auto checked = protocol::inRange("min_valid", *minValid, 0, kMaxMinValid);
        if (!checked) {
            co_return base::fail(checked.error());
        }
        request.minValid = std::chrono::seconds(*checked);
    }
    auto issued = co_await services.authority.token(std::move(request));
    if (!issued) {
        co_return base::fail(std::move(issued.error()));
    }
    co_return json{{"access_token", issued->token.reveal()},
                   {"token_type", "Bearer"},
                   {"expires_at", issued->expiresAt ? json(*issued->expiresAt) : json()},
                   {"scope", issued->scope},
                   {"account", issued->account},
                   {"issuer", issued->issuer},
                   {"source", issued->fromCache ? "cache" : "refresh"}};
}

} // namespace keybearer::rpc
