/// \file
/// The part of a login that decides which client we are to this server: one that the person or the catalogue brought,
/// our metadata document, or one that the server registers for us, in this order.

#include "daemon/accounts/login.h"
#include "daemon/oauth/pkce.h"
#include "daemon/providers/redirect.h"

namespace keybearer::accounts {

using protocol::ErrorKind;

namespace {

/// Servers compare the path, and leave the port to us (RFC 8252 section 7.3).
constexpr const char* kDocumentRedirect = "http://127.0.0.1/callback";
/// Between two looks at a port that another login of ours is about to close.
constexpr std::chrono::milliseconds kPortPause{50};

bool isDefault(const providers::Redirect& redirect) {
    const providers::Redirect usual;
    return redirect.host == usual.host && redirect.ports == usual.ports && redirect.path == usual.path;
}

/// Whether a client was registered for this redirect, whatever the port.
bool suits(const oauth::ClientRegistration& registration, const providers::Redirect& wanted) {
    const auto registered = providers::parseRedirect(registration.redirectUris.front());
    return registered && (isDefault(wanted) || (registered->host == wanted.host && registered->path == wanted.path));
}

} // namespace

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

QCoro::Task<Result<void>> Login::chooseClient() {
    providers::Profile& profile = m_plan.profile;
    if (!profile.clientId.empty()) {
        co_return Result<void>();
    }
    if (m_server.clientIdDocuments && !m_plan.clientIdDocument.empty()) {
        profile.clientId = m_plan.clientIdDocument;
        profile.redirect = *providers::parseRedirect(kDocumentRedirect);
        m_clientIsOurs = true;
        co_return Result<void>();
    }
    if (m_server.registrationEndpoint.empty()) {
        co_return base::fail(needsClientId(profile));
    }
    m_registrationInUse = m.registrations.use(profile.issuer);
    auto stored = co_await m.registrations.stored(profile.issuer);
    if (!stored) {
        co_return base::fail(std::move(stored.error()));
    }
    if (*stored) {
        auto known = co_await m.registrations.confirmed(std::move(**stored), transport());
        if (!known) {
            co_return base::fail(std::move(known.error()));
        }
        const bool isForOthers = *known && (*known)->dpopBound && !m_dpopKey;
        if (*known && !isForOthers && suits(**known, profile.redirect)) {
            beClient(**known);
            co_return Result<void>();
        }
    }
    co_return co_await registerClient();
}

/// A path of its own for each registration, as unpredictable as that of a login: servers compare it whole.
QCoro::Task<Result<void>> Login::registerClient() {
    providers::Profile& profile = m_plan.profile;
    if (profile.redirect.host.empty()) {
        profile.redirect.host = "127.0.0.1";
    }
    if (profile.redirect.path.ends_with("/*")) {
        profile.redirect.path.replace(profile.redirect.path.size() - 1, 1, oauth::randomToken());
    }
    oauth::RegistrationRequest request;
    request.forDevices = m_plan.method == LoginMethod::Device;
    request.dpopBound = m_dpopKey != nullptr;
    if (!request.forDevices) {
        m_receiver.reset();
        auto listening = co_await listen();
        if (!listening) {
            co_return listening;
        }
        // For servers that compare the port, too: it is tried first the next time.
        request.redirectUris.push_back(m_receiver->redirectUri());
    }
    providers::Redirect anyPort = profile.redirect;
    anyPort.ports.clear();
    request.redirectUris.push_back(providers::registrationUri(anyPort));
    auto made = co_await m.registrations.add(m_server, std::move(request), transport());
    if (!made) {
        protocol::Error error = std::move(made.error());
        if (error.kind == ErrorKind::ProviderError) {
            protocol::Error ask = needsClientId(profile);
            error.message += ". Register a client by hand: " + ask.message;
            error.kind = ask.kind;
            error.data.update(ask.data);
        }
        co_return base::fail(std::move(error));
    }
    beClient(*made);
    m_isNew = true;
    co_return Result<void>();
}

void Login::beClient(const oauth::ClientRegistration& registration) {
    providers::Profile& profile = m_plan.profile;
    profile.clientId = registration.clientId;
    profile.clientSecret = registration.clientSecret.has_value();
    if (auto redirect = providers::parseRedirect(registration.redirectUris.front())) {
        profile.redirect = std::move(*redirect);
    }
    m_plan.clientSecret.reset();
    if (registration.clientSecret) {
        m_plan.clientSecret = registration.clientSecret->clone();
    }
    m_authMethod = registration.authMethod;
    m_clientIsOurs = true;
    m_isRegistered = true;
}

/// The port of a registration may be somebody else's by now; most servers do not mind another.
QCoro::Task<Result<void>> Login::listen() {
    if (m_receiver) {
        co_return Result<void>();
    }
    const providers::Redirect& redirect = m_plan.profile.redirect;
    auto receiver = oauth::LoopbackReceiver::listen(redirect);
    // The browser of the login before may not have its page yet.
    while (!receiver && !isOver() && oauth::LoopbackReceiver::isFinishing(redirect)) {
        co_await rest(kPortPause);
        receiver = oauth::LoopbackReceiver::listen(redirect);
    }
    if (!receiver && m_isRegistered) {
        providers::Redirect anyPort = redirect;
        anyPort.ports.clear();
        receiver = oauth::LoopbackReceiver::listen(anyPort);
    }
    if (!receiver) {
        co_return base::fail(fromOAuth(receiver.error(), who()));
    }
    m_receiver = std::move(*receiver);
    co_return Result<void>();
}

} // namespace keybearer::accounts
