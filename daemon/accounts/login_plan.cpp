/// \file
/// The part of the registry that turns what somebody asks for into what a login is to do.

#include "daemon/accounts/login_registry.h"
#include "daemon/oauth/authorization_request.h"
#include "daemon/oauth/resource_metadata.h"
#include "daemon/providers/redirect.h"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace keybearer::accounts {

using protocol::ErrorKind;

namespace {

/// "https://login.example.org:8443/realms/x" -> "login.example.org"
std::string hostOf(std::string_view issuer) {
    const auto begin = issuer.find("://") + 3;
    std::string host(issuer.substr(begin, issuer.find_first_of(":/", begin) - begin));
    return isValidName(host) ? host : "account";
}

/// Two logins with the same one ask the same person for the same thing. A profile may become another when the server
/// has been asked, so it is written down before.
std::string questionOf(const LoginPlan& plan) {
    std::string question;
    const auto add = [&question](std::string_view part) { question.append(part).push_back('\n'); };
    add(plan.target.empty() ? plan.profile.issuer : plan.target);
    add(plan.profile.id);
    add(plan.wantedIssuer);
    add(plan.accountName);
    add(plan.method == LoginMethod::Device ? "device" : "browser");
    add(providers::registrationUri(plan.profile.redirect));
    for (const std::uint16_t port : plan.profile.redirect.ports) {
        add(std::to_string(port));
    }
    add(plan.profile.redirect.path);
    add(plan.profile.clientId);
    add(plan.askedScopes ? "scopes " + oauth::joinScopes(*plan.askedScopes) : "");
    return question;
}

/// The account that an address is typed for: the one that is named, when it is there, else the first.
const Account* accountAt(const AccountStore& accounts, const LoginRequest& request) {
    const Account* named = request.account ? accounts.byName(*request.account) : nullptr;
    return named != nullptr && isFor(*named, request.provider) ? named : accounts.byResource(request.provider);
}

/// False when one of them is none. `renewed`: the account that they are added to, where there is one.
bool takeScopes(const LoginRequest& request, const Account* renewed, LoginPlan& plan) {
    if (!oauth::areScopeTokens(request.scopes.value_or(std::vector<std::string>())) ||
        !oauth::areScopeTokens(request.addScopes.value_or(std::vector<std::string>()))) {
        return false;
    }
    std::vector<std::string>& scopes = plan.profile.scopes;
    if (!plan.target.empty()) {
        scopes.clear(); // those of a profile are for its own API, and what the resource wants is asked later
    }
    scopes = request.scopes.value_or(scopes);
    plan.scopesAdded = request.addScopes.has_value();
    if (request.addScopes) {
        std::istringstream granted(renewed != nullptr ? renewed->scope : std::string());
        std::vector<std::string> more{std::istream_iterator<std::string>(granted), {}};
        if (renewed != nullptr && !renewed->subject.empty()) {
            more.emplace_back(
                "openid"); // a token for a resource need not name it, and without it nobody knows whose it is
        }
        more.insert(more.end(), request.addScopes->begin(), request.addScopes->end());
        for (const std::string& scope : more) {
            if (std::ranges::find(scopes, scope) == scopes.end()) {
                scopes.push_back(scope);
            }
        }
    }
    if (request.scopes || request.addScopes) {
        plan.askedScopes = scopes;
    }
    return true;
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
        profile.issuer = account->resource.empty() ? account->issuer : addressOf(*account); // the latter is asked anew
        profile.clientId = account->registered ? std::string() : account->clientId;
        profile.clientSecret = account->confidential && !account->registered;
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
    if (const Account* account = accountAt(m_parts.authority.accounts(), request)) {
        profile.clientId = account->registered ? std::string() : account->clientId;
        profile.clientSecret = account->confidential && !account->registered;
    }
    return profile;
}

/// There is no client, no scope, and the redirect is the profile's: its path is the proof.
Result<LoginPlan> LoginRegistry::planForKey(LoginPlan plan, LoginRequest request) {
    const bool isPlain = request.method == LoginMethod::Browser && !request.clientId && !request.clientSecret &&
                         !request.scopes && !request.addScopes && !request.redirect;
    if (!isPlain) {
        return base::fail(failure(ErrorKind::InvalidValue, plan.profile.displayName +
                                                               " makes a key for whoever signs in; it has no clients, "
                                                               "scopes, registered redirects or devices"));
    }
    plan.accountName = request.account.value_or("default");
    plan.timeout = request.timeout;
    plan.keepKey = std::move(request.keepKey);
    plan.question = questionOf(plan);
    return plan;
}

/// Which account it is to be, and whether its address has to be asked first whose it is.
Result<void> LoginRegistry::chooseAccount(LoginPlan& plan, const LoginRequest& request) const {
    const AccountStore& accounts = m_parts.authority.accounts();
    const providers::Profile& profile = plan.profile;
    const bool isProfile = m_catalogue.find(request.provider) != nullptr;
    const Account* named = isProfile ? nullptr : accounts.byName(request.provider);
    const Account* before = named != nullptr || isProfile ? named : accountAt(accounts, request);
    if (!isProfile && (named == nullptr || !named->resource.empty())) {
        plan.target = profile.issuer;
    }
    plan.clientIssuer = before != nullptr ? before->issuer : profile.issuer;
    // Front ends know the provider of an account that is to be signed in anew, and its name.
    const Account* kept = isProfile && request.account ? accounts.byName(*request.account) : nullptr;
    if (kept != nullptr && kept->provider == profile.id && !kept->resource.empty()) {
        plan.target = addressOf(*kept);
    }
    const auto usable = plan.target.empty() ? oauth::checkIssuer(profile.issuer) : oauth::checkResource(plan.target);
    if (!usable) {
        return base::fail(failure(ErrorKind::InvalidValue, usable.error().detail));
    }
    plan.nameChosen = request.account.has_value() || named != nullptr;
    plan.accountName = request.account     ? *request.account
                       : before != nullptr ? before->name
                                           : (profile.id.empty() ? hostOf(profile.issuer) : profile.id);
    if (!isValidName(plan.accountName)) {
        return base::fail(
            failure(ErrorKind::InvalidValue,
                    "a name has 1 to 64 characters of a-z A-Z 0-9 . _ @ - and begins with a letter or digit"));
    }
    return {};
}

/// What the caller says in the place of the profile.
Result<void> LoginRegistry::applyOverrides(LoginPlan& plan, LoginRequest& request) {
    if (request.redirect) {
        auto redirect = providers::parseRedirect(*request.redirect);
        if (!redirect) {
            return base::fail(failure(ErrorKind::InvalidValue, "redirect: " + redirect.error()));
        }
        plan.profile.redirect = std::move(*redirect);
        plan.redirectGiven = true;
    }
    if (request.clientId) {
        const bool isOther = plan.profile.clientId != *request.clientId;
        if (isOther && !plan.target.empty()) {
            plan.profile.clientSecret = false; // that was the other one's; a profile's own word is for all of them
        }
        plan.profile.clientId = *request.clientId;
        plan.clientIssuer.clear();
    }
    if (request.clientSecret) {
        plan.profile.clientSecret = true;
        plan.clientSecret = std::move(request.clientSecret);
    }
    return {};
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
    if (auto chosen = chooseAccount(plan, request); !chosen) {
        return base::fail(std::move(chosen.error()));
    }
    if (auto applied = applyOverrides(plan, request); !applied) {
        return base::fail(std::move(applied.error()));
    }
    plan.method = request.method;
    plan.wantedIssuer = request.issuer.value_or(std::string());
    plan.clientIdDocument = std::move(request.clientIdDocument);
    const Account* before = m_parts.authority.accounts().byName(plan.accountName);
    plan.renews = before == nullptr ? std::string() : before->id;
    const bool isSame = before != nullptr &&
                        (plan.target.empty() ? before->issuer == plan.profile.issuer : isFor(*before, plan.target));
    if (!takeScopes(request, isSame ? before : nullptr, plan)) {
        return base::fail(
            failure(ErrorKind::InvalidValue, "a scope is printable ASCII without space, quote or backslash"));
    }
    plan.timeout = request.timeout;
    if (!plan.clientSecret) { // a login with a secret given for it is its giver's alone
        plan.question = questionOf(plan);
    }
    return plan;
}

} // namespace keybearer::accounts
