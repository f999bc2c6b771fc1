#include "ipc/base/url.h"

#include "ipc/base/ascii.h"
#include "ipc/base/text.h"

#include <algorithm>
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

} // namespace keybearer::base
