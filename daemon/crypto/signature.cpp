#include "daemon/crypto/crypto.h"
#include "daemon/crypto/openssl_objects.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace keybearer::crypto {
namespace {

constexpr int kMinRsaBits = 2048; // RFC 7518 section 3.3
constexpr int kMaxRsaBits = 8192; // what one verification may cost
constexpr std::size_t kMaxRsaBytes = kMaxRsaBits / 8;
constexpr std::size_t kEd25519KeyBytes = 32;

/// RFC 7518 section 3.4: the curve and the width of a number, which are fixed by the algorithm.
struct Curve {
    std::string_view name;
    const char* group;
    std::size_t width;
};

/// One row for each algorithm of the enumeration, in its order.
struct Algorithm {
    std::string_view name;
    const EVP_MD* (*hash)();
    bool pss;
    Curve curve;
};
constexpr std::array<Algorithm, 10> kAlgorithms{{
    {"RS256", &EVP_sha256, false, {}},
    {"RS384", &EVP_sha384, false, {}},
    {"RS512", &EVP_sha512, false, {}},
    {"PS256", &EVP_sha256, true, {}},
    {"PS384", &EVP_sha384, true, {}},
    {"PS512", &EVP_sha512, true, {}},
    {"ES256", &EVP_sha256, false, {"P-256", "prime256v1", 32}},
    {"ES384", &EVP_sha384, false, {"P-384", "secp384r1", 48}},
    {"ES512", &EVP_sha512, false, {"P-521", "secp521r1", 66}},
    {"EdDSA", nullptr, false, {}},
}};

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number(std::string_view bigEndian) {
    return Number(BN_bin2bn(octets(bigEndian), static_cast<int>(bigEndian.size()), nullptr));
}

Key fromParams(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return nullptr;
    }
    return Key(key);
}

Key rsaKey(const PublicKey& key) {
    if (key.n.size() > kMaxRsaBytes || key.e.size() > kMaxRsaBytes) {
        return nullptr;
    }
    const Number n = number(key.n);
    const Number e = number(key.e);
    if (!n || !e || BN_num_bits(n.get()) < kMinRsaBits || BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 ||
        BN_is_one(e.get()) == 1 || BN_cmp(e.get(), n.get()) >= 0) {
        return nullptr;
    }
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    return fromParams("RSA", builder.get());
}

Key ecKey(const PublicKey& key, const Curve& curve) {
    if (key.crv != curve.name || key.x.size() != curve.width || key.y.size() != curve.width) {
        return nullptr;
    }
    const std::string point = '\x04' + key.x + key.y; // SEC 1 section 2.3.3, uncompressed
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
        return nullptr;
    }
    Key made = fromParams("EC", builder.get());
    const KeyContext context(made ? EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr) : nullptr);
    return context && EVP_PKEY_public_check(context.get()) == 1 ? std::move(made) : nullptr;
}

Key ed25519Key(const PublicKey& key) {
    if (key.crv != "Ed25519" || key.x.size() != kEd25519KeyBytes) {
        return nullptr;
    }
    return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(key.x), key.x.size()));
}

/// The key, when its type is the one that the algorithm wants.
Key keyFor(SignatureAlg alg, const Algorithm& row, const PublicKey& key) {
    if (alg == SignatureAlg::EdDsa) {
        return key.kty == "OKP" ? ed25519Key(key) : nullptr;
    }
    if (row.curve.width != 0) {
        return key.kty == "EC" ? ecKey(key, row.curve) : nullptr;
    }
    return key.kty == "RSA" ? rsaKey(key) : nullptr;
}

/// r||s to the DER form that OpenSSL reads; empty when the width is wrong.
std::string derSignature(std::string_view signature, std::size_t width) {
    if (signature.size() != 2 * width) {
        return {};
    }
    const EcSignature pair(ECDSA_SIG_new());
    Number r = number(signature.substr(0, width));
    Number s = number(signature.substr(width));
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
        return {};
    }
    (void)r.release(); // `pair` owns both now
    (void)s.release();
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) {
        return {};
    }
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

bool verifyWith(const Algorithm& row, EVP_PKEY* key, std::string_view message, std::string_view signature) {
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr; // owned by `context`
    const EVP_MD* hash = row.hash == nullptr ? nullptr : row.hash();
    if (!context || EVP_DigestVerifyInit(context.get(), &options, hash, nullptr, key) != 1) {
        return false;
    }
    // RFC 7518 section 3.5: the salt is as long as the hash, and MGF1 uses the same hash (OpenSSL's default).
    if (row.pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
        return false;
    }
    return EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

} // namespace

std::optional<SignatureAlg> signatureAlg(std::string_view name) {
    const auto row = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                  [name](const Algorithm& candidate) { return candidate.name == name; });
    if (row == kAlgorithms.end()) {
        return std::nullopt;
    }
    return static_cast<SignatureAlg>(row - kAlgorithms.begin());
}

bool verifySignature(SignatureAlg alg, const PublicKey& key, std::string_view message, std::string_view signature) {
    const Algorithm& row = kAlgorithms.at(static_cast<std::size_t>(alg));
    const Key made = keyFor(alg, row, key);
    bool ok = false;
    if (made) {
        const std::string der = row.curve.width == 0 ? std::string() : derSignature(signature, row.curve.width);
        ok = row.curve.width == 0 ? verifyWith(row, made.get(), message, signature)
                                  : !der.empty() && verifyWith(row, made.get(), message, der);
    }
    // Qt's TLS reads the same error queue on this thread and would report our failure as its own.
    ERR_clear_error();
    return ok;
}

} // namespace keybearer::crypto
