#include "daemon/crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace keybearer::crypto {
namespace {

/// Fetched once: EVP_sha256() makes OpenSSL look its implementation up again for every digest.
const EVP_MD* function(Hash hash) {
    static const std::array<EVP_MD*, 3> kFetched{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA384", nullptr),
                                                 EVP_MD_fetch(nullptr, "SHA512", nullptr)};
    switch (hash) {
    case Hash::Sha256: return kFetched[0];
    case Hash::Sha384: return kFetched[1];
    case Hash::Sha512: return kFetched[2];
    }
    return nullptr;
}

/// Only a broken OpenSSL installation or no memory leads here.
[[noreturn]] void stopWithoutDigests() {
    std::fputs("keybearer: OpenSSL cannot compute a SHA-2 digest; stopping\n", stderr);
    std::abort();
}

std::string hexOf(std::span<const unsigned char> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const unsigned char byte : bytes) {
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 15U]);
    }
    return out;
}

} // namespace

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
    if (!m_state->context || EVP_DigestInit_ex2(m_state->context.get(), function(Hash::Sha256), nullptr) != 1) {
        stopWithoutDigests();
    }
}

Sha256::~Sha256() = default;

void Sha256::add(std::span<const unsigned char> piece) {
    if (EVP_DigestUpdate(m_state->context.get(), piece.data(), piece.size()) != 1) {
        stopWithoutDigests();
    }
}

std::string Sha256::finishHex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(m_state->context.get(), out.data(), &size) != 1) {
        stopWithoutDigests();
    }
    return hexOf(std::span(out).first(size));
}

std::string digest(Hash hash, std::string_view data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                       &EVP_MD_CTX_free);
    if (!context || EVP_DigestInit_ex2(context.get(), function(hash), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), out.data(), &size) != 1) {
        stopWithoutDigests();
    }
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string sha256Hex(std::string_view data) {
    const std::string raw = digest(Hash::Sha256, data);
    return hexOf({reinterpret_cast<const unsigned char*>(raw.data()), raw.size()});
}

std::string hmacSha256(const base::Secret& key, std::string_view data) {
    std::string out(32, '\0');
    std::size_t size = 0;
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
    const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(mac.get()),
                                                                            &EVP_MAC_CTX_free);
    std::string name = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()), OSSL_PARAM_construct_end()};
    const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
    if (!context || EVP_MAC_init(context.get(), bytes(key.reveal()), key.size(), parameters.data()) != 1 ||
        EVP_MAC_update(context.get(), bytes(data), data.size()) != 1 ||
        EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, out.size()) != 1) {
        // As above; an empty key cannot seal anything either.
        std::fputs("keybearer: OpenSSL cannot compute an HMAC; stopping\n", stderr);
        std::abort();
    }
    return out;
}

} // namespace keybearer::crypto
