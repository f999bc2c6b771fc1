/// \file
/// The part of a login that writes the authorization request: what this server wants in it, and how it gets there.

#include "daemon/accounts/login.h"
#include "daemon/oauth/dpop.h"
#include "daemon/oauth/pkce.h"

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;

namespace {

/// A server that says nothing may know DPoP all the same; its token's type will tell.
bool takesOurProofs(const oauth::Metadata& server) {
    return server.dpopAlgs.empty() || std::ranges::find(server.dpopAlgs, oauth::kProofAlg) != server.dpopAlgs.end();
}

/// A server may take pushed requests, and not from a client like this one.
bool isNotForUs(const oauth::Error& error) {
    return error.code == "invalid_client" || error.code == "unauthorized_client";
}

} // namespace

Result<void> Login::fitTo(const oauth::Metadata& server) {
    providers::Profile& profile = m_plan.profile;
    const bool hasCode = m_plan.method == LoginMethod::Browser; // the device grant has none that could be stolen
    if (hasCode && !server.pkceS256 && !profile.assumePkce) {
        return base::fail(failure(ErrorKind::Unsupported,
                                  profile.issuer + " does not say that it supports PKCE with S256; if you know that "
                                                   "it does, write assume_pkce = true into its provider file"));
    }
    if (profile.dpop && !takesOurProofs(server)) {
        return base::fail(failure(ErrorKind::Unsupported,
                                  profile.issuer + " takes no proofs signed with ES256, so it cannot bind tokens to a "
                                                   "key; leave dpop out of its provider file"));
    }
    if (profile.dpop) {
        m_dpopKey = std::make_shared<const crypto::SigningKey>(crypto::SigningKey::generate());
        m_request.dpopJkt = oauth::jwkThumbprint(m_dpopKey->publicKey());
    }
    if (profile.scopes.empty() && m_plan.resource.empty()) {
        for (const char* scope : {"openid", "profile", "email", "offline_access"}) {
            const auto& offered = server.scopesSupported;
            if (offered.empty() ? std::string_view(scope) == "openid"
                                : std::ranges::find(offered, scope) != offered.end()) {
                profile.scopes.emplace_back(scope);
            }
        }
    }
    return {};
}

void Login::writeRequest() {
    const providers::Profile& profile = m_plan.profile;
    m_request.endpoint = m_server.authorizationEndpoint;
    m_request.clientId = profile.clientId;
    m_request.redirectUri = m_receiver->redirectUri();
    m_request.scopes = profile.scopes;
    m_request.resources = profile.resources;
    m_request.state = m_stateValue;
    m_request.nonce = isOpenId() ? m_nonce : std::string();
    m_request.codeChallenge = oauth::codeChallengeS256(m_verifier);
}

QCoro::Task<Result<void>> Login::prepareRequest() {
    // Twice, where a server has forgotten the client that it registered: the first thing that shows it is a push.
    for (;;) {
        auto listening = co_await listen();
        if (!listening) {
            co_return listening;
        }
        writeRequest();
        auto client = co_await identity();
        if (!client) {
            co_return base::fail(std::move(client.error()));
        }
        auto made = co_await makeUrl(std::move(*client));
        const bool isUnknown = !made && made.error().data.value("oauth_error", "") == "invalid_client";
        if (!isUnknown || !m_isRegistered || m_isNew) {
            co_return made;
        }
        auto registered = co_await registerClient();
        if (!registered) {
            co_return registered;
        }
    }
}

QCoro::Task<Result<void>> Login::makeUrl(ClientIdentity client) {
    if (m_server.pushedRequestEndpoint.empty()) {
        m_url = oauth::authorizationUrl(m_request);
        co_return Result<void>();
    }
    auto pushed = co_await m.client.push(m_server, std::move(client), m_request, transport());
    const bool isForgotten = !pushed && m_isRegistered && !m_isNew && pushed.error().code == "invalid_client";
    if (!pushed && !isForgotten && !m_server.pushedRequestsOnly && isNotForUs(pushed.error())) {
        m_url = oauth::authorizationUrl(m_request);
        m_urlExpiresAt.reset();
        co_return Result<void>();
    }
    if (!pushed) {
        co_return base::fail(fromOAuth(pushed.error(), who()));
    }
    m_url = oauth::pushedAuthorizationUrl(m_request, pushed->requestUri);
    m_urlExpiresAt = m.clock.utcSeconds() + pushed->expiresIn.count();
    co_return Result<void>();
}

QCoro::Task<Result<void>> Login::renewUrl() {
    const auto self = shared_from_this();
    if (!m_urlExpiresAt || m_state != LoginState::WaitingForBrowser) {
        co_return Result<void>();
    }
    auto client = co_await identity();
    if (!client) {
        co_return base::fail(std::move(client.error()));
    }
    co_return co_await makeUrl(std::move(*client));
}

} // namespace keybearer::accounts
