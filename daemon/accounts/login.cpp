#include "daemon/accounts/login.h"

#include "daemon/oauth/authorization_request.h"
#include "daemon/oauth/dpop.h"
#include "daemon/oauth/pkce.h"
#include "daemon/oauth/userinfo.h"

#include <QTimer>

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;

namespace {

constexpr int kUnauthorized = 401;

} // namespace

std::string_view toString(LoginState state) {
    switch (state) {
    case LoginState::WaitingForBrowser: return "waiting_for_browser";
    case LoginState::Exchanging: return "exchanging";
    case LoginState::Done: return "done";
    case LoginState::Failed: return "failed";
    case LoginState::Cancelled: return "cancelled";
    }
    return {};
}

Login::Login(Parts parts, LoginPlan plan)
    : m(parts),
      m_plan(std::move(plan)),
      m_id(oauth::randomToken()),
      m_nonce(oauth::randomToken()),
      m_stateValue(oauth::randomToken()),
      m_verifier(oauth::makeCodeVerifier()) {}

oauth::Transport Login::transport() const {
    return oauth::Transport{m_plan.profile.caFile};
}

bool Login::isOpenId() const {
    return std::ranges::find(m_plan.profile.scopes, "openid") != m_plan.profile.scopes.end();
}

QCoro::Task<Result<ClientIdentity>> Login::identity() {
    const providers::Profile& profile = m_plan.profile;
    if (m_plan.clientSecret) {
        co_return ClientIdentity{profile.clientId, m_plan.clientSecret->clone(), m_dpopKey, m_authMethod};
    }
    ClientName name{profile.issuer, profile.clientId, profile.clientSecret, m_authMethod};
    auto client = co_await m.authority.clientFor(std::move(name));
    if (client) {
        client->dpopKey = m_dpopKey;
    }
    co_return std::move(client);
}

const std::string& Login::who() const {
    return isForKey() ? m_plan.profile.provisioning->authorizeUrl : m_plan.profile.issuer;
}

QCoro::Task<Result<void>> Login::prepare() {
    const auto self = shared_from_this();
    if (isForKey()) {
        co_return co_await prepareForKey();
    }
    const providers::Profile& profile = m_plan.profile;
    if (!m_plan.target.empty()) {
        auto resolved = co_await resolveTarget();
        if (!resolved) {
            co_return resolved;
        }
    } else {
        m.servers.forget(profile.issuer); // a login is rare, and a stale endpoint would waste the person's time
    }
    if (!profile.clientId.empty()) {
        auto client = co_await identity(); // asks for a missing secret before a browser window is opened for nothing
        if (!client) {
            co_return base::fail(std::move(client.error()));
        }
    }
    auto server = co_await m.servers.metadata(profile.issuer, transport());
    if (!server) {
        co_return base::fail(fromOAuth(server.error(), profile.issuer));
    }
    m_server = std::move(*server);
    if (auto fits = fitTo(m_server); !fits) {
        co_return fits;
    }
    auto chosen = co_await chooseClient();
    if (!chosen) {
        co_return chosen;
    }
    if (m_plan.method == LoginMethod::Device) {
        co_return co_await prepareDevice();
    }
    auto made = co_await prepareRequest();
    if (!made) {
        co_return made;
    }
    m_expiresAt = m.clock.utcSeconds() + m_plan.timeout.count();
    co_return Result<void>();
}

QCoro::Task<> Login::run() {
    const auto self = shared_from_this(); // the registry may forget us while we wait
    if (m_device) {
        co_await runDevice();
        co_return;
    }
    oauth::CallbackExpectation expected;
    expected.provenByPath = isForKey();
    expected.state = isForKey() ? std::string() : m_stateValue;
    expected.issuer = m_server.issuer;
    expected.issRequired = m_server.issParameter;
    auto verdict = co_await m_receiver->wait(std::move(expected), m_plan.timeout);
    if (isOver()) {
        co_return;
    }
    if (!verdict) {
        fail(fromOAuth(verdict.error(), who()));
        co_return;
    }
    become(LoginState::Exchanging);
    auto finished = co_await finish(std::move(*verdict));
    if (isOver()) {
        co_return; // cancelled meanwhile; the browser has been told
    }
    if (!finished) {
        m_receiver->finish({false, "Sign-in failed", finished.error().message});
        fail(std::move(finished.error()));
        co_return;
    }
    tellBrowser();
    become(LoginState::Done);
}

