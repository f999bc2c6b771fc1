#include "daemon/crypto/signing_key.h"

#include "daemon/crypto/openssl_objects.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <cstdlib>
#include <span>
#include <utility>

namespace keybearer::crypto {
namespace {

constexpr std::size_t kNumberBytes = 32;             // bytes of a number of P-256
constexpr std::size_t kPoint = 1 + 2 * kNumberBytes; // SEC 1 section 2.3.3, uncompressed
constexpr unsigned char kUncompressed = 4;

void require(bool done) {
    if (!done) {
        std::abort(); // no memory, or no randomness: there is no safe way to go on
    }
}

std::string text(std::span<const unsigned char> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

struct SigningKey::State {
    EVP_PKEY* key = nullptr;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_PKEY_free(key); }
};

SigningKey::SigningKey(std::unique_ptr<State> state) : m_state(std::move(state)) {
    std::array<unsigned char, kPoint> point{};
    std::size_t size = 0;
    require(EVP_PKEY_get_octet_string_param(m_state->key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) ==
                1 &&
            size == kPoint && point.front() == kUncompressed);
    const std::span<const unsigned char> all(point);
    m_public = {
        "EC", "P-256", {}, {}, text(all.subspan(1, kNumberBytes)), text(all.subspan(1 + kNumberBytes, kNumberBytes))};
}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate() {
    auto state = std::make_unique<State>();
    state->key = EVP_EC_gen("P-256");
    require(state->key != nullptr);
    return SigningKey(std::move(state));
}

base::Secret SigningKey::save() const {
    BIGNUM* found = nullptr;
    require(EVP_PKEY_get_bn_param(m_state->key, OSSL_PKEY_PARAM_PRIV_KEY, &found) == 1);
    const Number number(found);
    std::string saved(kNumberBytes, '\0');
    require(BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(saved.data()), kNumberBytes) ==
            static_cast<int>(kNumberBytes));
    return base::Secret::absorb(std::move(saved));
}

std::optional<SigningKey> SigningKey::load(const base::Secret& number, const PublicKey& key) {
    const std::string_view bytes = number.reveal();
    if (bytes.size() != kNumberBytes || key.kty != "EC" || key.crv != "P-256" || key.x.size() != kNumberBytes ||
        key.y.size() != kNumberBytes) {
        return std::nullopt;
    }
    const Number scalar(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
    const std::string point = std::string(1, static_cast<char>(kUncompressed)) + key.x + key.y;
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    const bool isBuilt =
        scalar && builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) == 1;
    const Params params(isBuilt ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
    const KeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    auto state = std::make_unique<State>();
    bool isGood = params && maker && EVP_PKEY_fromdata_init(maker.get()) == 1 &&
                  EVP_PKEY_fromdata(maker.get(), &state->key, EVP_PKEY_KEYPAIR, params.get()) == 1;
    // The builder's copy of the number, which OSSL_PARAM_free() leaves as it is.
    if (OSSL_PARAM* copy = params ? OSSL_PARAM_locate(params.get(), OSSL_PKEY_PARAM_PRIV_KEY) : nullptr) {
        OPENSSL_cleanse(copy->data, copy->data_size);
    }
    const KeyContext checker(isGood ? EVP_PKEY_CTX_new_from_pkey(nullptr, state->key, nullptr) : nullptr);
    isGood = isGood && checker && EVP_PKEY_check(checker.get()) == 1;
    ERR_clear_error(); // Qt's TLS reads the same queue
    return isGood ? std::optional(SigningKey(std::move(state))) : std::nullopt;
}

std::string SigningKey::sign(std::string_view message) const {
    const DigestContext digest(EVP_MD_CTX_new());
    const auto* octets = reinterpret_cast<const unsigned char*>(message.data());
    std::size_t size = 0;
    require(digest && EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, m_state->key) == 1 &&
            EVP_DigestSign(digest.get(), nullptr, &size, octets, message.size()) == 1);
    std::string der(size, '\0');
    require(EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(der.data()), &size, octets, message.size()) ==
            1);
    const auto* from = reinterpret_cast<const unsigned char*>(der.data());
    const EcSignature pair(d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(size)));
    require(pair != nullptr);
    std::string out(2 * kNumberBytes, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    require(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), to, kNumberBytes) == static_cast<int>(kNumberBytes) &&
            BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), to + kNumberBytes, kNumberBytes) ==
                static_cast<int>(kNumberBytes));
    return out;
}

} // namespace keybearer::crypto
