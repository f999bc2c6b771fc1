#include "daemon/oauth/dpop.h"

#include "daemon/crypto/crypto.h"
#include "daemon/oauth/pkce.h"
#include "ipc/base/ascii.h"
#include "ipc/base/base64url.h"
#include "ipc/base/url.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxMethod = 32;
constexpr std::string_view kMethodMarks = "!#$%&'*+-.^_`|~"; // tchar

json jwkOf(const crypto::PublicKey& key) {
    return {
        {"crv", key.crv}, {"kty", key.kty}, {"x", base::base64UrlEncode(key.x)}, {"y", base::base64UrlEncode(key.y)}};
}

} // namespace

std::string jwkThumbprint(const crypto::PublicKey& key) {
    // Section 3: the required members alone, sorted, without white space; which is how the library writes an object.
    return base::base64UrlEncode(crypto::digest(crypto::Hash::Sha256, jwkOf(key).dump()));
}

std::string dpopProof(const crypto::SigningKey& key, const ProofRequest& request) {
    const json header{{"typ", "dpop+jwt"}, {"alg", kProofAlg}, {"jwk", jwkOf(key.publicKey())}};
    json claims{{"jti", randomToken()}, {"htm", request.method}, {"htu", request.url}, {"iat", request.issuedAt}};
    if (!request.nonce.empty()) {
        claims["nonce"] = request.nonce;
    }
    if (request.token != nullptr) {
        claims["ath"] = base::base64UrlEncode(crypto::digest(crypto::Hash::Sha256, request.token->reveal()));
    }
    const std::string message = base::base64UrlEncode(header.dump()) + "." + base::base64UrlEncode(claims.dump());
    return message + "." + base::base64UrlEncode(key.sign(message));
}

std::optional<std::string> proofTarget(std::string_view url) {
    const auto parsed = base::parseUrl(url);
    if (!parsed || (!parsed->https && !base::isLoopback(*parsed))) {
        return std::nullopt;
    }
    return std::string(url.substr(0, url.find_first_of("?#")));
}

bool isHttpMethod(std::string_view text) {
    return !text.empty() && text.size() <= kMaxMethod && std::ranges::all_of(text, [](char c) {
        return base::isUpper(c) || base::isLower(c) || base::isDigit(c) ||
               kMethodMarks.find(c) != std::string_view::npos;
    });
}

bool isDpopNonce(std::string_view text) {
    return !text.empty() && text.size() <= kMaxDpopNonce &&
           std::ranges::all_of(text, [](char c) { return base::isVisible(c) && c != '"' && c != '\\'; });
}

} // namespace keybearer::oauth
