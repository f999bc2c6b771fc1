#include "daemon/accounts/server_directory.h"

namespace keybearer::accounts {
namespace {

/// How much a refusal tells the person; the most telling one of several is reported.
int weight(oauth::ErrorKind kind) {
    switch (kind) {
    case oauth::ErrorKind::Rejected: return 3;
    case oauth::ErrorKind::ServerError: return 2;
    case oauth::ErrorKind::BadResponse: return 1;
    default: return 0;
    }
}

} // namespace

QCoro::Task<oauth::Result<oauth::Metadata>> ServerDirectory::metadata(std::string issuer, oauth::Transport transport) {
    if (const auto usable = oauth::checkIssuer(issuer); !usable) {
        co_return base::fail(usable.error());
    }
    if (const auto given = m_given.find(issuer); given != m_given.end()) {
        oauth::Metadata known = given->second; // with a name, as below
        co_return known;
    }
    if (const auto kept = m_metadata.find(issuer);
        kept != m_metadata.end() && m_clock.steady() - kept->second.fetchedAt < kMetadataLifetime) {
        // A copy with a name: QCoro 0.8 moves from whatever lvalue is returned.
        oauth::Metadata known = kept->second.value;
        co_return known;
    }
    oauth::Error worst{oauth::ErrorKind::BadResponse, "no metadata at any of its well-known places"};
    int worstWeight = 0;
    for (const std::string& url : oauth::wellKnownUrls(issuer)) {
        auto response = co_await m_http.get(url, transport);
        if (!response) {
            if (response.error().kind != oauth::ErrorKind::BadResponse) {
                co_return base::fail(std::move(response.error()));
            }
            if (worstWeight < weight(oauth::ErrorKind::BadResponse)) {
                worst = std::move(response.error());
                worstWeight = weight(worst.kind);
            }
            continue;
        }
        oauth::Error refusal{oauth::ErrorKind::ServerError,
                             "it answers HTTP " + std::to_string(response->status) + " where its metadata should be"};
        refusal.retryAfter = response->retryAfter;
        if (response->status == 200) {
            auto parsed = oauth::parseMetadata(response->body.reveal(), issuer);
            if (parsed) {
                m_metadata[issuer] = {*parsed, m_clock.steady()};
                co_return std::move(*parsed);
            }
            refusal = std::move(parsed.error());
        } else if (response->status < 500 && response->status != 429) {
            continue;
        }
        if (weight(refusal.kind) > worstWeight) {
            worstWeight = weight(refusal.kind);
            worst = std::move(refusal);
        }
    }
    co_return base::fail(std::move(worst));
}

QCoro::Task<oauth::Result<void>> ServerDirectory::fetchKeys(std::string jwksUri, oauth::Transport transport) {
    auto response = co_await m_http.get(jwksUri, transport);
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    if (response->status != 200) {
        co_return base::fail(oauth::Error{oauth::ErrorKind::ServerError,
                                          "its key set answers HTTP " + std::to_string(response->status)});
    }
    auto keys = oauth::parseJwks(response->body.reveal());
    if (!keys) {
        co_return base::fail(std::move(keys.error()));
    }
    m_keys[jwksUri] = {std::move(*keys), m_clock.steady()};
    co_return oauth::Result<void>();
}

QCoro::Task<oauth::Result<oauth::IdTokenClaims>> ServerDirectory::verify(const base::IdToken& token,
                                                                         std::string jwksUri,
                                                                         oauth::IdTokenExpectation expected,
                                                                         oauth::Transport transport) {
    if (jwksUri.empty()) {
        co_return base::fail(
            oauth::Error{oauth::ErrorKind::Rejected, "it sends an ID token and publishes no keys to check it"});
    }
    for (int attempt = 0;; ++attempt) {
        const auto kept = m_keys.find(jwksUri);
        if (kept == m_keys.end()) {
            auto fetched = co_await fetchKeys(jwksUri, transport);
            if (!fetched) {
                co_return base::fail(std::move(fetched.error()));
            }
        }
        const auto& keys = m_keys.at(jwksUri);
        auto problem = oauth::KeyProblem::None;
        auto claims = oauth::verifyIdToken(token, keys.value, expected, &problem);
        // Only what an unknown key has caused counts: the first fetch says nothing about when the keys will change.
        const auto last = m_refetchedAt.find(jwksUri);
        const bool tooSoon = last != m_refetchedAt.end() && m_clock.steady() - last->second < kJwksMinInterval;
        if (claims || problem != oauth::KeyProblem::UnknownKey || attempt > 0 || tooSoon) {
            co_return std::move(claims);
        }
        m_refetchedAt[jwksUri] = m_clock.steady();
        m_keys.erase(jwksUri); // the server may have rolled its keys over since we asked (OpenID Core 10.1.1)
    }
}

} // namespace keybearer::accounts
