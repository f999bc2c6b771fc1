/// \file
/// Any bytes as a client key, as a scope and as client_keys.json. What is taken means the same when it was written
/// again.

#include "daemon/clientkeys/key_list.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer;
using namespace keybearer::clientkeys;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void checkKey(std::string_view text) {
    const auto key = parseKey(text);
    if (key) {
        require(key->text.reveal() == text && text.size() == kKeyLength);
        require(text.starts_with(key->kind == KeyKind::Live ? "kb_live_" : "kb_test_"));
        return;
    }
    require(!key.error().empty());
}

void checkScope(std::string_view text) {
    const auto scope = access::parseScope(text);
    if (!scope) {
        return;
    }
    const auto again = access::parseScope(access::formatScope(*scope));
    require(again && *again == *scope);
    const access::Wanted wanted{scope->credential, scope->scopes, scope->audience, scope->fields};
    require(access::fitOf(*scope, wanted) == access::Fit::Covers);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    checkKey(text);
    checkScope(text);
    if (const auto keys = parseKeyList(text)) {
        const auto again = parseKeyList(formatKeyList(*keys));
        require(again && *again == *keys);
    }
    return 0;
}
