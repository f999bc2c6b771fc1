#pragma once
/// \file
/// The requests to a token endpoint: code exchange, refresh, token exchange, revocation.

#include "daemon/accounts/token_cache.h"
#include "daemon/crypto/signing_key.h"
#include "daemon/oauth/authorization_request.h"
#include "daemon/oauth/device_authorization.h"
#include "daemon/oauth/http_client.h"
#include "daemon/oauth/metadata.h"
#include "daemon/oauth/pushed_request.h"
#include "daemon/oauth/token_response.h"
#include "ipc/base/clock.h"
#include "ipc/base/secret.h"

#include <QCoroTask>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace keybearer::accounts {

/// Who we are to the server.
struct ClientIdentity {
    std::string clientId;
    std::optional<base::ClientSecret> secret; ///< unset: a public client, as native apps are (RFC 8252 section 8.4)
    /// Tokens are asked for that are bound to this key (RFC 9449 section 5); null: to none.
    std::shared_ptr<const crypto::SigningKey> dpopKey = {};
    /// How the secret is shown, where the client was registered with one way; empty: by the server's metadata.
    std::string authMethod = {};
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
    std::string resource; ///< RFC 8707 section 2.2; empty: not said
};

/// Main thread; it keeps nothing but the nonces for proofs that servers gave last. The secret goes as the client was
/// registered; else as HTTP Basic where the server's metadata allows that or says nothing (RFC 8414:
/// client_secret_basic is the default), else in the form.
class TokenClient {
public:
    /// Both outlive it.
    TokenClient(oauth::HttpClient& http, const base::Clock& clock) : m_http(http), m_clock(clock) {}

    /// RFC 6749 section 4.1.3 with RFC 7636 section 4.5. `redirect_uri` is sent: OAuth 2.0 servers require it.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::TokenResponse>>
    exchange(oauth::Metadata server, ClientIdentity client, CodeExchange exchange, oauth::Transport transport);

    /// RFC 9126 section 2.1.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::PushedRequest>> push(oauth::Metadata server, ClientIdentity client,
                                                                        oauth::AuthorizationRequest request,
                                                                        oauth::Transport transport);

    /// RFC 8628 section 3.1.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::DeviceAuthorization>>
    authorizeDevice(oauth::Metadata server, ClientIdentity client, TokenKind kind, oauth::Transport transport);
    /// RFC 8628 section 3.4. While the person has not decided it is an OAuthError with `authorization_pending`.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::TokenResponse>>
    deviceTokens(oauth::Metadata server, ClientIdentity client, base::Secret deviceCode, std::string resource,
                 oauth::Transport transport);

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
    /// With a proof, and once more where the server wants another nonce in it (RFC 9449 section 8).
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::HttpResponse>>
    postWithProof(std::string url, std::shared_ptr<const crypto::SigningKey> key, oauth::Form form,
                  oauth::Transport transport, std::optional<std::pair<std::string, base::Secret>> authorization);
    void noteNonce(const std::string& server, const oauth::Result<oauth::HttpResponse>& response);
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::HttpResponse>>
    post(std::string url, oauth::Metadata server, ClientIdentity client, oauth::Form form, oauth::Transport transport);

    oauth::HttpClient& m_http;
    const base::Clock& m_clock;
    std::map<std::string, std::string> m_nonces; ///< by the server's origin
};

} // namespace keybearer::accounts
