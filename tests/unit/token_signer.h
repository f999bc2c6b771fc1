#pragma once
/// \file
/// ID tokens made at test time by OpenSSL itself, so that the expected values do not come from the code under test.

#include "daemon/oauth/id_token.h"
#include "ipc/base/base64url.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace keybearer::test {

inline constexpr std::int64_t kNow = 1'800'000'000;
inline constexpr const char* kIssuer = "https://as.example";
inline constexpr const char* kClient = "client-1";
inline constexpr const char* kNonce = "n-0S6_WzA2Mj";

inline std::string encoded(std::string_view bytes) {
    return base::base64UrlEncode(bytes);
}

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

/// A signing key that OpenSSL made, and its public half as a server publishes it.
struct Signer {
    Key key;
    std::string kid;
    std::string alg;

    [[nodiscard]] std::string number(const char* parameter, std::size_t width) const {
        BIGNUM* value = nullptr;
        if (EVP_PKEY_get_bn_param(key.get(), parameter, &value) != 1) {
            qFatal("no such parameter");
        }
        std::string bytes(width != 0 ? width : static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
        BN_free(value);
        return bytes;
    }

    [[nodiscard]] std::size_t width() const { return alg == "ES256" ? 32 : alg == "ES384" ? 48 : 66; }

    [[nodiscard]] nlohmann::json jwk() const {
        nlohmann::json out{{"use", "sig"}};
        if (!kid.empty()) {
            out["kid"] = kid;
        }
        if (alg == "EdDSA") {
            std::string x(32, '\0');
            std::size_t size = x.size();
            EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(x.data()), &size);
            out.update({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", encoded(x)}});
        } else if (alg.starts_with("ES")) {
            out.update({{"kty", "EC"},
                        {"crv", alg == "ES256"   ? "P-256"
                                : alg == "ES384" ? "P-384"
                                                 : "P-521"},
                        {"x", encoded(number(OSSL_PKEY_PARAM_EC_PUB_X, width()))},
                        {"y", encoded(number(OSSL_PKEY_PARAM_EC_PUB_Y, width()))}});
        } else {
            out.update({{"kty", "RSA"},
                        {"n", encoded(number(OSSL_PKEY_PARAM_RSA_N, 0))},
                        {"e", encoded(number(OSSL_PKEY_PARAM_RSA_E, 0))}});
        }
        return out;
    }

    [[nodiscard]] std::string sign(const std::string& message) const {
        const EVP_MD* hash = alg == "EdDSA"         ? nullptr
                             : alg.ends_with("256") ? EVP_sha256()
                             : alg.ends_with("384") ? EVP_sha384()
                                                    : EVP_sha512();
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EVP_PKEY_CTX* options = nullptr;
        std::string out(2048, '\0');
        std::size_t size = out.size();
        bool ok = EVP_DigestSignInit(context, &options, hash, nullptr, key.get()) == 1;
        if (alg.starts_with("PS")) {
            ok = ok && EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
        }
        ok = ok && EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                                  reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
        EVP_MD_CTX_free(context);
        if (!ok) {
            qFatal("OpenSSL cannot sign");
        }
        out.resize(size);
        return alg.starts_with("ES") ? fixedWidth(out) : out;
    }

    /// RFC 7518 section 3.4: r and s side by side.
    [[nodiscard]] std::string fixedWidth(const std::string& der) const {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string out(2 * width(), '\0');
        auto* bytes = reinterpret_cast<unsigned char*>(out.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes, static_cast<int>(width()));
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes + width(), static_cast<int>(width()));
        ECDSA_SIG_free(pair);
        return out;
    }
};

/// Whose key: the server's, or that of somebody else.
enum class Owner { Server, Other };

/// One RSA key for each owner: making them is slow.
inline Key rsaKey(Owner owner) {
    static const std::array<Key, 2> keys{Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})),
                                         Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}))};
    EVP_PKEY* key = keys.at(owner == Owner::Server ? 0 : 1).get();
    return Key(EVP_PKEY_up_ref(key) == 1 ? key : nullptr);
}

inline Signer makeSigner(const std::string& alg, const std::string& kid, Owner owner = Owner::Server) {
    Key key;
    if (alg == "EdDSA") {
        key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    } else if (alg.starts_with("ES")) {
        key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC",
                                    alg == "ES256"   ? "P-256"
                                    : alg == "ES384" ? "P-384"
                                                     : "P-521"));
    } else {
        key = rsaKey(owner);
    }
    if (!key) {
        qFatal("OpenSSL cannot make a key");
    }
    return {std::move(key), kid, alg};
}

inline std::vector<oauth::Jwk> published(const std::vector<nlohmann::json>& keys) {
    auto parsed = oauth::parseJwks(nlohmann::json{{"keys", keys}}.dump());
    if (!parsed) {
        qFatal("not a key set");
    }
    return std::move(*parsed);
}

inline nlohmann::json goodClaims() {
    return {{"iss", kIssuer},  {"sub", "248289761001"}, {"aud", kClient},
            {"nonce", kNonce}, {"exp", kNow + 600},     {"iat", kNow}};
}

inline std::string makeToken(const Signer& signer, const nlohmann::json& claims,
                             nlohmann::json header = nlohmann::json::object()) {
    if (!header.contains("alg")) {
        header["alg"] = signer.alg;
    }
    if (!signer.kid.empty() && !header.contains("kid")) {
        header["kid"] = signer.kid;
    }
    const std::string message = encoded(header.dump()) + '.' + encoded(claims.dump());
    return message + '.' + encoded(signer.sign(message));
}

inline oauth::IdTokenExpectation expectation(std::vector<std::string> algs = {}) {
    return {kIssuer, kClient, kNonce, std::move(algs), nullptr, {}, kNow};
}

inline base::IdToken idToken(const std::string& text) {
    return {base::Secret(text)};
}

inline std::string flipped(std::string token) {
    // The tenth character from the end carries six whole bits of the signature.
    char& c = token[token.size() - 10];
    c = c == 'A' ? 'B' : 'A';
    return token;
}

} // namespace keybearer::test