void Login::tellBrowser() {
    const providers::Profile& profile = m_plan.profile;
    const std::string& provider = profile.displayName.empty() ? profile.issuer : profile.displayName;
    if (isForKey()) {
        m_receiver->finish({true, "Signed in",
                            provider + " has made a key. Keybearer keeps it as " + profile.id + "/" +
                                m_plan.accountName + ". You can close this page."});
        return;
    }
    const std::string person = m_account->label.empty() ? m_account->subject : m_account->label;
    m_receiver->finish({true, "Signed in",
                        "You are signed in to " + provider + (person.empty() ? "" : " as " + person) +
                            ". Keybearer keeps this login as account " + m_account->name +
                            ". You can close this page."});
}

QCoro::Task<Result<void>> Login::finish(oauth::CallbackVerdict verdict) {
    const std::string& issuer = who();
    using Kind = oauth::CallbackVerdict::Kind;
    if (verdict.kind == Kind::Reject) {
        co_return base::fail(failure(ErrorKind::LoginFailed, "the answer came from another authorization server than " +
                                                                 issuer + "; nothing was sent to either"));
    }
    if (verdict.kind == Kind::Error) {
        protocol::Error error =
            failure(ErrorKind::LoginFailed,
                    verdict.error == "access_denied"
                        ? "the sign-in was refused at " + issuer
                        : issuer + " answered " + verdict.error +
                              (verdict.errorDescription.empty() ? "" : ": " + verdict.errorDescription));
        error.data["oauth_error"] = verdict.error;
        co_return base::fail(std::move(error));
    }
    if (isForKey()) {
        co_return co_await finishWithKey(std::move(verdict));
    }
    auto client = co_await identity();
    if (!client) {
        co_return base::fail(std::move(client.error()));
    }
    CodeExchange exchange{std::move(verdict.code), std::move(m_verifier), m_receiver->redirectUri(), m_plan.resource};
    auto tokens = co_await m.client.exchange(m_server, std::move(*client), std::move(exchange), transport());
    if (!tokens && tokens.error().code == "invalid_client" && m_isRegistered) {
        co_await m.registrations.forget(m_plan.profile.issuer, m_plan.profile.clientId);
    }
    if (!tokens) {
        co_return base::fail(fromOAuth(tokens.error(), issuer));
    }
    co_return co_await keep(std::move(*tokens));
}

QCoro::Task<Result<void>> Login::keep(oauth::TokenResponse tokens) {
    auto claims = co_await identify(tokens);
    if (!claims || isOver()) {
        co_await discard(std::move(tokens));
        co_return claims ? Result<void>() : base::fail(std::move(claims.error()));
    }
    NewGrant grant;
    grant.name = m_plan.accountName;
    grant.nameChosen = m_plan.nameChosen;
    grant.renews = m_plan.renews;
    grant.provider = m_plan.profile.id;
    grant.issuer = m_plan.profile.issuer;
    grant.clientId = m_plan.profile.clientId;
    grant.scope = oauth::joinScopes(m_plan.profile.scopes);
    grant.claims = std::move(*claims);
    grant.dpopKey = m_dpopKey;
    grant.confidential = m_plan.profile.clientSecret;
    grant.registered = m_clientIsOurs;
    grant.authMethod = m_authMethod;
    grant.resource = m_plan.resource;
    grant.address = m_plan.resource.empty() ? std::string() : m_plan.target;
    grant.tokens.accessToken = tokens.accessToken.clone();
    if (tokens.refreshToken) {
        grant.tokens.refreshToken = tokens.refreshToken->clone();
    }
    grant.tokens.expiresIn = tokens.expiresIn;
    grant.tokens.refreshExpiresIn = tokens.refreshExpiresIn;
    grant.tokens.scope = tokens.scope;
    if (m_plan.clientSecret) {
        grant.clientSecret = m_plan.clientSecret->clone();
    }
    auto account = co_await m.authority.adopt(std::move(grant));
    if (!account) {
        co_await discard(std::move(tokens));
        co_return base::fail(std::move(account.error()));
    }
    m_account = std::move(*account);
    co_return Result<void>();
}

QCoro::Task<Result<oauth::IdTokenClaims>> Login::identify(const oauth::TokenResponse& tokens) {
    const std::string& issuer = m_plan.profile.issuer;
    if (!tokens.idToken) {
        if (isOpenId()) {
            co_return base::fail(
                failure(ErrorKind::ProviderError, issuer + " sent no ID token although openid was asked for"));
        }
        co_return oauth::IdTokenClaims{};
    }
    oauth::IdTokenExpectation expected;
    expected.issuer = m_server.issuer;
    expected.clientId = m_plan.profile.clientId;
    expected.nonce = isOpenId() && !m_device ? m_nonce : std::string(); // RFC 8628 has no place for one
    expected.algs = m_server.idTokenAlgs;
    expected.accessToken = &tokens.accessToken;
    expected.now = m.clock.utcSeconds();
    auto claims = co_await m.servers.verify(*tokens.idToken, m_server.jwksUri, std::move(expected), transport());
    if (!claims) {
        co_return base::fail(fromOAuth(claims.error(), issuer));
    }
    co_return co_await named(std::move(*claims), tokens);
}

