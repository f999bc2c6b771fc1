#include "daemon/crypto/crypto.h"

#include <openssl/rand.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>

namespace keybearer::crypto {

void randomBytes(std::span<unsigned char> out) {
    while (!out.empty()) {
        const std::size_t step = std::min<std::size_t>(out.size(), INT_MAX);
        if (RAND_priv_bytes(out.data(), static_cast<int>(step)) != 1) {
            std::fputs("keybearer: the system gives no random numbers; stopping\n", stderr);
            std::abort();
        }
        out = out.subspan(step);
    }
}

} // namespace keybearer::crypto
