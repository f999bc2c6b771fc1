/// \file
/// Any bytes as the keychain's item of data keys, and as a value of each type of field. What is believed reads back as
/// itself; what is refused is not repeated.

#include "daemon/providers/field.h"
#include "daemon/vault/format.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void checkItem(std::string_view bytes) {
    const auto keys = vault::parseDataKeys(base::Secret(bytes));
    if (!keys) {
        return;
    }
    require(!keys->empty());
    const auto again = vault::parseDataKeys(vault::formatDataKeys(*keys));
    require(again && again->size() == keys->size());
    for (std::size_t i = 0; i < keys->size(); ++i) {
        require((*again)[i].id == (*keys)[i].id && (*again)[i].key == (*keys)[i].key);
    }
}

void checkValue(std::string_view bytes) {
    for (const auto& [name, type] : providers::kFieldTypes) {
        providers::Field field;
        field.type = type;
        const auto problem = providers::problemWith(field, bytes);
        require(problem || (!bytes.empty() && bytes.size() <= providers::maxValueBytes(type)));
        // One line means one line: it goes into environments and headers.
        const bool isOneLine = type != providers::FieldType::Pem && type != providers::FieldType::Json;
        require(problem || !isOneLine || bytes.find_first_of("\r\n") == std::string_view::npos);
        require(problem || bytes.find('\0') == std::string_view::npos);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    checkItem(bytes);
    checkValue(bytes);
    return 0;
}
