#pragma once
/// \file
/// One login, from the request to the account.

#include "daemon/accounts/failures.h"
#include "daemon/accounts/gate.h"
#include "daemon/accounts/resource_directory.h"
#include "daemon/accounts/token_authority.h"
#include "daemon/oauth/loopback_receiver.h"
#include "daemon/providers/profile.h"

#include <QCoroTask>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::accounts {

enum class LoginState { WaitingForBrowser, Exchanging, Done, Failed, Cancelled };
[[nodiscard]] std::string_view toString(LoginState state);

using KeepKey =
    std::function<QCoro::Task<Result<void>>(providers::Profile profile, std::string name, base::Secret key)>;

/// How the person gets to the provider's page.
enum class LoginMethod {
    Browser, ///< here, with the answer coming back to a loopback port
    Device,  ///< anywhere, with a code to enter (RFC 8628)
};

/// How to get a client where a server registers none.
[[nodiscard]] protocol::Error needsClientId(const providers::Profile& profile);

/// What a login is to do; every choice has been made and checked.
struct LoginPlan {
    providers::Profile profile; ///< with the caller's overrides
    std::string accountName;
    bool nameChosen = false;
    std::string renews; ///< Account::id of the one that had this name when the login began; empty: none
    LoginMethod method = LoginMethod::Browser;
    std::optional<std::vector<std::string>> askedScopes; ///< the caller's own, in the place of the profile's
    bool scopesAdded = false;                            ///< those are what the account had before, and more
    std::optional<base::ClientSecret> clientSecret;      ///< given with this login, not stored yet
    /// An address that a person typed, an issuer's or a resource's; `profile.issuer` is known when it was asked. Empty:
    /// the profile says whom to ask.
    std::string target;
    std::string clientIssuer;     ///< whose the profile's client is, for no other server; empty: given with this login
    std::string wantedIssuer;     ///< the one to choose where a resource names several; empty: any
    std::string resource;         ///< what the tokens are to be for, known when the target is; empty: not said
    std::string clientIdDocument; ///< URL of our client ID metadata document; empty: there is none
    bool redirectGiven = false;   ///< with this login
    std::string question;         ///< of whoever begins it: the same for logins that may be joined; empty: none may
    std::chrono::seconds timeout{300};
    /// Where a key goes that the provider makes, `accountName` being its name; set where the profile has provisioning.
    KeepKey keepKey;
};

/// Owns listener, state, nonce and verifier of one attempt; all are fresh for each and none leaves this object but in
/// the requests that the protocol sends. Main thread; shared with the coroutine that runs it. What is in Parts
/// outlives it.
class Login : public std::enable_shared_from_this<Login> {
public:
    struct Parts {
        TokenAuthority& authority;
        ServerDirectory& servers;
        TokenClient& client;
        oauth::HttpClient& http;
        Registrations& registrations;
        ResourceDirectory& resources;
        const providers::Catalogue& catalogue;
        const base::Clock& clock;
    };

    Login(Parts parts, LoginPlan plan);

    /// Discovers the server and listens; then the authorization URL is known and run() may be called.
    [[nodiscard]] QCoro::Task<Result<void>> prepare();
    /// An authorization URL that opens now: a pushed request is good once, and not for long (RFC 9126 section 2.2).
    /// The login goes on whatever comes of it.
    [[nodiscard]] QCoro::Task<Result<void>> renewUrl();
    /// Waits for the browser and does the rest. Ends in one of the last three states.
    QCoro::Task<> run();
    /// The address that a browser elsewhere ended at; errors say what is wrong with it, and the login goes on.
    [[nodiscard]] Result<void> paste(std::string_view url);
    /// Closes the listener now. Tokens that arrive afterwards are revoked, not kept.
    void cancel(const std::string& why = "the login was cancelled");

    /// What prepare() came to, for those who joined while it went on.
    [[nodiscard]] QCoro::Task<Result<void>> ready();
    void becomeReady(const Result<void>& prepared);

    [[nodiscard]] const std::string& id() const noexcept { return m_id; }
    [[nodiscard]] LoginState state() const noexcept { return m_state; }
    [[nodiscard]] bool isOver() const noexcept { return m_state >= LoginState::Done; }
    /// Its time ran out and nobody had answered; a cancelled one was not ignored.
    [[nodiscard]] bool wasIgnored() const noexcept {
        return m_state == LoginState::Failed && m_error->kind == protocol::ErrorKind::LoginCancelled;
    }
    [[nodiscard]] const LoginPlan& plan() const noexcept { return m_plan; }
    [[nodiscard]] const std::string& authorizationUrl() const noexcept { return m_url; }
    /// UTC seconds; nullopt: as long as the login waits.
    [[nodiscard]] const std::optional<std::int64_t>& urlExpiresAt() const noexcept { return m_urlExpiresAt; }
    [[nodiscard]] std::string redirectUri() const { return m_receiver ? m_receiver->redirectUri() : std::string(); }
    /// What the person enters where; null for a login of another method.
    [[nodiscard]] const oauth::DeviceAuthorization* device() const noexcept { return m_device ? &*m_device : nullptr; }
    [[nodiscard]] std::int64_t expiresAt() const noexcept { return m_expiresAt; }
    [[nodiscard]] const std::optional<protocol::Error>& error() const noexcept { return m_error; }
    /// It ends with a key in the vault, not with an account.
    [[nodiscard]] bool isForKey() const noexcept { return m_plan.profile.provisioning.has_value(); }
    [[nodiscard]] const std::optional<Account>& account() const noexcept { return m_account; }

