/// \file
/// Any bytes as a JWK Set. Keys that come out are of the sizes that the header promises.

#include "daemon/oauth/id_token.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer::oauth;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto keys = parseJwks({reinterpret_cast<const char*>(data), size});
    if (!keys) {
        require(keys.error().kind == ErrorKind::BadResponse);
        return 0;
    }
    require(keys->size() <= 100);
    for (const Jwk& key : *keys) {
        if (key.kty == "RSA") {
            require(key.n.size() >= 256 && key.n.size() <= 1024 && !key.e.empty() && key.e.size() <= 8);
        } else if (key.kty == "EC") {
            const std::size_t width = key.crv == "P-256" ? 32 : key.crv == "P-384" ? 48 : 66;
            require(key.x.size() == width && key.y.size() == width);
        } else {
            require(key.kty == "OKP" && key.crv == "Ed25519" && key.x.size() == 32);
        }
    }
    return 0;
}
