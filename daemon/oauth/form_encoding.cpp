#include "daemon/oauth/form_encoding.h"

#include "ipc/base/base64url.h"

#include <algorithm>
#include <string>

namespace keybearer::oauth {

void appendFormEncoded(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kPlainMarks = "-._*";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (alnum || kPlainMarks.find(c) != std::string_view::npos) {
            out.push_back(c);
        } else if (c == ' ') {
            out.push_back('+');
        } else {
            out.push_back('%');
            out.push_back(kHex[byte >> 4U]);
            out.push_back(kHex[byte & 15U]);
        }
    }
}

namespace {

/// Room for `size` bytes in their longest form: the string must not grow, or it would leave copies behind.
constexpr std::size_t roomFor(std::size_t size) {
    return size * 3;
}

} // namespace

base::Secret encodeForm(const Form& form) {
    std::size_t room = 0;
    for (const auto& [name, value] : form) {
        room += roomFor(name.size()) + roomFor(value.size()) + 2;
    }
    std::string out;
    out.reserve(room);
    for (const auto& [name, value] : form) {
        if (!out.empty()) {
            out.push_back('&');
        }
        appendFormEncoded(out, name);
        out.push_back('=');
        appendFormEncoded(out, value.reveal());
    }
    return base::Secret::absorb(std::move(out));
}

base::Secret basicCredentials(std::string_view clientId, const base::Secret& clientSecret) {
    std::string pair;
    pair.reserve(roomFor(clientId.size()) + roomFor(clientSecret.size()) + 1);
    appendFormEncoded(pair, clientId);
    pair.push_back(':');
    appendFormEncoded(pair, clientSecret.reveal());

    // RFC 7617 wants the other base64 alphabet, with padding.
    std::string encoded = base::base64UrlEncode(pair);
    std::replace(encoded.begin(), encoded.end(), '-', '+');
    std::replace(encoded.begin(), encoded.end(), '_', '/');
    std::string out;
    out.reserve(encoded.size() + 16);
    out = "Basic ";
    out += encoded;
    out.append((4 - encoded.size() % 4) % 4, '=');
    base::wipe(pair);
    base::wipe(encoded);
    return base::Secret::absorb(std::move(out));
}

} // namespace keybearer::oauth
