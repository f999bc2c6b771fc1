#include "daemon/rpc/doctor_provider.h"

#include "daemon/oauth/loopback_receiver.h"
#include "daemon/providers/redirect.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace keybearer::rpc {
namespace {

using nlohmann::json;
using providers::Profile;

/// Beyond this a token can look expired, or not yet valid, at a login (OpenID Connect Core section 3.1.3.7).
constexpr std::int64_t kSkewWarning = 30;
constexpr std::int64_t kSkewFailure = 120;

constexpr std::array<std::pair<MendAction, const char*>, 6> kMendNames{{
    {MendAction::SignIn, "sign_in"},
    {MendAction::Unlock, "unlock"},
    {MendAction::ChooseKeychain, "choose_keychain"},
    {MendAction::SetPolicy, "set_policy"},
    {MendAction::RestartBroker, "restart_broker"},
    {MendAction::OpenUrl, "open_url"},
}};

json discoveryCheck(const Profile& profile, const oauth::Result<oauth::Metadata>& server) {
    if (!server) {
        return doctorCheck("discovery", "fail", accounts::fromOAuth(server.error(), profile.issuer).message,
                           "check the address, the network, the proxy and the provider's CA (ca_file)");
    }
    if (profile.endpoints) {
        return doctorCheck("discovery", "ok", "its endpoints are given in " + profile.source + "; it was not asked");
    }
    return doctorCheck("discovery", "ok", profile.issuer + " answers and is who it says");
}

json pkceCheck(const Profile& profile, const oauth::Metadata& server) {
    if (server.pkceS256) {
        return doctorCheck("PKCE", "ok", "S256 is supported");
    }
    return profile.assumePkce
               ? doctorCheck("PKCE", "warn", "the server does not say that it checks S256; assume_pkce is set")
               : doctorCheck("PKCE", "fail", "the server does not say that it supports PKCE with S256",
                             "if you know that it does, write assume_pkce = true into " + profile.source);
}

json redirectCheck(const Profile& profile) {
    const std::string registered = providers::registrationUri(profile.redirect);
    const auto receiver = oauth::LoopbackReceiver::listen(profile.redirect);
    if (!receiver) {
        return doctorCheck("loopback", "fail", receiver.error().detail,
                           "end the program that holds the port, or register another one");
    }
    const bool anyPort = profile.redirect.ports.empty();
    return doctorCheck("loopback", "ok",
                       anyPort ? "any port can be listened on; the provider must allow any port of " + registered +
                                     " (RFC 8252 section 7.3)"
                               : "the registered port can be listened on: " + registered);
}

json clientCheck(const Profile& profile) {
    if (!profile.clientId.empty()) {
        return doctorCheck("client", "ok", profile.clientSecret ? "a client id, with a secret" : "a public client");
    }
    return doctorCheck(
        "client", "warn", "no client id is known",
        "register a native client" + (profile.registerUrl.empty() ? std::string() : " at " + profile.registerUrl) +
            " with the redirect URI " + providers::registrationUri(profile.redirect),
        profile.registerUrl.empty() ? json() : mendBy(MendAction::OpenUrl, {{"url", profile.registerUrl}}));
}

json revocationCheck(const oauth::Metadata& server) {
    return server.revocationEndpoint.empty()
               ? doctorCheck("revocation", "warn",
                             "the server has none: a logout forgets the tokens and cannot end them")
               : doctorCheck("revocation", "ok", "a logout ends the tokens at the provider");
}

json deviceCheck(const oauth::Metadata& server) {
    return doctorCheck("device sign-in", "ok",
                       server.deviceAuthorizationEndpoint.empty()
                           ? "not offered; login --no-browser takes a pasted address"
                           : "offered: login --device");
}

json trustCheck(const Profile& profile) {
    return doctorCheck("trust", "ok",
                       profile.caFile.empty()
                           ? "the system's certificate store"
                           : "the system's certificate store, and " + base::printable(profile.caFile));
}

json proxyCheck(Services& services, const Profile& profile) {
    const std::string proxy = services.http.proxyFor(profile.issuer);
    return doctorCheck("proxy", "ok", proxy.empty() ? "none for this provider" : "by way of " + proxy);
}

/// What a server's Date says about this machine's clock (RFC 9110 section 6.6.1).
QCoro::Task<json> clockCheck(Services& services, Profile profile) {
    const std::string url = oauth::wellKnownUrls(profile.issuer).front();
    oauth::Transport transport{profile.caFile};
    const auto response = co_await services.http.get(url, std::move(transport));
    if (!response || !response->serverDate) {
        co_return doctorCheck("clock", "ok", "the server does not tell the time");
    }
    const std::int64_t skew = services.clock.utcSeconds() - *response->serverDate;
    const std::int64_t size = std::abs(skew);
    const std::string message = size <= kSkewWarning ? "this machine and the server agree"
                                                     : "this machine's clock is " + std::to_string(size) + " s " +
                                                           (skew > 0 ? "ahead of" : "behind") + " the server's";
    co_return doctorCheck("clock",
                          size > kSkewFailure   ? "fail"
                          : size > kSkewWarning ? "warn"
                                                : "ok",
                          message, size > kSkewWarning ? "set the clock, or let the system keep it (NTP)" : "");
}

/// What the grants in the keychain tell: each rotation counts.
QCoro::Task<json> rotationCheck(Services& services, std::string issuer) {
    std::uint64_t most = 0;
    const std::vector<accounts::Account> accounts = services.authority.accounts().all();
    for (const accounts::Account& account : accounts) {
        if (account.issuer != issuer) {
            continue;
        }
        const std::string key = accounts::grantKey(account);
        const auto item = co_await services.keychain.read(key);
        const auto grant = item ? accounts::parseGrant(*item)
                                : base::Result<accounts::StoredGrant, std::string>(base::fail(std::string()));
        if (grant && !grant->refreshToken) {
            co_return doctorCheck("refresh", "warn", "the provider gives no refresh token to account " + account.name,
                                  "ask for the scope offline_access, or sign in each time the token ends");
        }
        most = std::max(most, grant ? grant->generation : 0);
    }
    co_return doctorCheck("refresh", "ok",
                          most > 1    ? "refresh tokens rotate: " + std::to_string(most) + " so far"
                          : most == 1 ? "a refresh token is there; it has not been rotated yet"
                                      : "not known before the first sign-in");
}

} // namespace

