/// \file
/// Any bytes as a keychain file, and as what a box holds. Items that come out are within the bounds and are written and
/// read again unchanged.

#include "daemon/crypto/crypto.h"
#include "daemon/keychain/sealed_file.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer;
using namespace keybearer::keychain;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

bool same(const Items& a, const Items& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.first == y.first && x.second == y.second; });
}

void checkItems(const Items& items) {
    require(items.size() <= kMaxItems);
    for (const auto& [key, value] : items) {
        require(!key.empty() && key.size() <= kMaxItemKeyBytes && value.size() <= kMaxItemBytes);
    }
    const auto text = formatPlain(items);
    require(text.has_value());
    const auto again = parseKeychainFile(text->reveal());
    require(again && again->form == FileForm::Plain && same(again->items, items));
}

/// A sealed file whose box holds `inner`.
KeychainFile boxOf(std::string_view inner, const base::Secret& key) {
    const SealParameters parameters{{14, 8, 1}, std::string(kSaltBytes, 's')};
    const auto empty = formatSealed({}, parameters, key);
    require(empty.has_value());
    const std::string_view text = empty->reveal();
    const std::string aad = std::string(text.substr(0, text.find(",\"box\""))) + '}';
    auto file = parseKeychainFile(text);
    require(file && openBox(*file, key));
    file->box = crypto::seal(key, aad, inner);
    return std::move(*file);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const base::Secret key{std::string_view("0123456789abcdef0123456789abcdef")};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto file = parseKeychainFile(text); !file) {
        require(!file.error().empty());
    } else if (file->form == FileForm::Plain) {
        checkItems(file->items);
    } else {
        require(isAllowed(file->seal.cost) && file->seal.salt.size() == kSaltBytes);
        require(!openBox(*file, key));
    }
    if (const auto items = openBox(boxOf(text, key), key)) {
        checkItems(*items);
    }
    return 0;
}
