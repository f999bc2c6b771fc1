#include "daemon/rpc/handlers.h"
#include "daemon/rpc/key_scopes.h"
#include "daemon/rpc/or_null.h"
#include "ipc/base/ascii.h"
#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using nlohmann::json;
using protocol::ErrorKind;

protocol::Error unknownForward() {
    return failure(ErrorKind::InvalidValue, "there is no such session");
}

/// Something that a person could have written, and that does what it shows.
bool isHostName(const std::string& text) {
    return !text.empty() && text.size() <= kMaxForwardHost && !text.starts_with('-') &&
           std::ranges::all_of(text, base::isVisible);
}

/// One account or provider's key each: who forwards says what.
bool namesOne(const access::KeyScope& scope) {
    return scope.credential.find('*') == std::string::npos;
}

protocol::Result<NewForward> newForward(const Services& services, const Call& call) {
    NewForward wanted;
    wanted.host = call.params.requiredString("host");
    if (!isHostName(wanted.host)) {
        return base::fail(failure(ErrorKind::InvalidValue,
                                  "`host` is 1 to 255 visible ASCII characters, and does not begin with '-'"));
    }
    auto scopes = knownScopes(services, call.params.stringList("scopes").value_or(std::vector<std::string>()));
    if (!scopes) {
        return base::fail(std::move(scopes.error()));
    }
    wanted.scopes = std::move(*scopes);
    if (wanted.scopes.empty() || !std::ranges::all_of(wanted.scopes, namesOne)) {
        return base::fail(
            failure(ErrorKind::InvalidValue,
                    "`scopes` names the accounts and keys that are forwarded, at least one, each in full"));
    }
    for (const access::KeyScope& scope : wanted.scopes) {
        constexpr std::string_view kHead = "account:";
        const std::string name = scope.credential.substr(std::min(kHead.size(), scope.credential.size()));
        if (scope.credential.starts_with(kHead) && services.authority.accounts().byName(name) == nullptr) {
            return base::fail(accounts::unknownAccount(name));
        }
    }
    using std::chrono::seconds;
    const auto lifetime =
        protocol::inRange("expires_in", call.params.integer("expires_in").value_or(seconds(kDefaultForward).count()),
                          kMinForward.count(), seconds(kMaxForward).count());
    if (!lifetime) {
        return base::fail(lifetime.error());
    }
    wanted.lifetime = seconds(*lifetime);
    return wanted;
}

json shownTokens(const ForwardEnd& end) {
    json tokens = json::array();
    for (const accounts::HeldReport& one : end.tokens) {
        tokens.push_back({{"account", one.account},
                          {"revoked", one.revoked},
                          {"not_revoked", one.failed},
                          {"until", orNull(one.until)},
                          {"detail", orNull(one.detail)},
                          {"sign_in_ended", one.endedSignIn}});
    }
    return tokens;
}

json endedEvent(const ForwardEnd& end) {
    return {{"kind", "ended"},
            {"account", nullptr},
            {"provider", nullptr},
            {"reason", end.reason},
            {"tokens", shownTokens(end)}};
}

/// What account.login takes to sign in to just this account.
json signInEvent(const Services& services, const std::string& name) {
    const accounts::Account* account = services.authority.accounts().byName(name);
    const bool isShadowed = services.catalogue.find(name) != nullptr && account != nullptr;
    const std::string provider = !isShadowed ? name : account->provider.empty() ? account->issuer : account->provider;
    return {{"kind", "login_required"},
            {"account", name},
            {"provider", provider},
            {"reason", nullptr},
            {"tokens", json::array()}};
}

} // namespace

QCoro::Task<Reply> forwardBegin(Services& services, Call call) {
    auto wanted = newForward(services, call);
    if (!wanted) {
        co_return base::fail(std::move(wanted.error()));
    }
    auto begun = services.forwards.begin(std::move(*wanted), call.connection);
    if (!begun) {
        co_return base::fail(std::move(begun.error()));
    }
    protocol::Body answer;
    answer.add("session_id", begun->forward.id)
        .add("key", begun->key.reveal())
        .add("socket", begun->forward.socket)
        .add("expires_at", std::optional<std::int64_t>(begun->forward.expiresAt));
    co_return answer;
}

QCoro::Task<Reply> forwardWait(Services& services, Call call) {
    const auto wait = protocol::inRange("wait", call.params.integer("wait").value_or(0), 0, kMaxForwardWait.count());
    if (!wait) {
        co_return base::fail(wait.error());
    }
    const std::string id = call.params.requiredString("session_id");
    const auto end = services.clock.steady() + std::chrono::seconds(*wait);
    for (;;) {
        const std::uint64_t changes = services.changes.count();
        const auto forward = services.forwards.find(id);
        if (!forward || forward->owner != call.connection) {
            co_return base::fail(unknownForward());
        }
        if (forward->end) {
            co_return endedEvent(*forward->end);
        }
        if (const auto account = services.forwards.takeSignIn(id)) {
            co_return signInEvent(services, *account);
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - services.clock.steady());
        if (left.count() <= 0) {
            co_return json{{"kind", "nothing"},
                           {"account", nullptr},
                           {"provider", nullptr},
                           {"reason", nullptr},
                           {"tokens", json::array()}};
        }
        if (changes == services.changes.count()) {
            const auto door = services.changes.next(call.connection, left);
            co_await door->wait();
        }
    }
}

QCoro::Task<Reply> forwardList(Services& services, Call) {
    json list = json::array();
    for (const auto& forward : services.forwards.all()) {
        const clientkeys::ClientKey* key = services.clientKeys.byId(forward->id);
        if (key == nullptr) {
            continue; // it is ending
        }
        list.push_back({{"session_id", forward->id},
                        {"host", forward->host},
                        {"scopes", scopeTexts(key->scopes)},
                        {"started_at", forward->startedAt},
                        {"expires_at", forward->expiresAt},
                        {"connections", services.connectionKeys.allOf(forward->id).size()},
                        {"last_used_at", key->lastUsedAt == 0 ? json() : json(key->lastUsedAt)},
                        {"use_count", key->useCount}});
    }
    co_return json{{"sessions", std::move(list)}};
}

QCoro::Task<Reply> forwardEnd(Services& services, Call call) {
    const std::string id = call.params.requiredString("session_id");
    const auto forward = services.forwards.find(id);
    if (!forward) {
        co_return base::fail(unknownForward());
    }
    const bool isOwner = forward->owner == call.connection;
    const ForwardEnd ended =
        co_await services.forwards.end(id, isOwner ? "the command has ended" : "it was ended by command");
    co_return json{{"session_id", id}, {"reason", ended.reason}, {"tokens", shownTokens(ended)}};
}

} // namespace keybearer::rpc
