#pragma once
/// \file
/// Absolute http and https URLs, taken apart by one strict rule, so that what was checked is what is connected to.
/// Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::base {

/// The parts of a URL (RFC 3986 section 3).
struct Url {
    bool https = false;
    std::string host;       ///< lower case; an IPv6 address keeps its brackets
    std::uint16_t port = 0; ///< 0: the scheme's own
    std::string origin;     ///< scheme, "://" and authority, as written
    std::string path;       ///< as written; may be empty
    bool hasQuery = false;
    bool hasFragment = false;
};

/// Longest URL that is read.
inline constexpr std::size_t kMaxUrl = 2048;

/// nullopt for anything else than an absolute http or https URL of printable ASCII, for user information ("user@"),
/// for a back-slash and the other characters that RFC 3986 leaves out, and for a port that is empty or not 1..65535.
[[nodiscard]] std::optional<Url> parseUrl(std::string_view text);

/// True for 127.0.0.0/8 in its four-number form, [::1] and localhost: the hosts that http is good enough for.
[[nodiscard]] bool isLoopback(const Url& url);

/// Whether a server at `from` may send us to `to`: an address that is good only near it (this machine, a private or
/// link-local network; RFC 6890) is believed only from a server that is as near itself, and http only from one that we
/// reach by http. Goes by what the addresses say: a name is not looked up.
[[nodiscard]] bool mayLeadTo(const Url& from, const Url& to);

} // namespace keybearer::base
