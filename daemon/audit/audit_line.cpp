#include "daemon/audit/audit_line.h"

#include <nlohmann/json.hpp>

namespace keybearer::audit {
namespace {

std::string bounded(const std::string& text) {
    return text.substr(0, kMaxFieldBytes);
}

} // namespace

std::string firstHash() {
    return std::string(64, '0');
}

std::string makeLine(const Record& record, std::uint64_t sequence, std::int64_t utcSeconds,
                     const std::string& previousHash) {
    nlohmann::ordered_json line;
    line["seq"] = sequence;
    line["time"] = utcSeconds;
    line["event"] = bounded(record.event);
    line["verdict"] = bounded(record.verdict);
    line["reason"] = bounded(record.reason);
    line["method"] = bounded(record.method);
    line["credential"] = bounded(record.credential);
    line["uid"] = record.uid;
    line["pid"] = record.pid;
    line["exe"] = bounded(record.exe);
    line["prev"] = previousHash;
    return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
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
