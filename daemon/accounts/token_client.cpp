#include "daemon/accounts/token_client.h"

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

bool usesBasic(const oauth::Metadata& server, const ClientIdentity& client) {
    const auto& methods = server.tokenAuthMethods;
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
    co_return co_await m_http.post(std::move(url), std::move(form), std::move(transport), std::move(authorization));
}

QCoro::Task<oauth::Result<oauth::TokenResponse>> TokenClient::exchange(oauth::Metadata server, ClientIdentity client,
                                                                       CodeExchange exchange,
                                                                       oauth::Transport transport) {
    oauth::Form form;
    add(form, "grant_type", "authorization_code");
    form.emplace_back("code", std::move(exchange.code.value));
    form.emplace_back("code_verifier", std::move(exchange.verifier.value));
    add(form, "redirect_uri", exchange.redirectUri);
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    co_return oauth::parseTokenResponse(*response);
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
                                                                                    std::vector<std::string> scopes,
                                                                                    oauth::Transport transport) {
    oauth::Form form;
    if (!scopes.empty()) {
        add(form, "scope", oauth::joinScopes(scopes));
    }
    const std::string url = server.deviceAuthorizationEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    co_return oauth::parseDeviceAuthorization(*response);
}

QCoro::Task<oauth::Result<oauth::TokenResponse>> TokenClient::deviceTokens(oauth::Metadata server,
                                                                           ClientIdentity client,
                                                                           base::Secret deviceCode,
                                                                           oauth::Transport transport) {
    oauth::Form form;
    add(form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    form.emplace_back("device_code", std::move(deviceCode));
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    co_return oauth::parseTokenResponse(*response);
}

QCoro::Task<RefreshAnswer> TokenClient::refresh(oauth::Metadata server, ClientIdentity client, base::RefreshToken token,
                                                TokenKind kind, oauth::Transport transport) {
    oauth::Form form;
    add(form, "grant_type", "refresh_token");
    form.emplace_back("refresh_token", std::move(token.value));
    if (!kind.scopes.empty()) {
        add(form, "scope", oauth::joinScopes(kind.scopes));
    }
    if (!kind.resource.empty()) {
        add(form, "resource", kind.resource);
    }
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        RefreshAnswer none{base::fail(std::move(response.error()))};
        co_return std::move(none);
    }
    RefreshAnswer answer{oauth::parseTokenResponse(*response)};
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
    if (!kind.scopes.empty()) {
        add(form, "scope", oauth::joinScopes(kind.scopes));
    }
    if (!kind.resource.empty()) {
        add(form, "resource", kind.resource);
    }
    const std::string url = server.tokenEndpoint;
    auto response = co_await post(url, std::move(server), std::move(client), std::move(form), std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    auto tokens = oauth::parseTokenResponse(*response);
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
