#pragma once
/// \file
/// The header WWW-Authenticate (RFC 9110 section 11.6.1): what a server wants to see. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::base {

struct Challenge {
    std::string scheme; ///< lower case: "bearer", "dpop"
    /// Names in lower case, each once; values printable ASCII without their quotes.
    std::vector<std::pair<std::string, std::string>> parameters;

    /// nullptr when there is none of that name.
    [[nodiscard]] const std::string* parameter(std::string_view name) const;
};

/// Longest header, most challenges in it, most parameters of one.
inline constexpr std::size_t kMaxChallengeHeader = 8192;
inline constexpr std::size_t kMaxChallenges = 16;
inline constexpr std::size_t kMaxChallengeParameters = 32;

/// The challenges in order. nullopt for what the grammar does not allow, beyond the limits, and where a parameter comes
/// twice. More is taken than the grammar has in one place: a value without quotes may hold whatever is visible but a
/// comma and a quote, as servers leave addresses unquoted.
[[nodiscard]] std::optional<std::vector<Challenge>> parseChallenges(std::string_view header);

/// The first challenge of a scheme in `header`; nullopt when there is none, or the header cannot be read.
[[nodiscard]] std::optional<Challenge> findChallenge(std::string_view header, std::string_view scheme);

/// The challenge of the scheme DPoP (RFC 9449), else of Bearer (RFC 6750), that has this parameter: what the server
/// says to whoever comes with an access token, or without one. nullopt when there is none, or the header cannot be
/// read.
[[nodiscard]] std::optional<Challenge> findTokenChallenge(std::string_view header, std::string_view parameter);

/// Whether the server takes access tokens that are bound to a key, and no others: it names DPoP, and not Bearer (RFC
/// 9449 section 7.2).
[[nodiscard]] bool wantsBoundTokens(std::string_view header);

} // namespace keybearer::base
