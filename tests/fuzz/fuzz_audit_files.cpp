/// \file
/// Any bytes as a line of the audit record, as a row about removed rows and as audit.head. A line that is taken is JSON
/// with the same values; what is written of it is read again unchanged.

#include "daemon/audit/audit_line.h"
#include "daemon/audit/head.h"
#include "ipc/base/text.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer;
using namespace keybearer::audit;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

/// nlohmann-json refuses a half of a surrogate pair, which we replace.
bool isWholeUtf16(const std::string& text) {
    return text.find("\xEF\xBF\xBD") == std::string::npos;
}

void checkTexts(const Row& row, const nlohmann::json& json) {
    const auto check = [&](std::string_view name, std::string_view text) {
        const auto member = json.find(std::string(name));
        require(text.empty() ? member == json.end() || *member == ""
                             : member != json.end() && *member == unescaped(text));
    };
    for (const auto& [name, member] : kFirstTexts) {
        check(name, row.record.*member);
    }
    for (const auto& [name, member] : kOptionalTexts) {
        check(name, row.record.*member);
    }
    check("exe", row.record.exe);
    check("prev", row.previousHash);
}

void checkLine(std::string_view line) {
    const auto row = readLine(line);
    if (!row) {
        return;
    }
    require(line.size() <= kMaxLineBytes && row->sequence > 0);
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (isWholeUtf16(unescaped(line))) {
        require(json.is_object() && json["seq"] == row->sequence);
        checkTexts(*row, json);
    }
    Record plain;
    const std::string credential = unescaped(row->record.credential);
    require(base::isUtf8(credential));
    plain.credential = credential;
    std::string written;
    appendLine(written, plain, row->sequence, row->time, "");
    const auto again = readLine(written);
    require(again && again->sequence == row->sequence && again->time == row->time);
    require(credential.size() > kMaxFieldBytes || unescaped(again->record.credential) == credential);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const SealKey key{"0123456789abcdef", std::make_shared<const base::Secret>(std::string_view("key"))};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    checkLine(text);
    if (const auto removed = parseRemoved(text)) {
        require(removedText(*removed) == text);
    }
    if (const auto head = parseHead(text)) {
        require(!isSealedBy(*head, key) || formatHead(key, head->mark) == text);
    }
    return 0;
}
