#include "daemon/crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

namespace keybearer::crypto {
namespace {

constexpr std::uint64_t kMemoryCap = std::uint64_t{1} << 30U;
constexpr unsigned kMaxLogN = 30; // above it even r = 1 is beyond the memory cap

} // namespace

std::optional<base::Secret> scrypt(std::string_view passphrase, std::string_view salt, unsigned logN, unsigned r,
                                   unsigned p) {
    if (logN == 0 || logN > kMaxLogN || r == 0 || p == 0) {
        return std::nullopt;
    }
    // OpenSSL takes a null passphrase or output for "only check the parameters".
    const char* phrase = passphrase.empty() ? "" : passphrase.data();
    base::Secret key = base::Secret::ofSize(kKeyBytes);
    const int ok =
        EVP_PBE_scrypt(phrase, passphrase.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
                       std::uint64_t{1} << logN, r, p, kMemoryCap, key.mutableBytes().data(), key.size());
    ERR_clear_error();
    if (ok != 1) {
        return std::nullopt;
    }
    return key;
}

} // namespace keybearer::crypto
