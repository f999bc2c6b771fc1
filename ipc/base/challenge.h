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

} // namespace keybearer::base