QCoro::Task<oauth::Result<oauth::HttpResponse>> Login::askUserinfo(const base::AccessToken& token) {
    const std::string url = m_server.userinfoEndpoint;
    if (!m_dpopKey) {
        co_return co_await m.http.get(url, transport(), &token);
    }
    oauth::ProofRequest proof{"GET", oauth::proofTarget(url).value_or(url), {}, &token, m.clock.utcSeconds()};
    auto response = co_await m.http.get(url, transport(), &token, oauth::dpopProof(*m_dpopKey, proof));
    if (response && response->status == kUnauthorized && !response->dpopNonce.empty()) { // RFC 9449 section 9
        proof.nonce = response->dpopNonce;
        co_return co_await m.http.get(url, transport(), &token, oauth::dpopProof(*m_dpopKey, proof));
    }
    co_return std::move(response);
}

/// Many servers put names into userinfo only. A login does not fail for want of a name.
QCoro::Task<oauth::IdTokenClaims> Login::named(oauth::IdTokenClaims claims, const oauth::TokenResponse& tokens) {
    if (!claims.email.empty() || !claims.preferredUsername.empty() || m_server.userinfoEndpoint.empty()) {
        co_return claims;
    }
    auto response = co_await askUserinfo(tokens.accessToken);
    if (response && response->status == 200) {
        auto known = oauth::parseUserinfo(response->body.reveal(), claims.subject);
        if (known) {
            co_return std::move(*known);
        }
    }
    co_return claims;
}

/// Tokens that nobody will use must not stay alive at the provider. Best effort: it is the login's failure that counts.
QCoro::Task<> Login::discard(oauth::TokenResponse tokens) {
    auto client = co_await identity();
    if (client && !m_server.revocationEndpoint.empty()) {
        const bool refresh = tokens.refreshToken.has_value();
        base::Secret token = refresh ? std::move(tokens.refreshToken->value) : std::move(tokens.accessToken.value);
        const auto revoked = co_await m.client.revoke(m_server, std::move(*client), std::move(token),
                                                      refresh ? "refresh_token" : "access_token", transport());
        static_cast<void>(revoked);
    }
}

Result<void> Login::paste(std::string_view url) {
    if (!m_receiver || m_state != LoginState::WaitingForBrowser) {
        return base::fail(failure(ErrorKind::InvalidValue, "this sign-in waits for no address"));
    }
    const auto taken = m_receiver->paste(url);
    return taken ? Result<void>()
                 : Result<void>(base::fail(
                       failure(ErrorKind::InvalidValue, "this is not the answer to this sign-in: " + taken.error())));
}

QCoro::Task<Result<void>> Login::ready() {
    const auto self = shared_from_this();
    const auto gate = m_ready;
    co_await gate->wait();
    co_return *m_prepared ? Result<void>() : Result<void>(base::fail(m_prepared->error()));
}

void Login::becomeReady(const Result<void>& prepared) {
    m_prepared.emplace(prepared);
    m_ready->open();
}

void Login::cancel(const std::string& why) {
    if (isOver()) {
        return;
    }
    m_error = failure(ErrorKind::LoginCancelled, why);
    if (m_resting && !m_resting->isOpen()) {
        QTimer::singleShot(0, [resting = m_resting] { // the poll sees the state that follows
            if (!resting->isOpen()) {
                resting->open();
            }
        });
    }
    if (m_receiver && m_state == LoginState::Exchanging) {
        m_receiver->finish(
            {false, "Sign-in cancelled", "This sign-in was cancelled in Keybearer. You can close this page."});
    } else if (m_receiver) {
        m_receiver->cancel();
    }
    become(LoginState::Cancelled);
}

void Login::fail(protocol::Error error) {
    m_error = std::move(error);
    become(LoginState::Failed);
}

void Login::become(LoginState state) {
    m_state = state;
    if (isOver()) {
        m_registrationInUse.reset();
    }
    const auto changed = std::exchange(m_change, std::make_shared<Gate>());
    changed->open();
}

} // namespace keybearer::accounts
