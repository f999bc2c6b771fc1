/// \file
/// The part of a login that finds out what an address is that a person typed: an issuer, or a protected resource whose
/// authorization server gives tokens for it (RFC 9728; the authorization part of the Model Context Protocol).

#include "daemon/accounts/login.h"
#include "daemon/oauth/dpop.h"

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;

namespace {

constexpr const char* kOffline = "offline_access";

bool lists(const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
}

/// A resource would refuse the tokens of a server that does not, so its own word is wanted, or that of a profile.
bool bindsTokens(const oauth::Metadata& server, const providers::Profile* known) {
    return lists(server.dpopAlgs, oauth::kProofAlg) || (server.dpopAlgs.empty() && known != nullptr && known->dpop);
}

protocol::Error bindsNone(const std::string& resource, const std::string& issuer) {
    return failure(ErrorKind::Unsupported,
                   resource + " takes only tokens that are bound to a key (DPoP), and " + issuer +
                       " does not say that it takes proofs signed with ES256; if you know that it does, write dpop = "
                       "true into its provider file");
}

} // namespace

QCoro::Task<Result<void>> Login::resolveTarget() {
    const std::string target = m_plan.target;
    m_plan.profile.caFile = caFileOf(target);
    oauth::Error notIssuer{oauth::ErrorKind::BadResponse, "it is no issuer"};
    if (oauth::checkIssuer(target)) {
        m.servers.forget(target);
        auto server = co_await m.servers.metadata(target, transport());
        if (server) {
            auto described = co_await m.resources.described(target, transport());
            if (!described) {
                co_return Result<void>(); // an issuer, as typed
            }
            co_return co_await useResource(std::move(*described));
        }
        if (server.error().kind == oauth::ErrorKind::Unreachable) {
            co_return base::fail(fromOAuth(server.error(), target));
        }
        notIssuer = std::move(server.error());
    }
    auto found = co_await m.resources.find(target, transport());
    if (!found) {
        co_return base::fail(fromOAuth(found.error(), target));
    }
    if (!*found) {
        notIssuer.detail += "; it is no protected resource either";
        co_return base::fail(fromOAuth(notIssuer, target));
    }
    co_return co_await useResource(std::move(**found));
}

/// Extra roots for an address that a profile lists among its resources.
std::string Login::caFileOf(const std::string& resource) const {
    const auto& all = m.catalogue.all();
    const auto found =
        std::ranges::find_if(all, [&](const providers::Profile& one) { return lists(one.resources, resource); });
    return found == all.end() ? std::string() : found->caFile;
}

const providers::Profile* Login::profileOf(const std::string& issuer) const {
    const providers::Profile* found = m.catalogue.find(issuer);
    return found != nullptr && found->issuer == issuer ? found : nullptr;
}

/// The choice among several is the client's (section 7.6): one that a profile names first, then in the resource's
/// order.
QCoro::Task<Result<void>> Login::useResource(FoundResource found) {
    std::vector<std::string>& issuers = found.metadata.authorizationServers;
    if (!m_plan.wantedIssuer.empty()) {
        if (!lists(issuers, m_plan.wantedIssuer)) {
            co_return base::fail(
                failure(ErrorKind::InvalidValue, m_plan.target + " does not take tokens of " + m_plan.wantedIssuer));
        }
        issuers = {m_plan.wantedIssuer};
    }
    std::stable_partition(issuers.begin(), issuers.end(),
                          [this](const std::string& issuer) { return profileOf(issuer) != nullptr; });
    std::optional<protocol::Error> worst;
    for (const std::string& issuer : issuers) {
        const providers::Profile* known = profileOf(issuer);
        oauth::Transport way;
        way.caFile = known == nullptr ? std::string() : known->caFile;
        m.servers.forget(issuer);
        auto server = co_await m.servers.metadata(issuer, way);
        if (server && (!found.metadata.dpopRequired || bindsTokens(*server, known))) {
            adoptResource(found, known, *server);
            co_return Result<void>();
        }
        if (!worst) {
            worst = server ? bindsNone(m_plan.target, issuer) : fromOAuth(server.error(), issuer);
        }
    }
    co_return base::fail(std::move(*worst));
}

/// Who asks decides about scopes; else the challenge; else all that the resource knows; else nothing is said.
void Login::adoptResource(const FoundResource& found, const providers::Profile* known, const oauth::Metadata& server) {
    providers::Profile chosen = known == nullptr ? providers::Profile{} : *known;
    chosen.issuer = server.issuer;
    const bool isBrought = !m_plan.profile.clientId.empty();
    const bool isFromElsewhere = !m_plan.clientIssuer.empty() && m_plan.clientIssuer != server.issuer;
    if (isBrought && !isFromElsewhere) {
        chosen.clientId = m_plan.profile.clientId;
        chosen.clientSecret = m_plan.profile.clientSecret;
    } else if (isBrought || chosen.clientId.empty()) {
        m_plan.clientSecret.reset(); // it is no secret of the client that takes its place
    }
    chosen.clientSecret = chosen.clientSecret || m_plan.clientSecret.has_value();
    if (m_plan.redirectGiven) {
        chosen.redirect = m_plan.profile.redirect;
    }
    chosen.dpop = chosen.dpop || found.metadata.dpopRequired;
    chosen.resources = {found.metadata.resource};
    chosen.scopes = m_plan.askedScopes       ? *m_plan.askedScopes
                    : found.challengedScopes ? *found.challengedScopes
                                             : found.metadata.scopesSupported;
    const bool isExact = m_plan.askedScopes && !m_plan.scopesAdded;
    // Without it many servers give no refresh token.
    if (!isExact && !chosen.scopes.empty() && lists(server.scopesSupported, kOffline) &&
        !lists(chosen.scopes, kOffline)) {
        chosen.scopes.emplace_back(kOffline);
    }
    m_plan.profile = std::move(chosen);
    m_plan.resource = found.metadata.resource;
}

} // namespace keybearer::accounts
