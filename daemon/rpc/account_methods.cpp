#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"

namespace keybearer::rpc {
namespace {

using accounts::Account;
using nlohmann::json;
using protocol::ErrorKind;

constexpr std::int64_t kMinLoginSeconds = 10;
constexpr std::int64_t kMaxLoginSeconds = 3600;
constexpr std::int64_t kMaxWaitSeconds = 300;

protocol::Error unknownLogin() {
    return accounts::failure(ErrorKind::UnknownLogin, "there is no such login on this connection");
}

json describe(const accounts::Login& login) {
    json out{{"state", accounts::toString(login.state())},
             {"account", login.plan().accountName},
             {"subject", nullptr},
             {"label", nullptr},
             {"scope", nullptr},
             {"error", nullptr}};
    if (const auto& account = login.account(); account && login.state() == accounts::LoginState::Done) {
        out["account"] = account->name;
        out["subject"] = orNull(account->subject);
        out["label"] = orNull(account->label);
        out["scope"] = account->scope;
    }
    if (const auto& error = login.error()) {
        out["error"] = {{"kind", protocol::errorInfo(error->kind).name}, {"message", error->message}};
    }
    return out;
}

} // namespace

QCoro::Task<Reply> accountLogin(Services& services, Call call) {
    const std::int64_t timeout = call.params.integer("timeout").value_or(services.config.loginTimeout.count());
    const auto checked = protocol::inRange("timeout", timeout, kMinLoginSeconds, kMaxLoginSeconds);
    if (!checked) {
        co_return base::fail(checked.error());
    }
    accounts::LoginRequest request;
    request.provider = call.params.requiredString("provider");
    request.account = call.params.string("account");
    request.clientId = call.params.string("client_id");
    if (auto secret = call.params.takeSecret("client_secret")) {
        request.clientSecret = base::ClientSecret{std::move(*secret)};
    }
    request.redirect = call.params.string("redirect");
    request.scopes = call.params.stringList("scopes");
    request.timeout = std::chrono::seconds(timeout);
    auto begun = co_await services.logins.begin(std::move(request), call.connection);
    if (!begun) {
        co_return base::fail(std::move(begun.error()));
    }
    const accounts::Login& login = **begun;
    const providers::Profile& profile = login.plan().profile;
    co_return json{{"login_id", login.id()},
                   {"account", login.plan().accountName},
                   {"provider", profile.id.empty() ? profile.issuer : profile.id},
                   {"issuer", profile.issuer},
                   {"scopes", profile.scopes},
                   {"authorization_url", login.authorizationUrl()},
                   {"redirect_uri", login.redirectUri()},
                   {"expires_at", login.expiresAt()}};
}

QCoro::Task<Reply> accountLoginStatus(Services& services, Call call) {
    const auto wait = protocol::inRange("wait", call.params.integer("wait").value_or(0), 0, kMaxWaitSeconds);
    if (!wait) {
        co_return base::fail(wait.error());
    }
    const auto login = services.logins.find(call.params.requiredString("login_id"), call.connection);
    if (!login) {
        co_return base::fail(unknownLogin());
    }
    const std::string known = call.params.string("known_state").value_or(std::string());
    co_await accounts::LoginRegistry::change(login, known, std::chrono::seconds(*wait));
    co_return describe(*login);
}

QCoro::Task<Reply> accountLoginCancel(Services& services, Call call) {
    const auto login = services.logins.find(call.params.requiredString("login_id"), call.connection);
    if (!login) {
        co_return base::fail(unknownLogin());
    }
    login->cancel();
    co_return json{{"state", accounts::toString(login->state())}};
}

QCoro::Task<Reply> accountList(Services& services, Call) {
    json list = json::array();
    for (const Account& account : services.authority.accounts().all()) {
        const accounts::AccountView view = services.authority.view(account);
        list.push_back(json{{"account", account.name},
                            {"provider", account.provider},
                            {"issuer", account.issuer},
                            {"subject", account.subject},
                            {"label", account.label},
                            {"scope", account.scope},
                            {"client_id", account.clientId},
                            {"status", account.loginRequired.empty() ? "signed_in" : "login_required"},
                            {"created_at", account.createdAt},
                            {"last_refresh_at", orNull(view.lastRefreshAt)},
                            {"expires_at", orNull(view.expiresAt)}});
    }
    co_return json{{"accounts", std::move(list)}};
}

QCoro::Task<Reply> accountRename(Services& services, Call call) {
    const std::string newName = call.params.requiredString("new_name");
    const auto renamed = services.authority.rename(call.params.requiredString("account"), newName);
    if (!renamed) {
        co_return base::fail(renamed.error());
    }
    co_return json{{"account", newName}};
}

QCoro::Task<Reply> accountLogout(Services& services, Call call) {
    std::vector<std::string> names;
    const auto one = call.params.string("account");
    if (one.has_value() == call.params.boolean("all")) {
        co_return base::fail(accounts::failure(ErrorKind::InvalidParams, "give \"account\", or \"all\": true"));
    }
    if (one) {
        names.push_back(*one);
    } else {
        for (const Account& account : services.authority.accounts().all()) {
            names.push_back(account.name);
        }
    }
    json done = json::array();
    for (const std::string& name : names) {
        auto report = co_await services.authority.logout(name);
        if (!report) {
            protocol::Error error = std::move(report.error());
            error.data["accounts"] = std::move(done); // those that are gone already
            co_return base::fail(std::move(error));
        }
        done.push_back(
            json{{"account", report->account}, {"revoked", report->revoked}, {"detail", orNull(report->detail)}});
    }
    co_return json{{"accounts", std::move(done)}};
}

} // namespace keybearer::rpc