    /// Opens at the next change of state.
    [[nodiscard]] std::shared_ptr<Gate> nextChange() const noexcept { return m_change; }

private:
    [[nodiscard]] oauth::Transport transport() const;
    [[nodiscard]] bool isOpenId() const;
    /// Who is signed in to, in error texts: an address that a person can recognize.
    [[nodiscard]] const std::string& who() const;
    // login_key.cpp
    [[nodiscard]] QCoro::Task<Result<void>> prepareForKey();
    [[nodiscard]] QCoro::Task<Result<void>> finishWithKey(oauth::CallbackVerdict verdict);
    // login_device.cpp
    [[nodiscard]] QCoro::Task<Result<void>> prepareDevice();
    QCoro::Task<> runDevice();
    [[nodiscard]] QCoro::Task<Result<oauth::TokenResponse>> pollForTokens();
    /// Ends early when the login is cancelled.
    [[nodiscard]] QCoro::Task<> rest(std::chrono::milliseconds time);
    // login_resource.cpp
    [[nodiscard]] QCoro::Task<Result<void>> resolveTarget();
    [[nodiscard]] QCoro::Task<Result<void>> useResource(FoundResource found);
    void adoptResource(const FoundResource& found, const providers::Profile* known, const oauth::Metadata& server);
    [[nodiscard]] std::string caFileOf(const std::string& resource) const;
    [[nodiscard]] const providers::Profile* profileOf(const std::string& issuer) const;
    // login_client.cpp
    [[nodiscard]] QCoro::Task<Result<void>> chooseClient();
    [[nodiscard]] QCoro::Task<Result<void>> registerClient();
    void beClient(const oauth::ClientRegistration& registration);
    /// Waits where the port is only held for the page of the login before, which is for seconds at most.
    [[nodiscard]] QCoro::Task<Result<void>> listen();
    // login_request.cpp
    /// Whether it can do what a sign-in needs; then scopes and key are chosen.
    [[nodiscard]] Result<void> fitTo(const oauth::Metadata& server);
    void writeRequest();
    [[nodiscard]] QCoro::Task<Result<void>> prepareRequest();
    [[nodiscard]] QCoro::Task<Result<void>> makeUrl(ClientIdentity client);
    void tellBrowser();
    /// Checks what the tokens say and makes the account of them.
    [[nodiscard]] QCoro::Task<Result<void>> keep(oauth::TokenResponse tokens);
    [[nodiscard]] QCoro::Task<Result<void>> finish(oauth::CallbackVerdict verdict);
    [[nodiscard]] QCoro::Task<Result<oauth::IdTokenClaims>> identify(const oauth::TokenResponse& tokens);
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::HttpResponse>> askUserinfo(const base::AccessToken& token);
    [[nodiscard]] QCoro::Task<oauth::IdTokenClaims> named(oauth::IdTokenClaims claims,
                                                          const oauth::TokenResponse& tokens);
    QCoro::Task<> discard(oauth::TokenResponse tokens);
    [[nodiscard]] QCoro::Task<Result<ClientIdentity>> identity();
    void become(LoginState state);
    void fail(protocol::Error error);

    Parts m;
    LoginPlan m_plan;
    std::string m_id;
    std::string m_nonce;
    std::string m_stateValue;
    base::CodeVerifier m_verifier;
    oauth::Metadata m_server;
    std::unique_ptr<oauth::LoopbackReceiver> m_receiver; ///< of a login with a browser
    std::optional<oauth::DeviceAuthorization> m_device;
    std::optional<Result<void>> m_prepared;
    std::shared_ptr<Gate> m_ready = std::make_shared<Gate>();
    std::shared_ptr<Gate> m_resting;                     ///< between two questions or looks
    std::shared_ptr<const crypto::SigningKey> m_dpopKey; ///< that the tokens are to be bound to; null: none
    oauth::AuthorizationRequest m_request;               ///< of a login with a browser
    std::string m_authMethod;                            ///< of a client that the server registered
    bool m_clientIsOurs = false;                         ///< it was registered, or is our metadata document
    bool m_isRegistered = false;                         ///< it was registered
    bool m_isNew = false;                                ///< ... by this login, so the server cannot have forgotten it
    std::shared_ptr<const void> m_registrationInUse;     ///< until the login is over
    std::string m_url;
    std::optional<std::int64_t> m_urlExpiresAt;
    std::int64_t m_expiresAt = 0;
    LoginState m_state = LoginState::WaitingForBrowser;
    std::optional<protocol::Error> m_error;
    std::optional<Account> m_account;
    std::shared_ptr<Gate> m_change = std::make_shared<Gate>();
};

} // namespace keybearer::accounts
