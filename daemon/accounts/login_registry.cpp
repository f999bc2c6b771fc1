#include "daemon/accounts/login_registry.h"

#include "daemon/oauth/authorization_request.h"
#include "daemon/providers/redirect.h"
#include "ipc/base/text.h"

#include <QTimer>

#include <algorithm>

namespace keybearer::accounts {
namespace {

using protocol::ErrorKind;

/// "https://login.example.org:8443/realms/x" -> "login.example.org"
std::string hostOf(std::string_view issuer) {
    const auto begin = issuer.find("://") + 3;
    std::string host(issuer.substr(begin, issuer.find_first_of(":/", begin) - begin));
    return isValidName(host) ? host : "account";
}

/// What "keybearer login" takes.
std::string providerOf(const LoginPlan& plan) {
    return plan.profile.id.empty() ? plan.profile.issuer : plan.profile.id;
}

protocol::Error needsClientId(const providers::Profile& profile) {
    const std::string redirect = providers::registrationUri(profile.redirect);
    std::string message = profile.issuer + " wants a registered client. Register a native (public) client";
    if (!profile.registerUrl.empty()) {
        message += " at " + profile.registerUrl;
    }
    message += ", allow the redirect URI " + redirect + " with any port, then give its id with --client-id";
    if (!profile.id.empty()) {
        message += " or as client_id in providers.d/" + profile.id + ".toml";
    }
    protocol::Error error = failure(ErrorKind::ClientIdRequired, std::move(message));
    error.data["redirect_uri"] = redirect;
    error.data["register_url"] = profile.registerUrl;
    return error;
}

} // namespace

Result<providers::Profile> LoginRegistry::profileFor(const LoginRequest& request) const {
    const providers::Profile* known = m_catalogue.find(request.provider);
    if (known != nullptr && (!known->issuer.empty() || known->provisioning)) {
        return *known;
    }
    providers::Profile profile;
    profile.source = "command line";
    // "keybearer login work" renews the account of that name.
    if (const Account* account = m_parts.authority.accounts().byName(request.provider)) {
        const providers::Profile* of = m_catalogue.find(account->provider);
        if (of != nullptr && of->issuer == account->issuer) {
            profile = *of;
        }
        profile.issuer = account->issuer;
        profile.clientId = account->clientId;
        profile.clientSecret = account->confidential;
        return profile;
    }
    if (known != nullptr) {
        return base::fail(failure(ErrorKind::Unsupported, "nobody signs in to " + known->displayName +
                                                              "; store its key with: keybearer provider set " +
                                                              known->id));
    }
    if (request.provider.find("://") == std::string::npos) {
        // A profile that could not be read is not a provider that does not exist.
        const std::string file = "/" + request.provider + ".toml:";
        const auto& problems = m_catalogue.problems();
        const auto problem = std::ranges::find_if(
            problems, [&](const std::string& text) { return text.find(file) != std::string::npos; });
        if (problem != problems.end()) {
            return base::fail(failure(ErrorKind::InvalidValue, *problem));
        }
        return base::fail(unknownProvider(request.provider, m_catalogue.nearest(request.provider)));
    }
    profile.issuer = request.provider;
    return profile;
}

/// There is no client, no scope, and the redirect is the profile's: its path is the proof.
Result<LoginPlan> LoginRegistry::planForKey(LoginPlan plan, LoginRequest request) {
    const bool isPlain = request.method == LoginMethod::Browser && !request.clientId && !request.clientSecret &&
                         !request.scopes && !request.redirect;
    if (!isPlain) {
        return base::fail(failure(ErrorKind::InvalidValue, plan.profile.displayName +
                                                               " makes a key for whoever signs in; it has no clients, "
                                                               "scopes, registered redirects or devices"));
    }
    plan.accountName = request.account.value_or("default");
    plan.timeout = request.timeout;
    plan.keepKey = std::move(request.keepKey);
    return plan;
}

Result<LoginPlan> LoginRegistry::plan(LoginRequest request) const {
    auto profile = profileFor(request);
    if (!profile) {
        return base::fail(std::move(profile.error()));
    }
    LoginPlan plan;
    plan.profile = std::move(*profile);
    if (plan.profile.provisioning) {
        return planForKey(std::move(plan), std::move(request));
    }
    if (const auto usable = oauth::checkIssuer(plan.profile.issuer); !usable) {
        return base::fail(failure(ErrorKind::InvalidValue, usable.error().detail));
    }
    if (request.redirect) {
        auto redirect = providers::parseRedirect(*request.redirect);
        if (!redirect) {
            return base::fail(failure(ErrorKind::InvalidValue, "redirect: " + redirect.error()));
        }
        plan.profile.redirect = std::move(*redirect);
    }
    if (request.scopes) {
        if (!oauth::areScopeTokens(*request.scopes)) {
            return base::fail(
                failure(ErrorKind::InvalidValue, "a scope is printable ASCII without space, quote or backslash"));
        }
        plan.askedScopes = *request.scopes;
        plan.profile.scopes = std::move(*request.scopes);
    }
    if (request.clientId) {
        plan.profile.clientId = *request.clientId;
    }
    if (plan.profile.clientId.empty()) {
        return base::fail(needsClientId(plan.profile));
    }
    if (request.clientSecret) {
        plan.profile.clientSecret = true;
        plan.clientSecret = std::move(request.clientSecret);
    }
    plan.method = request.method;
    const Account* renewed = m_parts.authority.accounts().byName(request.provider);
    const bool renews = renewed != nullptr && m_catalogue.find(request.provider) == nullptr;
    plan.nameChosen = request.account.has_value() || renews;
    plan.accountName = request.account ? *request.account
                       : renews        ? renewed->name
                                       : (plan.profile.id.empty() ? hostOf(plan.profile.issuer) : plan.profile.id);
    if (!isValidName(plan.accountName)) {
        return base::fail(
            failure(ErrorKind::InvalidValue,
                    "a name has 1 to 64 characters of a-z A-Z 0-9 . _ @ - and begins with a letter or digit"));
    }
    plan.timeout = request.timeout;
    return plan;
}

LoginRegistry::Entry* LoginRegistry::findSame(const LoginPlan& plan) {
    const auto found = std::ranges::find_if(m_logins, [&](const auto& row) {
        const Login& login = *row.second.login;
        const LoginPlan& other = login.plan();
        // A login with a secret given for it is its giver's alone.
        return !login.isOver() && !plan.clientSecret && !other.clientSecret &&
               other.profile.issuer == plan.profile.issuer && other.profile.id == plan.profile.id &&
               other.accountName == plan.accountName && other.method == plan.method &&
               other.profile.redirect.host == plan.profile.redirect.host &&
               other.profile.redirect.ports == plan.profile.redirect.ports &&
               other.profile.redirect.path == plan.profile.redirect.path &&
               other.profile.clientId == plan.profile.clientId && other.askedScopes == plan.askedScopes;
    });
    return found == m_logins.end() ? nullptr : &found->second;
}

Result<void> LoginRegistry::mayOpen(const LoginPlan& plan, bool screenLocked) {
    const std::string provider = providerOf(plan);
    const auto held = m_signIns->hold(provider, plan.accountName, screenLocked);
    if (!held) {
        return {};
    }
    const std::string why =
        *held == Hold::ScreenLocked ? "the screen is locked" : "nobody answered the last sign-ins to this account";
    return base::fail(failure(ErrorKind::LoginRequired, why +
                                                            ", so no window was opened; when you are there, run: "
                                                            "keybearer login " +
                                                            base::printable(provider)));
}

bool LoginRegistry::isFull(Owner owner) const {
    const auto pending = [&](auto&& which) {
        return static_cast<std::size_t>(std::ranges::count_if(
            m_logins, [&](const auto& row) { return !row.second.login->isOver() && which(row.second); }));
    };
    return pending([](const Entry&) { return true; }) >= kMaxLogins ||
           pending([&](const Entry& entry) { return entry.isOf(owner); }) >= kMaxLoginsPerOwner;
}

QCoro::Task<Result<BegunLogin>> LoginRegistry::begin(LoginRequest request, Owner owner) {
    const bool fresh = request.fresh;
    const bool attended = request.attended;
    auto planned = plan(std::move(request));
    if (!planned) {
        co_return base::fail(std::move(planned.error()));
    }
    const bool opens = planned->method == LoginMethod::Browser;
    bool locked = false;
    if (opens) {
        locked = co_await m_screenLocked();
    }
    if (Entry* same = findSame(*planned)) {
        if (!fresh) {
            if (!same->isOf(owner)) {
                same->owners.push_back(owner);
            }
            const std::shared_ptr<Login> login = same->login;
            auto ready = co_await login->ready();
            if (!ready) {
                co_return base::fail(std::move(ready.error()));
            }
            co_return BegunLogin{login, true, false};
        }
        same->login->cancel("another sign-in to the same account was begun");
    }
    if (attended) {
        m_signIns->answered(providerOf(*planned), planned->accountName);
    } else if (const auto may = opens ? mayOpen(*planned, locked) : Result<void>(); !may) {
        co_return base::fail(may.error());
    }
    if (isFull(owner)) {
        co_return base::fail(
            failure(ErrorKind::RateLimited, "too many logins are under way; finish or cancel one first"));
    }
    auto login = std::make_shared<Login>(m_parts, std::move(*planned));
    // Known from here on, so that a connection that closes in the middle of prepare() finds it.
    m_logins[login->id()] = Entry{login, {owner}};
    auto started = co_await start(login, attended);
    if (!started) {
        m_logins.erase(login->id());
        co_return base::fail(std::move(started.error()));
    }
    co_return BegunLogin{login, false, locked};
}

QCoro::Task<Result<void>> LoginRegistry::start(std::shared_ptr<Login> login, bool attended) {
    // Reading lets the keyring show its own prompt; a login whose tokens could not be kept must not begin.
    const std::string probe = clientSecretKey(login->plan().profile.issuer, login->plan().profile.clientId);
    auto keychain = co_await m_keychain.read(probe);
    auto prepared = Result<void>();
    if (!keychain && keychain.error().kind != keychain::ErrorKind::NotFound) {
        prepared = base::fail(fromKeychain(keychain.error()));
    } else {
        prepared = co_await login->prepare();
    }
    if (prepared && login->isOver()) {
        prepared = base::fail(*login->error());
    }
    login->becomeReady(prepared);
    if (prepared) {
        follow(login, attended, m_signIns);
    }
    co_return prepared;
}

QCoro::Task<> LoginRegistry::follow(std::shared_ptr<Login> login, bool attended, std::shared_ptr<SignInList> signIns) {
    co_await login->run();
    const std::string provider = providerOf(login->plan());
    const std::string& account = login->plan().accountName;
    // A program that gives up and asks again opens one window after the other, too.
    const bool cancelled = login->state() == LoginState::Cancelled;
    if (login->wasIgnored() || (cancelled && !attended)) {
        signIns->ignored(provider, account);
    } else if (!cancelled) {
        signIns->answered(provider, account);
    }
}

std::shared_ptr<Login> LoginRegistry::find(const std::string& id, Owner owner) const {
    const auto found = m_logins.find(id);
    return found != m_logins.end() && found->second.isOf(owner) ? found->second.login : nullptr;
}

bool LoginRegistry::leave(const std::string& id, Owner owner) {
    const auto found = m_logins.find(id);
    if (found == m_logins.end() || !found->second.isOf(owner)) {
        return false;
    }
    if (found->second.owners.size() > 1) {
        std::erase(found->second.owners, owner);
    } else {
        const std::shared_ptr<Login> login = found->second.login;
        login->cancel();
    }
    return true;
}

QCoro::Task<> LoginRegistry::change(std::shared_ptr<Login> login, std::string known, std::chrono::milliseconds wait) {
    if (wait.count() <= 0 || toString(login->state()) != known || login->isOver()) {
        co_return;
    }
    // Whichever comes first opens the door: the change or the timer.
    const auto door = std::make_shared<Gate>();
    const auto open = [](std::shared_ptr<Gate> gate) {
        if (!gate->isOpen()) {
            gate->open();
        }
    };
    QTimer::singleShot(wait, [door, open] { open(door); });
    const auto relay = [](std::shared_ptr<Gate> from, std::shared_ptr<Gate> to) -> QCoro::Task<> {
        co_await from->wait();
        if (!to->isOpen()) {
            to->open();
        }
    };
    relay(login->nextChange(), door);
    co_await door->wait();
}

void LoginRegistry::ownerGone(Owner owner) {
    std::vector<std::shared_ptr<Login>> orphans;
    for (auto it = m_logins.begin(); it != m_logins.end();) {
        const bool wasOwner = std::erase(it->second.owners, owner) > 0;
        if (wasOwner && it->second.owners.empty()) {
            orphans.push_back(it->second.login);
            it = m_logins.erase(it);
        } else {
            ++it;
        }
    }
    for (const auto& login : orphans) { // at the end: whoever waits for it may come back here
        login->cancel();
    }
}

bool LoginRegistry::isBusy() const {
    return std::ranges::any_of(m_logins, [](const auto& row) { return !row.second.login->isOver(); });
}

void LoginRegistry::cancelAll() {
    const auto logins = std::exchange(m_logins, {});
    for (const auto& [id, entry] : logins) {
        entry.login->cancel();
    }
}

} // namespace keybearer::accounts
