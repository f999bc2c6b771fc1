#include "daemon/crypto/crypto.h"
#include "daemon/oauth/id_token.h"
#include "daemon/oauth/server_json.h"
#include "ipc/base/base64url.h"

#include <algorithm>
#include <array>
#include <bit>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxKeys = 100;
constexpr std::size_t kMaxKid = 1024;
constexpr std::size_t kMinRsaBits = 2048; // RFC 7518 section 3.3
constexpr std::size_t kMaxRsaBits = 8192; // more would only slow us down
constexpr std::size_t kMaxExponentBytes = 8;
constexpr std::size_t kEd25519Bytes = 32;

/// RFC 7518 section 6.2.1.2: a coordinate has the full width of its curve.
struct Curve {
    std::string_view name;
    std::size_t width;
};
constexpr std::array<Curve, 3> kCurves{{{"P-256", 32}, {"P-384", 48}, {"P-521", 66}}};

/// Empty when absent; nullopt when it is there and is no string.
std::optional<std::string> text(const json& key, const char* name) {
    const json& member = memberOrNull(key, name);
    if (member.is_null()) {
        return std::string();
    }
    return member.is_string() ? std::optional(member.get<std::string>()) : std::nullopt;
}

/// Base64url member; empty when it is absent or wrong, which no number that we read may be.
std::string bytes(const json& key, const char* name) {
    const auto encoded = text(key, name);
    return encoded ? base::base64UrlDecode(*encoded).value_or(std::string()) : std::string();
}

std::string withoutLeadingZeros(const std::string& number) {
    return number.substr(std::min(number.find_first_not_of('\0'), number.size()));
}

std::size_t bitLength(const std::string& number) {
    return number.empty() ? 0
                          : (number.size() - 1) * 8 +
                                static_cast<std::size_t>(std::bit_width(static_cast<unsigned char>(number.front())));
}

bool isOdd(const std::string& number) {
    return !number.empty() && (static_cast<unsigned char>(number.back()) & 1U) != 0;
}

/// False for a key that is not meant for checking signatures (RFC 7517 sections 4.2, 4.3, 4.4).
bool isForSignatures(const json& key, const std::string& alg) {
    if (const json& use = memberOrNull(key, "use"); !use.is_null() && use != "sig") {
        return false;
    }
    if (const json& operations = memberOrNull(key, "key_ops"); !operations.is_null()) {
        if (!operations.is_array() || std::find(operations.begin(), operations.end(), "verify") == operations.end()) {
            return false;
        }
    }
    return alg.empty() || crypto::signatureAlg(alg).has_value();
}

bool readRsa(const json& key, Jwk& out) {
    out.n = withoutLeadingZeros(bytes(key, "n"));
    out.e = withoutLeadingZeros(bytes(key, "e"));
    const std::size_t bits = bitLength(out.n);
    return bits >= kMinRsaBits && bits <= kMaxRsaBits && isOdd(out.n) && isOdd(out.e) && bitLength(out.e) > 1 &&
           out.e.size() <= kMaxExponentBytes;
}

bool readEc(const json& key, Jwk& out) {
    const auto curve =
        std::find_if(kCurves.begin(), kCurves.end(), [&](const Curve& known) { return known.name == out.crv; });
    out.x = bytes(key, "x");
    out.y = bytes(key, "y");
    return curve != kCurves.end() && out.x.size() == curve->width && out.y.size() == curve->width;
}

bool readOkp(const json& key, Jwk& out) {
    out.x = bytes(key, "x");
    return out.crv == "Ed25519" && out.x.size() == kEd25519Bytes;
}

std::optional<Jwk> readKey(const json& key) {
    if (!key.is_object()) {
        return std::nullopt;
    }
    const auto kid = text(key, "kid");
    const auto kty = text(key, "kty");
    const auto alg = text(key, "alg");
    const auto crv = text(key, "crv");
    if (!kid || !kty || !alg || !crv || kid->size() > kMaxKid || !isForSignatures(key, *alg)) {
        return std::nullopt;
    }
    Jwk out{*kid, *kty, *alg, *crv, {}, {}, {}, {}};
    const bool usable = (*kty == "RSA" && readRsa(key, out)) || (*kty == "EC" && readEc(key, out)) ||
                        (*kty == "OKP" && readOkp(key, out));
    return usable ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace

Result<std::vector<Jwk>> parseJwks(std::string_view text) {
    const auto document = parseServerObject(text, "the server's key set");
    if (!document) {
        return base::fail(document.error());
    }
    const json& list = memberOrNull(*document, "keys");
    if (!list.is_array()) {
        return base::fail(Error{ErrorKind::BadResponse, "the server's key set has no list of keys"});
    }
    std::vector<Jwk> keys;
    const std::size_t count = std::min(list.size(), kMaxKeys);
    for (std::size_t i = 0; i < count; ++i) {
        // RFC 7517 section 5: a key that cannot be used does not spoil the others.
        if (auto key = readKey(list[i])) {
            keys.push_back(std::move(*key));
        }
    }
    return keys;
}

} // namespace keybearer::oauth
