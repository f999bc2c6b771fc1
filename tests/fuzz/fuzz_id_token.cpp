/// \file
/// Any bytes as an ID token. The first byte chooses what the rest is: 'T' a whole token, 'H' a header and 'P' the
/// claims of a token that is then signed with the key of RFC 8037 appendix A.1, so that the claim checks are reached.

#include "daemon/oauth/id_token.h"
#include "ipc/base/base64url.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace keybearer;
using namespace keybearer::oauth;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

std::string sign(const std::string& message) {
    static const std::string secret = *base::base64UrlDecode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    static EVP_PKEY* const key = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
    std::array<unsigned char, 64> signature{};
    std::size_t size = signature.size();
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    require(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key) == 1);
    require(EVP_DigestSign(context, signature.data(), &size, reinterpret_cast<const unsigned char*>(message.data()),
                           message.size()) == 1);
    EVP_MD_CTX_free(context);
    return message + '.' + base::base64UrlEncode({reinterpret_cast<const char*>(signature.data()), size});
}

std::string tokenFrom(char kind, std::string_view rest) {
    switch (kind) {
    case 'H':
        return sign(base::base64UrlEncode(rest) + '.' +
                    base::base64UrlEncode(R"({"iss":"i","aud":"c","sub":"s","exp":1800000600,"iat":1800000000})"));
    case 'P': return sign(base::base64UrlEncode(R"({"alg":"EdDSA"})") + '.' + base::base64UrlEncode(rest));
    default: return std::string(rest);
    }
}

const std::vector<Jwk>& keys() {
    static const auto parsed =
        parseJwks(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},)"
                  R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                  R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
    return *parsed;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const base::AccessToken access{base::Secret("at-1")};
    const IdTokenExpectation expected{"i", "c", {}, {"EdDSA", "ES256"}, &access, {}, kNow};
    KeyProblem problem = KeyProblem::None;
    const auto claims =
        verifyIdToken({base::Secret(tokenFrom(bytes.front(), bytes.substr(1)))}, keys(), expected, &problem);
    if (!claims) {
        require(claims.error().kind == ErrorKind::BadResponse || claims.error().kind == ErrorKind::Rejected);
        return 0;
    }
    // Only our own signature can have led here.
    require(bytes.front() == 'H' || bytes.front() == 'P');
    require(problem == KeyProblem::None);
    require(!claims->subject.empty() && claims->subject.size() <= 255);
    for (const std::string& shown : {claims->email, claims->preferredUsername, claims->name}) {
        require(shown.size() <= 256);
        require(std::none_of(shown.begin(), shown.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }));
    }
    return 0;
}
