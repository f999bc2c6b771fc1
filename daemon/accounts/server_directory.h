#pragma once
/// \file
/// What we know of the authorization servers: metadata and signing keys, fetched when needed and kept for a while.

#include "daemon/oauth/http_client.h"
#include "daemon/oauth/id_token.h"
#include "daemon/oauth/metadata.h"
#include "ipc/base/clock.h"

#include <QCoroTask>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace keybearer::accounts {

/// How long metadata is believed before it is fetched anew.
inline constexpr std::chrono::minutes kMetadataLifetime{60};
/// A JWK Set is fetched again at most once in this time, however many tokens name unknown keys.
inline constexpr std::chrono::seconds kJwksMinInterval{10};

/// Main thread. `http` and `clock` outlive it.
class ServerDirectory {
public:
    ServerDirectory(oauth::HttpClient& http, const base::Clock& clock) : m_http(http), m_clock(clock) {}

    /// Tries the well-known places in order (oauth::wellKnownUrls()). A server that cannot be reached ends the search;
    /// one that answers 404 or something unbelievable does not, and the most telling refusal is reported.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::Metadata>> metadata(std::string issuer, oauth::Transport transport);

    /// Verifies an ID token against the server's keys; fetches them anew once when the token names one that is unknown.
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::IdTokenClaims>> verify(const base::IdToken& token,
                                                                          std::string jwksUri,
                                                                          oauth::IdTokenExpectation expected,
                                                                          oauth::Transport transport);
    /// What a profile says of a server that publishes nothing: it is believed in the place of metadata, for good.
    void know(oauth::Metadata metadata) { m_given.insert_or_assign(metadata.issuer, std::move(metadata)); }
    /// Forgets the metadata of an issuer: the next call fetches it.
    void forget(const std::string& issuer) { m_metadata.erase(issuer); }

private:
    [[nodiscard]] QCoro::Task<oauth::Result<void>> fetchKeys(std::string jwksUri, oauth::Transport transport);

    template<class T>
    struct Kept {
        T value;
        std::chrono::milliseconds fetchedAt{};
    };

    oauth::HttpClient& m_http;
    const base::Clock& m_clock;
    std::map<std::string, oauth::Metadata> m_given;
    std::map<std::string, Kept<oauth::Metadata>> m_metadata;
    std::map<std::string, Kept<std::vector<oauth::Jwk>>> m_keys;
    std::map<std::string, std::chrono::milliseconds> m_refetchedAt; ///< because of an unknown key
};

} // namespace keybearer::accounts
