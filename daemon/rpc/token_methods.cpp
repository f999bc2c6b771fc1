#include "daemon/oauth/authorization_request.h"
#include "daemon/oauth/dpop.h"
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

/// `session`: whose alone the token is; empty: this machine's programs'.
Result<accounts::TokenRequest> requestOf(const Services& services, const protocol::Params& params,
                                         const std::string& session) {
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
    request.kind.holder = session;
    if (const auto minValid = params.integer("min_valid")) {
        const auto checked = protocol::inRange("min_valid", *minValid, 0, kMaxMinValid);
        if (!checked) {
            return base::fail(checked.error());
        }
        request.minValid = std::chrono::seconds(*checked);
    }
    return request;
}

/// For a session: the sign-in happens where the person is, who is told of it once.
QCoro::Task<Result<accounts::IssuedToken>> tokenFor(Services& services, accounts::TokenRequest request) {
    const std::string session = request.kind.holder;
    const std::string account = request.account;
    auto issued = co_await services.authority.token(std::move(request));
    if (session.empty()) {
        co_return std::move(issued);
    }
    if (issued) {
        services.forwards.signedIn(session, account);
    } else if (issued.error().kind == ErrorKind::LoginRequired) {
        services.forwards.signInWanted(session, account);
        issued.error().message = "account " + account +
                                 " needs a sign-in, which is asked for on the machine that this session comes from; "
                                 "ask again when it is done";
    }
    co_return std::move(issued);
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
        .add("token_type", issued.dpopKey ? "DPoP" : "Bearer");
    return answer;
}

Result<oauth::ProofRequest> proofRequestOf(const protocol::Params& params) {
    oauth::ProofRequest proof;
    proof.method = params.requiredString("htm");
    if (!oauth::isHttpMethod(proof.method)) {
        return base::fail(accounts::failure(ErrorKind::InvalidValue, "htm is not one of HTTP, such as GET"));
    }
    auto target = oauth::proofTarget(params.requiredString("htu"));
    if (!target) {
        return base::fail(accounts::failure(ErrorKind::InvalidValue,
                                            "htu is not an https URL; http is for this machine's own addresses"));
    }
    proof.url = std::move(*target);
    proof.nonce = params.string("nonce").value_or("");
    if (!proof.nonce.empty() && !oauth::isDpopNonce(proof.nonce)) {
        return base::fail(accounts::failure(
            ErrorKind::InvalidValue, "a nonce has no spaces, quotes or backslashes, and at most 1024 characters"));
    }
    return proof;
}

} // namespace

std::optional<protocol::Body> tokenFromCache(Services& services, const protocol::Params& params, ReleaseNote& note) {
    const auto request = requestOf(services, params, {});
    const auto issued = request ? services.authority.cachedToken(*request) : std::nullopt;
    return issued ? std::optional(answerOf(*issued, note)) : std::nullopt;
}

QCoro::Task<Reply> tokenGet(Services& services, Call call) {
    auto request = requestOf(services, call.params, call.session);
    if (!request) {
        co_return base::fail(std::move(request.error()));
    }
    auto issued = co_await tokenFor(services, std::move(*request));
    if (!issued) {
        co_return base::fail(std::move(issued.error()));
    }
    co_return answerOf(*issued, *call.note);
}

QCoro::Task<Reply> dpopProof(Services& services, Call call) {
    auto request = requestOf(services, call.params, call.session);
    if (!request) {
        co_return base::fail(std::move(request.error()));
    }
    auto proof = proofRequestOf(call.params);
    if (!proof) {
        co_return base::fail(std::move(proof.error()));
    }
    auto issued = co_await tokenFor(services, std::move(*request));
    if (!issued) {
        co_return base::fail(std::move(issued.error()));
    }
    if (!issued->dpopKey) {
        co_return base::fail(accounts::failure(ErrorKind::Unsupported,
                                               "the tokens of account " + issued->account +
                                                   " are bound to no key, and need no proof; write dpop = true into "
                                                   "the provider's file and sign in again to have them bound"));
    }
    proof->token = &issued->token;
    proof->issuedAt = services.clock.utcSeconds();
    protocol::Body answer = answerOf(*issued, *call.note);
    answer.add("proof", oauth::dpopProof(*issued->dpopKey, *proof));
    co_return answer;
}

} // namespace keybearer::rpc
