#include "daemon/oauth/authorization_request.h"
#include "daemon/rpc/account_choice.h"
#include "daemon/rpc/handlers.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using accounts::Result;
using protocol::ErrorKind;

constexpr std::int64_t kMaxMinValid = 86'400;

Result<accounts::TokenKind> kindOf(const protocol::Params& params) {
    std::vector<std::string> scopes = params.stringList("scopes").value_or(std::vector<std::string>());
    if (!oauth::areScopeTokens(scopes)) {
        return base::fail(accounts::failure(ErrorKind::InvalidValue,
                                            "a scope has no spaces, quotes or backslashes, and fewer than 256 bytes"));
    }
    return accounts::tokenKind(std::move(scopes), params.string("resource").value_or(""),
                               params.string("audience").value_or(""));
}

Result<accounts::TokenRequest> requestOf(const Services& services, const protocol::Params& params) {
    accounts::TokenRequest request;
    auto choice = chooseAccount(services, params);
    if (!choice) {
        return base::fail(std::move(choice.error()));
    }
    request.account = std::move(choice->account);
    request.refresh = params.boolean("refresh");
    auto kind = kindOf(params);
    if (!kind) {
        return base::fail(std::move(kind.error()));
    }
    request.kind = std::move(*kind);
    if (const auto minValid = params.integer("min_valid")) {
        const auto checked = protocol::inRange("min_valid", *minValid, 0, kMaxMinValid);
        if (!checked) {
            return base::fail(checked.error());
        }
        request.minValid = std::chrono::seconds(*checked);
    }
    return request;
}

protocol::Body answerOf(const accounts::IssuedToken& issued, ReleaseNote& note) {
    note.account = issued.account;
    note.source = issued.fromCache ? "cache" : "refresh";
    note.expires = issued.expiresAt ? std::to_string(*issued.expiresAt) : "";
    protocol::Body answer;
    answer.add("access_token", issued.token.reveal())
        .add("account", issued.account)
        .add("expires_at", issued.expiresAt)
        .add("issuer", issued.issuer)
        .add("scope", issued.scope)
        .add("source", note.source)
        .add("token_type", "Bearer");
    return answer;
}

} // namespace

std::optional<protocol::Body> tokenFromCache(Services& services, const protocol::Params& params, ReleaseNote& note) {
    const auto request = requestOf(services, params);
    const auto issued = request ? services.authority.cachedToken(*request) : std::nullopt;
    return issued ? std::optional(answerOf(*issued, note)) : std::nullopt;
}

QCoro::Task<Reply> tokenGet(Services& services, Call call) {
    auto request = requestOf(services, call.params);
    if (!request) {
        co_return base::fail(std::move(request.error()));
    }
    auto issued = co_await services.authority.token(std::move(*request));
    if (!issued) {
        co_return base::fail(std::move(issued.error()));
    }
    co_return answerOf(*issued, *call.note);
}

} // namespace keybearer::rpc
