#pragma once
/// \file
/// Clients that servers registered for us (RFC 7591): one for each issuer, kept in the keychain.

#include "daemon/accounts/failures.h"
#include "daemon/keychain/keychain.h"
#include "daemon/oauth/client_registration.h"
#include "daemon/oauth/http_client.h"
#include "ipc/base/clock.h"

#include <QCoroTask>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::accounts {

/// Name of the keychain item that holds the registration at an issuer.
[[nodiscard]] std::string registrationKey(std::string_view issuer);

/// Main thread. What it is given outlives it.
class Registrations {
public:
    Registrations(keychain::Keychain& keychain, oauth::HttpClient& http, const base::Clock& clock)
        : m_keychain(keychain), m_http(http), m_clock(clock) {}

    /// What is stored for this issuer; nullopt when there is nothing, or nothing that can be used.
    [[nodiscard]] QCoro::Task<Result<std::optional<oauth::ClientRegistration>>> stored(std::string issuer);
    /// Asks the server what it knows of a stored client (RFC 7592 section 2.1), and stores what it says. nullopt when
    /// the server knows it no longer, or its secret has expired; one that cannot be asked about, or whose server does
    /// not answer, is as good as before.
    [[nodiscard]] QCoro::Task<Result<std::optional<oauth::ClientRegistration>>>
    confirmed(oauth::ClientRegistration registration, oauth::Transport transport);
    /// Registers a client (RFC 7591 section 3) and stores it in the place of the one before.
    [[nodiscard]] QCoro::Task<Result<oauth::ClientRegistration>>
    add(oauth::Metadata server, oauth::RegistrationRequest request, oauth::Transport transport);
    /// Forgets the client when it is still the one that is stored: the server has refused it.
    [[nodiscard]] QCoro::Task<> forget(std::string issuer, std::string clientId);
    /// Nobody needs the client any more: it is forgotten, and its server asked to delete it (RFC 7592 section 2.3),
    /// whatever that answers. One that a login uses stays. The error is the keychain's.
    [[nodiscard]] QCoro::Task<Result<void>> retire(std::string issuer, std::string clientId,
                                                   oauth::Transport transport);

    /// A login with the client of this issuer goes on for as long as this is held.
    [[nodiscard]] std::shared_ptr<const void> use(const std::string& issuer);

private:
    [[nodiscard]] QCoro::Task<Result<void>> store(const oauth::ClientRegistration& registration);
    /// The client's accounts use the secret that it has now.
    [[nodiscard]] QCoro::Task<Result<void>> renewSecret(const oauth::ClientRegistration& registration);

    keychain::Keychain& m_keychain;
    oauth::HttpClient& m_http;
    const base::Clock& m_clock;
    std::map<std::string, std::weak_ptr<const void>> m_uses; ///< by issuer
};

} // namespace keybearer::accounts
