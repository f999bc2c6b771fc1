#pragma once
/// \file
/// The requests to a token endpoint: code exchange, refresh, token exchange, revocation.

#include "daemon/accounts/token_cache.h"
#include "daemon/oauth/authorization_request.h"
#include "daemon/oauth/device_authorization.h"
#include "daemon/oauth/http_client.h"
#include "daemon/oauth/metadata.h"
#include "daemon/oauth/pushed_request.h"
#include "daemon/oauth/token_response.h"
#include "ipc/base/secret.h"

#include <QCoroTask>

#include <optional>
#include <string>

namespace keybearer::accounts {

/// Who we are to the server.
struct ClientIdentity {
    std::string clientId;
    std::optional<base::ClientSecret> secret; ///< unset: a public client, as native apps are (RFC 8252 section 8.4)
};

struct RefreshAnswer {
    oauth::Result<oauth::TokenResponse> tokens;
    /// With an error in `tokens`: a new refresh token that came along all the same.
    std::optional<base::RefreshToken> salvaged = {};
};

struct CodeExchange {
    base::AuthorizationCode code;
    base::CodeVerifier verifier;
    std::string redirectUri;
};

/// Main thread; stateless. The secret goes as HTTP Basic where the server's metadata allows that or says nothing
/// (RFC 8414: client_secret_basic is the default), else in the form.
class TokenClient {
public:
    explicit TokenClient(oauth::HttpClient& http) : m_http(http) {}

    /// RFC 6749 section 4.1.3 with RFC 7636 section 4.5. `redirect_uri` is sent: OAuth 2.0 servers require it.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::TokenResponse>>
    exchange(oauth::Metadata server, ClientIdentity client, CodeExchange exchange, oauth::Transport transport);

    /// RFC 9126 section 2.1.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::PushedRequest>> push(oauth::Metadata server, ClientIdentity client,
                                                                        oauth::AuthorizationRequest request,
                                                                        oauth::Transport transport);

    /// RFC 8628 section 3.1.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::DeviceAuthorization>>
    authorizeDevice(oauth::Metadata server, ClientIdentity client, std::vector<std::string> scopes,
                    oauth::Transport transport);
    /// RFC 8628 section 3.4. While the person has not decided it is an OAuthError with `authorization_pending`.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::TokenResponse>>
    deviceTokens(oauth::Metadata server, ClientIdentity client, base::Secret deviceCode, oauth::Transport transport);

    /// RFC 6749 section 6; with a resource also RFC 8707 section 2.2.
    [[nodiscard]] QCoro::Task<RefreshAnswer> refresh(oauth::Metadata server, ClientIdentity client,
                                                     base::RefreshToken token, TokenKind kind,
                                                     oauth::Transport transport);

    /// RFC 8693 section 2.1: an access token in the place of `subject`, for the kind's audience, scopes and resource.
    /// An answer that holds another type of token is BadResponse.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::TokenResponse>>
    exchangeToken(oauth::Metadata server, ClientIdentity client, base::AccessToken subject, TokenKind kind,
                  oauth::Transport transport);

    /// RFC 7009. Success for 200, also for a token that the server did not know. `hint` is "refresh_token" or
    /// "access_token".
    [[nodiscard]] QCoro::Task<oauth::Result<void>> revoke(oauth::Metadata server, ClientIdentity client,
                                                          base::Secret token, std::string hint,
                                                          oauth::Transport transport);

private:
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::HttpResponse>>
    post(std::string url, oauth::Metadata server, ClientIdentity client, oauth::Form form, oauth::Transport transport);

    oauth::HttpClient& m_http;
};

} // namespace keybearer::accounts
