#include "daemon/oauth/pkce.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/base64url.h"

#include <array>
#include <string_view>

namespace keybearer::oauth {
namespace {

/// RFC 7636 section 7.1: 256 bits of entropy.
constexpr std::size_t kEntropyBytes = 32;

} // namespace

std::string randomToken() {
    std::array<unsigned char, kEntropyBytes> bytes{};
    crypto::randomBytes(bytes);
    std::string token = base::base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    base::wipe(bytes.data(), bytes.size());
    return token;
}

base::CodeVerifier makeCodeVerifier() {
    return base::CodeVerifier{base::Secret::absorb(randomToken())};
}

std::string codeChallengeS256(const base::CodeVerifier& verifier) {
    return base::base64UrlEncode(crypto::digest(crypto::Hash::Sha256, verifier.reveal()));
}

} // namespace keybearer::oauth
