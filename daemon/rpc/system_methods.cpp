#include "daemon/crypto/crypto.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"

#include <unistd.h>

#include <algorithm>

namespace keybearer::rpc {
namespace {

using nlohmann::json;

constexpr int kProtocolVersion = 1; ///< the newest; there is no older one
constexpr std::int64_t kMaxWaitSeconds = 300;
constexpr std::size_t kRevisionDigits = 16;

json accountStatus(const accounts::TokenAuthority& authority, const accounts::Account& account, bool keychainReady) {
    const bool good = account.loginRequired.empty();
    return json{{"account", account.name},
                {"provider", account.provider},
                {"issuer", account.issuer},
                {"resource", orNull(account.resource)},
                {"status", !good           ? "login_required"
                           : keychainReady ? "signed_in"
                                           : "unknown"},
                {"source", "oauth"},
                {"auth_methods", json::array({"oauth"})},
                {"expires_at", orNull(authority.view(account).expiresAt)},
                {"reason", good ? json() : json(account.loginRequired)}};
}

json locked(const Lock& lock) {
    return lock.isLocked() ? json{{"by", toString(lock.state()->by)}, {"since", lock.state()->since}} : json();
}

json signInNeeded(const Services& services) {
    json out = json::array();
    const auto add = [&](const std::string& provider, const std::string& account, std::string_view reason, json since) {
        out.push_back({{"provider", provider}, {"account", account}, {"reason", reason}, {"since", std::move(since)}});
    };
    const auto waiting = services.logins.signIns().waiting();
    for (const accounts::WaitingSignIn& one : waiting) {
        add(one.provider, one.account, accounts::toString(one.reason), one.since);
    }
    for (const accounts::Account& account : services.authority.accounts().all()) {
        const bool waits = std::ranges::any_of(waiting, [&](const auto& one) { return one.account == account.name; });
        if (!account.loginRequired.empty() && !waits) {
            add(account.provider.empty() ? account.issuer : account.provider, account.name, "ended", nullptr);
        }
    }
    return out;
}

/// What somebody at another machine sees: what was forwarded there.
void narrowToSession(const Services& services, const std::string& session, json& status) {
    const clientkeys::ClientKey* key = services.clientKeys.byId(session);
    const auto isHidden = [&](const json& row) {
        const std::string credential = "account:" + row.at("account").get<std::string>();
        return key == nullptr || std::ranges::none_of(key->scopes, [&](const access::KeyScope& scope) {
                   return access::coversCredential(scope.credential, credential);
               });
    };
    for (const char* list : {"accounts", "sign_in_needed"}) {
        json shown = json::array();
        for (const json& row : status.at(list)) {
            if (!isHidden(row)) {
                shown.push_back(row);
            }
        }
        status[list] = std::move(shown);
    }
    status["warnings"] = json::array();
}

QCoro::Task<json> statusNow(Services& services, std::optional<std::string> wanted, std::string session) {
    const keychain::Status keychain = co_await services.keychain.status();
    json accounts = json::array();
    for (const accounts::Account& account : services.authority.accounts().all()) {
        if (!wanted || *wanted == account.name || *wanted == account.provider || *wanted == account.issuer) {
            accounts.push_back(accountStatus(services.authority, account, keychain.state == "ready"));
        }
    }
    json status{{"version", KEYBEARER_VERSION},
                {"pid", ::getpid()},
                {"started_at", services.startedAt},
                {"socket", services.paths.socket},
                {"policy", access::toString(services.policy.current())},
                {"keychain", {{"backend", keychain.backend}, {"state", keychain.state}, {"detail", keychain.detail}}},
                {"accounts", std::move(accounts)},
                {"sign_in_needed", signInNeeded(services)},
                {"locked", locked(services.lock)},
                {"warnings", services.warnings}};
    if (!session.empty()) {
        narrowToSession(services, session, status);
    }
    status["revision"] =
        crypto::sha256Hex(status.dump(-1, ' ', false, json::error_handler_t::replace)).substr(0, kRevisionDigits);
    co_return std::move(status);
}

} // namespace

QCoro::Task<Reply> systemHello(Services&, Call call) {
    if (call.params.integer("protocol").value_or(kProtocolVersion) < kProtocolVersion) {
        co_return base::fail(protocol::Error{protocol::ErrorKind::Unsupported,
                                             "this broker speaks no version of the protocol that is older than " +
                                                 std::to_string(kProtocolVersion)});
    }
    co_return json{
        {"broker", "keybearerd"}, {"version", KEYBEARER_VERSION}, {"protocol", kProtocolVersion}, {"pid", ::getpid()}};
}

QCoro::Task<Reply> systemStatus(Services& services, Call call) {
    const auto wait = protocol::inRange("wait", call.params.integer("wait").value_or(0), 0, kMaxWaitSeconds);
    if (!wait) {
        co_return base::fail(wait.error());
    }
    const auto wanted = call.params.string("provider");
    const auto known = call.params.string("known_revision");
    const auto end = services.clock.steady() + std::chrono::seconds(*wait);
    for (;;) {
        const std::uint64_t changes = services.changes.count();
        json status = co_await statusNow(services, wanted, call.session);
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - services.clock.steady());
        const bool isNew = !known || status["revision"] != *known;
        if (isNew || left.count() <= 0 || !services.isOpen(call.connection)) {
            co_return std::move(status);
        }
        if (changes == services.changes.count()) {
            const auto door = services.changes.next(call.connection, left);
            co_await door->wait();
        }
    }
}

QCoro::Task<Reply> systemStop(Services& services, Call) {
    services.stop();
    co_return json{{"stopping", true}};
}

} // namespace keybearer::rpc
