#include "daemon/accounts/token_client.h"

#include "daemon/oauth/dpop.h"
#include "ipc/base/url.h"

#include <algorithm>

namespace keybearer::accounts {
namespace {

using base::Secret;

/// RFC 8693 sections 2.1 and 3.
constexpr std::string_view kTokenExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::string_view kJwtType = "urn:ietf:params:oauth:token-type:jwt";

void add(oauth::Form& form, const char* name, std::string_view value) {
    form.emplace_back(name, Secret(value));
}

/// Servers that nobody talks to any more need not be remembered.
constexpr std::size_t kMaxNonces = 64;

using Authorization = std::optional<std::pair<std::string, Secret>>;

oauth::Form copyOf(const oauth::Form& form) {
    oauth::Form copy;
    for (const auto& [name, value] : form) {
        copy.emplace_back(name, value.clone());
    }
    return copy;
}

Authorization copyOf(const Authorization& authorization) {
    return authorization ? Authorization({authorization->first, authorization->second.clone()}) : std::nullopt;
}

void addScopes(oauth::Form& form, const std::vector<std::string>& scopes) {
    if (!scopes.empty()) {
        add(form, "scope", oauth::joinScopes(scopes));
    }
}

void addResource(oauth::Form& form, const std::string& resource) {
    if (!resource.empty()) {
        add(form, "resource", resource);
    }
}

bool wantsNonce(const oauth::HttpResponse& response) {
    const auto refused = oauth::parseTokenResponse(response);
    return !response.dpopNonce.empty() && !refused && refused.error().code == "use_dpop_nonce";
}

oauth::TokenType wantedType(const ClientIdentity& client) {
    return client.dpopKey ? oauth::TokenType::Dpop : oauth::TokenType::Bearer;
}

bool usesBasic(const oauth::Metadata& server, const ClientIdentity& client) {
    const auto& methods = server.tokenAuthMethods;
    if (!client.authMethod.empty()) {
        return client.secret && client.authMethod == "client_secret_basic";
    }
    return client.secret && (methods.empty() || std::ranges::find(methods, "client_secret_basic") != methods.end());
}

} // namespace

QCoro::Task<oauth::Result<oauth::HttpResponse>> TokenClient::post(std::string url, oauth::Metadata server,
                                                                  ClientIdentity client, oauth::Form form,
                                                                  oauth::Transport transport) {
    std::optional<std::pair<std::string, Secret>> authorization;
    if (usesBasic(server, client)) {
        authorization.emplace(client.clientId, client.secret->value.clone());
    } else {
        add(form, "client_id", client.clientId);
        if (client.secret) {
            form.emplace_back("client_secret", client.secret->value.clone());
        }
    }
    // Not with ?: g++ 12 destroys the temporaries of both sides.
    if (client.dpopKey) {
        co_return co_await postWithProof(std::move(url), std::move(client.dpopKey), std::move(form),
                                         std::move(transport), std::move(authorization));
    }
    co_return co_await m_http.post(std::move(url), std::move(form), std::move(transport), std::move(authorization));
}

QCoro::Task<oauth::Result<oauth::HttpResponse>>
TokenClient::postWithProof(std::string url, std::shared_ptr<const crypto::SigningKey> key, oauth::Form form,
                           oauth::Transport transport, Authorization authorization) {
    const auto parsed = base::parseUrl(url);
    const std::string server = parsed ? parsed->origin : std::string();
    const auto target = oauth::proofTarget(url);
    const auto known = m_nonces.find(server);
    oauth::ProofRequest proof{"POST", target.value_or(url), known == m_nonces.end() ? std::string() : known->second,
                              nullptr, m_clock.utcSeconds()};
    std::string first = oauth::dpopProof(*key, proof);
    auto response = co_await m_http.post(url, copyOf(form), transport, copyOf(authorization), std::move(first));
    noteNonce(server, response);
    if (!response || !wantsNonce(*response)) {
        co_return std::move(response);
    }
    // The server has looked at nothing else yet: code and refresh token are as good as before.
    proof.nonce = response->dpopNonce;
    std::string second = oauth::dpopProof(*key, proof);
    auto again = co_await m_http.post(std::move(url), std::move(form), std::move(transport), std::move(authorization),
                                      std::move(second));
    noteNonce(server, again);
    co_return std::move(again);
}

/// Section 8.2: whatever the last answer gave is what the next proof holds.
void TokenClient::noteNonce(const std::string& server, const oauth::Result<oauth::HttpResponse>& response) {
    if (response && !response->dpopNonce.empty()) {
        if (m_nonces.size() >= kMaxNonces && !m_nonces.contains(server)) {
            m_nonces.erase(m_nonces.begin());
        }
        m_nonces[server] = response->dpopNonce;
    }
}

QCoro::Task<oauth::Result<oauth::TokenResponse>> TokenClient::exchange(oauth::Metadata server, ClientIdentity client,
                                                                       CodeExchange exchange,
                                                                       oauth::Transport transport) {
    oauth::Form form;
    add(form, "grant_type", "authorization_code");
    form.emplace_back("code", std::move(exchange.code.value));
    form.emplace_back("code_verifier", std::move(exchange.verifier.value));
    add(form, "redirect_uri", exchange.redirectUri);
    addResource(form, exchange.resource);
    const oauth::TokenType wanted = wantedType(client);
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    co_return oauth::parseTokenResponse(*response, wanted);
}

QCoro::Task<oauth::Result<oauth::PushedRequest>> TokenClient::push(oauth::Metadata server, ClientIdentity client,
                                                                   oauth::AuthorizationRequest request,
                                                                   oauth::Transport transport) {
    oauth::Form form;
    const bool isNamed = !usesBasic(server, client); // post() adds it, and nothing may come twice
    for (const auto& [name, value] : oauth::authorizationParameters(request)) {
        if (name != "client_id" || !isNamed) {
            form.emplace_back(name, Secret(value));
        }
    }
    const std::string url = server.pushedRequestEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    co_return oauth::parsePushedRequest(*response);
}

QCoro::Task<oauth::Result<oauth::DeviceAuthorization>> TokenClient::authorizeDevice(oauth::Metadata server,
                                                                                    ClientIdentity client,
                                                                                    TokenKind kind,
                                                                                    oauth::Transport transport) {
    oauth::Form form;
    addScopes(form, kind.scopes);
    addResource(form, kind.resource);
    const std::string url = server.deviceAuthorizationEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    co_return oauth::parseDeviceAuthorization(*response);
}

QCoro::Task<oauth::Result<oauth::TokenResponse>>
TokenClient::deviceTokens(oauth::Metadata server, ClientIdentity client, base::Secret deviceCode, std::string resource,
                          oauth::Transport transport) {
    oauth::Form form;
    add(form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    form.emplace_back("device_code", std::move(deviceCode));
    addResource(form, resource);
    const oauth::TokenType wanted = wantedType(client);
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    co_return oauth::parseTokenResponse(*response, wanted);
}

QCoro::Task<RefreshAnswer> TokenClient::refresh(oauth::Metadata server, ClientIdentity client, base::RefreshToken token,
                                                TokenKind kind, oauth::Transport transport) {
    oauth::Form form;
    add(form, "grant_type", "refresh_token");
    form.emplace_back("refresh_token", std::move(token.value));
    addScopes(form, kind.scopes);
    addResource(form, kind.resource);
    const oauth::TokenType wanted = wantedType(client);
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        RefreshAnswer none{base::fail(std::move(response.error()))};
        co_return std::move(none);
    }
    RefreshAnswer answer{oauth::parseTokenResponse(*response, wanted)};
    if (!answer.tokens) {
        answer.salvaged = oauth::salvageRefreshToken(*response);
    }
    co_return std::move(answer);
}

QCoro::Task<oauth::Result<oauth::TokenResponse>> TokenClient::exchangeToken(oauth::Metadata server,
                                                                            ClientIdentity client,
                                                                            base::AccessToken subject, TokenKind kind,
                                                                            oauth::Transport transport) {
    oauth::Form form;
    add(form, "grant_type", kTokenExchangeGrant);
    form.emplace_back("subject_token", std::move(subject.value));
    add(form, "subject_token_type", kAccessTokenType);
    add(form, "requested_token_type", kAccessTokenType);
    add(form, "audience", kind.audience);
    addScopes(form, kind.scopes);
    addResource(form, kind.resource);
    const oauth::TokenType wanted = wantedType(client);
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    auto tokens = oauth::parseTokenResponse(*response, wanted);
    // Required by the RFC; a server that leaves it out has still said that the token is a bearer's.
    if (tokens && tokens->issuedTokenType && *tokens->issuedTokenType != kAccessTokenType &&
        *tokens->issuedTokenType != kJwtType) {
        co_return base::fail(
            oauth::Error{oauth::ErrorKind::BadResponse,
                         "the token endpoint gave another type of token: " + *tokens->issuedTokenType});
    }
    co_return std::move(tokens);
}

QCoro::Task<oauth::Result<void>> TokenClient::revoke(oauth::Metadata server, ClientIdentity client, base::Secret token,
                                                     std::string hint, oauth::Transport transport) {
    if (server.revocationEndpoint.empty()) {
        co_return base::fail(oauth::Error{oauth::ErrorKind::OAuthError, "it offers no revocation", "unsupported"});
    }
    oauth::Form form;
    form.emplace_back("token", std::move(token));
    add(form, "token_type_hint", hint);
    const std::string url = server.revocationEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    if (response->status != 200) {
        co_return base::fail(oauth::Error{oauth::ErrorKind::OAuthError,
                                          "it refused the revocation with HTTP " + std::to_string(response->status)});
    }
    co_return oauth::Result<void>();
}

} // namespace keybearer::accounts