json mendBy(MendAction action, json names) {
    const auto* const row = std::ranges::find(kMendNames, action, &std::pair<MendAction, const char*>::first);
    names["action"] = row->second;
    return names;
}

json doctorCheck(const char* name, const char* result, std::string message, const std::string& fix, json mend) {
    return json{{"name", name},
                {"result", result},
                {"message", std::move(message)},
                {"fix", fix.empty() ? json() : json(fix)},
                {"mend", std::move(mend)}};
}

QCoro::Task<json> checkProvider(Services& services, Profile profile) {
    json checks = json::array();
    checks.push_back(doctorCheck("provider", "ok", profile.displayName + ", described in " + profile.source));
    if (profile.provisioning) {
        checks.push_back(redirectCheck(profile));
        checks.push_back(doctorCheck("sign-in", "ok", "it makes a key: keybearer login " + profile.id));
        co_return checks;
    }
    if (profile.issuer.empty()) {
        checks.push_back(
            doctorCheck("sign-in", "ok", "none: it has keys; keybearer explain " + profile.id + " shows them"));
        co_return checks;
    }
    checks.push_back(clientCheck(profile));
    checks.push_back(trustCheck(profile));
    checks.push_back(proxyCheck(services, profile));
    checks.push_back(redirectCheck(profile));
    services.servers.forget(profile.issuer);
    oauth::Transport transport{profile.caFile};
    const auto server = co_await services.servers.metadata(profile.issuer, std::move(transport));
    checks.push_back(discoveryCheck(profile, server));
    if (server) {
        checks.push_back(pkceCheck(profile, *server));
        checks.push_back(revocationCheck(*server));
        checks.push_back(deviceCheck(*server));
        json clock = co_await clockCheck(services, profile);
        checks.push_back(std::move(clock));
    }
    json rotation = co_await rotationCheck(services, profile.issuer);
    checks.push_back(std::move(rotation));
    co_return checks;
}

} // namespace keybearer::rpc
