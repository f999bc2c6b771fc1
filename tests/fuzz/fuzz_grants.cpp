// grants.json and observations.json: whatever is read can be written and read again, and is what it was.
#include "daemon/access/grant.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keybearer::access;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const bool isPattern = isCredentialPattern(text);
    if (isPattern && !coversCredential(text, text)) {
        std::abort();
    }
    const auto grants = parseGrants(text);
    if (!grants) {
        return 0;
    }
    const std::string written = formatGrants(*grants);
    const auto again = parseGrants(written);
    if (!again || formatGrants(*again) != written) {
        std::abort();
    }
    return 0;
}
