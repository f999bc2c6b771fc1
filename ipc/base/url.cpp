#include "ipc/base/url.h"

#include "ipc/base/ascii.h"
#include "ipc/base/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace keybearer::base {
namespace {

/// RFC 1035 section 2.3.4.
constexpr std::size_t kMaxHost = 253;

/// Unreserved, reserved and percent-encoded characters of RFC 3986 section 2, and nothing else.
bool hasUrlCharactersOnly(std::string_view text) {
    constexpr std::string_view kMarks = "-._~:/?#[]@!$&'()*+,;=";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size() || !isHexDigit(text[i + 1]) || !isHexDigit(text[i + 2])) {
                return false;
            }
        } else if (!isAlnum(c) && kMarks.find(c) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

bool isIpv6Literal(std::string_view host) {
    if (host.size() < 4 || host.front() != '[' || host.back() != ']') {
        return false;
    }
    const std::string_view address = host.substr(1, host.size() - 2);
    return std::all_of(address.begin(), address.end(), [](char c) { return isHexDigit(c) || c == ':' || c == '.'; }) &&
           std::count(address.begin(), address.end(), ':') >= 2;
}

bool isName(std::string_view host) {
    if (host.empty() || host.size() > kMaxHost || host.front() == '.' || host.find("..") != std::string_view::npos) {
        return false;
    }
    return std::all_of(host.begin(), host.end(), [](char c) { return isAlnum(c) || c == '-' || c == '.' || c == '_'; });
}

/// Splits "host[:port]". False when either half is not well-formed.
bool readAuthority(std::string_view authority, Url& url) {
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    std::string_view host = authority;
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        host = authority.substr(0, colon);
        const std::string_view digits = authority.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
        if (error != std::errc{} || end != digits.data() + digits.size() || url.port == 0) {
            return false;
        }
    }
    url.host = asciiLower(host);
    return isIpv6Literal(host) || isName(host);
}

/// "127.0.0.1": four decimal numbers without leading zeros, the first of them 127.
bool isLoopbackIpv4(std::string_view host) {
    int numbers = 0;
    while (!host.empty()) {
        const std::size_t dot = std::min(host.find('.'), host.size());
        const std::string_view part = host.substr(0, dot);
        unsigned value = 256;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        const bool whole = error == std::errc{} && end == part.data() + part.size();
        if (!whole || value > 255 || (part.size() > 1 && part.front() == '0') || (numbers == 0 && value != 127)) {
            return false;
        }
        ++numbers;
        if (dot == host.size()) {
            break;
        }
        host.remove_prefix(dot + 1);
    }
    return numbers == 4 && !host.empty();
}

/// How far an address reaches; the farther, the greater.
enum class Reach { Machine, Network, World };

/// RFC 6890 section 2.2.2.
Reach reachOfIpv4(const std::array<std::uint8_t, 4>& a) {
    if (a[0] == 127 || a[0] == 0) {
        return Reach::Machine;
    }
    const bool isPrivate = a[0] == 10 || (a[0] == 172 && (a[1] & 0xF0) == 16) || (a[0] == 192 && a[1] == 168);
    const bool isShared = a[0] == 100 && (a[1] & 0xC0) == 64;
    const bool isLinkLocal = a[0] == 169 && a[1] == 254;
    return isPrivate || isShared || isLinkLocal || a[0] >= 224 ? Reach::Network : Reach::World;
}

/// Prefixes of IPv6 addresses that hold an IPv4 address, and where: what carries them there takes that one.
struct Embedding {
    std::array<std::uint8_t, 12> prefix;
    std::size_t length; ///< of the prefix in bytes; the address follows
};
constexpr std::array<Embedding, 4> kEmbeddings{{
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 12},          // "::" and "::1", and "::a.b.c.d" (RFC 4291 section 2.5.5.1)
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 12},    // mapped (section 2.5.5.2)
    {{0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}, 12}, // NAT64 (RFC 6052 section 2.1)
    {{0x20, 0x02}, 2},                                   // 6to4 (RFC 3056 section 2)
}};

/// RFC 6890 section 2.2.3.
Reach reachOfIpv6(const std::array<std::uint8_t, 16>& a) {
    for (const Embedding& one : kEmbeddings) {
        if (std::equal(a.begin(), a.begin() + one.length, one.prefix.begin())) {
            const std::uint8_t* four = a.data() + one.length;
            return reachOfIpv4({four[0], four[1], four[2], four[3]});
        }
    }
    const bool isUniqueLocal = (a[0] & 0xFE) == 0xFC;
    const bool isLocal = a[0] == 0xFE && (a[1] & 0x80) != 0; // of a link (fe80::/10), of a site (fec0::/10, RFC 3879)
    const bool isLocalNat64 = a[0] == 0 && a[1] == 0x64 && a[2] == 0xFF && a[3] == 0x9B; // RFC 8215
    return isUniqueLocal || isLocal || isLocalNat64 || a[0] == 0xFF ? Reach::Network : Reach::World;
}

Reach reachOf(const Url& url) {
    std::string host = url.host;
    if (host.ends_with('.')) {
        host.pop_back();
    }
    if (host == "localhost" || host.ends_with(".localhost")) {
        return Reach::Machine; // RFC 6761 section 6.3
    }
    std::array<std::uint8_t, 4> four{};
    if (::inet_pton(AF_INET, host.c_str(), four.data()) == 1) {
        return reachOfIpv4(four);
    }
    std::array<std::uint8_t, 16> sixteen{};
    if (host.starts_with('[') && ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), sixteen.data()) == 1) {
        return reachOfIpv6(sixteen);
    }
    // No name ends in a label that begins with a digit; resolvers read "0x7f.1" and "127.0x0.0.1" as numbers.
    const std::size_t lastDot = host.rfind('.');
    const std::size_t last = lastDot == std::string::npos ? 0 : lastDot + 1;
    return last == host.size() || isDigit(host[last]) || host.starts_with('[') ? Reach::Machine : Reach::World;
}

} // namespace

std::optional<Url> parseUrl(std::string_view text) {
    if (text.size() > kMaxUrl || !hasUrlCharactersOnly(text)) {
        return std::nullopt;
    }
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string scheme = asciiLower(text.substr(0, colon));
    if (scheme != "https" && scheme != "http") {
        return std::nullopt;
    }
    Url url;
    url.https = scheme == "https";
    const std::size_t authorityAt = colon + 3;
    const std::size_t pathAt = std::min(text.find_first_of("/?#", authorityAt), text.size());
    const std::size_t fragmentAt = std::min(text.find('#', pathAt), text.size());
    const std::size_t queryAt = std::min(text.find('?', pathAt), fragmentAt);
    if (!readAuthority(text.substr(authorityAt, pathAt - authorityAt), url)) {
        return std::nullopt;
    }
    url.origin = std::string(text.substr(0, pathAt));
    url.path = std::string(text.substr(pathAt, queryAt - pathAt));
    url.hasQuery = queryAt < fragmentAt;
    url.hasFragment = fragmentAt < text.size();
    return url;
}

bool isLoopback(const Url& url) {
    return url.host == "localhost" || url.host == "[::1]" || isLoopbackIpv4(url.host);
}

bool mayLeadTo(const Url& from, const Url& to) {
    return (to.https || !from.https) && reachOf(from) <= reachOf(to);
}

} // namespace keybearer::base
