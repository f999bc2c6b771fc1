#include "daemon/oauth/authorization_request.h"
#include "daemon/rpc/handlers.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using accounts::Result;
using nlohmann::json;
using protocol::ErrorKind;

constexpr std::int64_t kMaxMinValid = 86'400;

Result<accounts::TokenKind> kindOf(const protocol::Params& params) {
    std::vector<std::string> scopes = params.stringList("scopes").value_or(std::vector<std::string>());
    if (!oauth::areScopeTokens(scopes)) {
        return base::fail(accounts::failure(ErrorKind::InvalidValue,
                                            "a scope has no spaces, quotes or backslashes, and fewer than 256 bytes"));
    }
    return accounts::tokenKind(std::move(scopes), params.string("resource").value_or(""));
}

} // namespace

QCoro::Task<Reply> tokenGet(Services& services, Call call) {
    accounts::TokenRequest request;
    request.account = call.params.requiredString("account");
    request.refresh = call.params.boolean("refresh");
    auto kind = kindOf(call.params);
    if (!kind) {
        co_return base::fail(std::move(kind.error()));
    }
    request.kind = std::move(*kind);
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
