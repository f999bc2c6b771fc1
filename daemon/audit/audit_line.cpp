#include "daemon/audit/audit_line.h"

#include "ipc/base/text.h"

#include <nlohmann/json.hpp>

namespace keybearer::audit {
namespace {

void appendMember(std::string& line, std::string_view name, std::string_view text) {
    line.append(",\"").append(name).append("\":");
    base::appendJsonString(line, text.substr(0, kMaxFieldBytes));
}

} // namespace

std::string firstHash() {
    return std::string(64, '0');
}

void appendLine(std::string& line, const Record& record, std::uint64_t sequence, std::int64_t utcSeconds,
                std::string_view previousHash) {
    // By hand: every release of a token waits for this line, and a JSON tree for it took a seventh of the broker's
    // time.
    line.append("{\"seq\":").append(std::to_string(sequence));
    line.append(",\"time\":").append(std::to_string(utcSeconds));
    appendMember(line, "event", record.event);
    appendMember(line, "verdict", record.verdict);
    appendMember(line, "reason", record.reason);
    appendMember(line, "method", record.method);
    appendMember(line, "credential", record.credential);
    line.append(",\"uid\":").append(std::to_string(record.uid));
    line.append(",\"pid\":").append(std::to_string(record.pid));
    appendMember(line, "exe", record.exe);
    appendMember(line, "prev", previousHash);
    line.push_back('}');
}

std::optional<Link> parseLine(std::string_view line) {
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    if (!parsed.is_object()) {
        return std::nullopt;
    }
    const auto sequence = parsed.find("seq");
    const auto previous = parsed.find("prev");
    if (sequence == parsed.end() || !sequence->is_number_unsigned() || previous == parsed.end() ||
        !previous->is_string()) {
        return std::nullopt;
    }
    return Link{sequence->get<std::uint64_t>(), previous->get<std::string>()};
}

} // namespace keybearer::audit
