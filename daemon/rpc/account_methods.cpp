#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"
#include "daemon/rpc/rename_record.h"

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
             {"credential", nullptr},
             {"error", nullptr}};
    if (login.isForKey() && login.state() == accounts::LoginState::Done) {
        out["credential"] = login.plan().profile.id + "/" + login.plan().accountName;
    }
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

QCoro::Task<accounts::Result<void>> keepKey(Services& services, providers::Profile profile, std::string name,
                                            base::Secret key) {
    const providers::Field& field = *profile.field(profile.provisioning->field);
    if (const auto problem = providers::problemWith(field, key.reveal())) {
        co_return base::fail(accounts::failure(ErrorKind::ProviderError, "the key that was made " + *problem));
    }
    std::vector<vault::FieldValue> values;
    values.push_back({field.name, std::move(key)});
    vault::CredentialId id{std::string(vault::kDefaultTenant), profile.id, name};
    auto stored = co_await services.vault.set(std::move(id), vault::Slot::Current, std::move(values));
    if (!stored) {
        co_return base::fail(fromVault(stored.error()));
    }
    services.changes.tell();
    co_return accounts::Result<void>();
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
    request.issuer = call.params.string("issuer");
    request.clientIdDocument = services.config.clientIdDocument;
    request.addScopes = call.params.stringList("add_scopes");
    request.timeout = std::chrono::seconds(timeout);
    const std::string flow = call.params.string("flow").value_or("browser");
    if (flow != "browser" && flow != "device") {
        co_return base::fail(accounts::failure(ErrorKind::InvalidValue, R"(`flow` is "browser" or "device")"));
    }
    request.fresh = call.params.boolean("fresh");
    request.attended = call.params.boolean("attended");
    request.method = flow == "device" ? accounts::LoginMethod::Device : accounts::LoginMethod::Browser;
    request.keepKey = [&services](providers::Profile profile, std::string name, base::Secret key) {
        return keepKey(services, std::move(profile), std::move(name), std::move(key));
    };
    if (const providers::Profile* profile = services.catalogue.find(request.provider);
        profile != nullptr && profile->provisioning && !vault::isCredentialName(request.account.value_or("default"))) {
        co_return base::fail(accounts::failure(ErrorKind::InvalidValue,
                                               "a key's name is 1 to 64 letters, digits, '.', "
                                               "'_' and '-', and begins with a letter or digit"));
    }
    auto begun = co_await services.logins.begin(std::move(request), call.connection);
    if (!begun) {
        co_return base::fail(std::move(begun.error()));
    }
    const accounts::Login& login = *begun->login;
    const providers::Profile& profile = login.plan().profile;
    const oauth::DeviceAuthorization* device = login.device();
    co_return json{{"login_id", login.id()},
                   {"joined", begun->joined},
                   {"screen_locked", begun->screenLocked},
                   {"account", login.plan().accountName},
                   {"provider", !login.plan().resource.empty() ? login.plan().target
                                : profile.id.empty()           ? profile.issuer
                                                               : profile.id},
                   {"issuer", login.isForKey() ? profile.provisioning->authorizeUrl : profile.issuer},
                   {"resource", orNull(login.plan().resource)},
                   {"scopes", profile.scopes},
                   {"authorization_url", login.authorizationUrl()},
                   {"url_expires_at", orNull(login.urlExpiresAt())},
                   {"redirect_uri", orNull(login.redirectUri())},
                   {"user_code", device == nullptr ? json() : json(device->userCode)},
                   {"verification_uri", device == nullptr ? json() : json(device->verificationUri)},
                   {"expires_at", login.expiresAt()}};
}

QCoro::Task<Reply> accountLoginCallback(Services& services, Call call) {
    const auto login = services.logins.find(call.params.requiredString("login_id"), call.connection);
    if (!login) {
        co_return base::fail(unknownLogin());
    }
    const auto url = call.params.takeSecret("url");
    if (const auto taken = login->paste(url->reveal()); !taken) {
        co_return base::fail(taken.error());
    }
    co_return json{{"state", accounts::toString(login->state())}};
}

QCoro::Task<Reply> accountLoginUrl(Services& services, Call call) {
    const auto login = services.logins.find(call.params.requiredString("login_id"), call.connection);
    if (!login) {
        co_return base::fail(unknownLogin());
    }
    auto renewed = co_await login->renewUrl();
    if (!renewed) {
        co_return base::fail(std::move(renewed.error()));
    }
    co_return json{{"authorization_url", login->authorizationUrl()}, {"url_expires_at", orNull(login->urlExpiresAt())}};
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
    services.logins.leave(login->id(), call.connection);
    // Others may go on waiting for it; for this caller it is over.
    co_return json{{"state", accounts::toString(login->isOver() ? login->state() : accounts::LoginState::Cancelled)}};
}

QCoro::Task<Reply> accountList(Services& services, Call) {
    json list = json::array();
    for (const Account& account : services.authority.accounts().all()) {
        const accounts::AccountView view = services.authority.view(account);
        list.push_back(
            json{{"account", account.name},
                 {"provider", account.provider},
                 {"issuer", account.issuer},
                 {"subject", account.subject},
                 {"label", account.label},
                 {"resource", orNull(account.resource)},
                 {"scope", account.scope},
                 {"client_id", account.clientId},
                 {"registered", account.registered},
                 {"status", account.loginRequired.empty() ? "signed_in" : "login_required"},
                 {"created_at", account.createdAt},
                 {"last_refresh_at", orNull(view.lastRefreshAt)},
                 {"expires_at", orNull(view.expiresAt)},
                 {"refresh_expires_at", account.refreshExpiresAt == 0 ? json() : json(account.refreshExpiresAt)},
                 {"renewable", view.renewable}});
    }
    co_return json{{"accounts", std::move(list)}};
}

QCoro::Task<Reply> accountRename(Services& services, Call call) {
    const std::string newName = call.params.requiredString("new_name");
    const std::string name = call.params.requiredString("account");
    const auto renamed = services.authority.rename(name, newName);
    if (!renamed) {
        co_return base::fail(renamed.error());
    }
    recordAccountRename(services, name, newName);
    const auto keys = services.clientKeys.accountRenamed(name, newName);
    const auto grants = services.grants.accountRenamed(name, newName);
    if (!keys || !grants) {
        co_return base::fail(accounts::failure(ErrorKind::StorageError, keys ? grants.error() : keys.error().detail));
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
        // Whoever signs in next under this name need not be the same person.
        const auto keys = services.clientKeys.accountGone(name);
        const auto grants = services.grants.accountGone(name);
        if (!keys || !grants) {
            co_return base::fail(
                accounts::failure(ErrorKind::StorageError, keys ? grants.error() : keys.error().detail));
        }
        done.push_back(
            json{{"account", report->account}, {"revoked", report->revoked}, {"detail", orNull(report->detail)}});
    }
    co_return json{{"accounts", std::move(done)}};
}

} // namespace keybearer::rpc
