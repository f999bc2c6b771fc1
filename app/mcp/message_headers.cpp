#include "app/mcp/message_headers.h"

#include "ipc/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace keybearer::mcp {
namespace {

using nlohmann::json;

constexpr std::string_view kEncodedBegin = "=?base64?";
constexpr std::string_view kEncodedEnd = "?=";
constexpr std::int64_t kMaxSafeInteger = (std::int64_t(1) << 53) - 1; // what every JSON parser reads alike
constexpr std::size_t kMaxTools = 4096;
constexpr std::size_t kMaxRepeated = 64;

struct NameSource {
    std::string_view method;
    const char* member;
};
constexpr std::array kNameSources{
    NameSource{"tools/call", "name"},  NameSource{"prompts/get", "name"},    NameSource{"resources/read", "uri"},
    NameSource{"tasks/get", "taskId"}, NameSource{"tasks/update", "taskId"}, NameSource{"tasks/cancel", "taskId"},
};

/// What of JSON Schema has schemas below it: one, a list of them, or one for each name. Only properties lead to an
/// argument.
struct Keyword {
    const char* name;
    bool hasNames = false;
    bool isWay = false;
};
constexpr std::array kKeywords{
    Keyword{"properties", true, true},
    Keyword{"patternProperties", true, false},
    Keyword{"dependentSchemas", true, false},
    Keyword{"dependencies", true, false},
    Keyword{"$defs", true, false},
    Keyword{"definitions", true, false},
    Keyword{"items"},
    Keyword{"prefixItems"},
    Keyword{"additionalItems"},
    Keyword{"unevaluatedItems"},
    Keyword{"contains"},
    Keyword{"additionalProperties"},
    Keyword{"unevaluatedProperties"},
    Keyword{"propertyNames"},
    Keyword{"contentSchema"},
    Keyword{"allOf"},
    Keyword{"anyOf"},
    Keyword{"oneOf"},
    Keyword{"not"},
    Keyword{"if"},
    Keyword{"then"},
    Keyword{"else"},
};

/// RFC 4648 section 4.
std::string base64(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = (group << 8U) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= count ? kAlphabet[(group >> (18U - 6U * k)) & 63U] : '=';
        }
    }
    return out;
}

/// RFC 9110 section 5.6.2.
bool isToken(const std::string& text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               kMarks.find(c) != std::string_view::npos;
    });
}

std::optional<std::string> primitiveText(const json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_boolean()) {
        return value.get<bool>() ? "true" : "false";
    }
    const double number = value.is_number() ? value.get<double>() : NAN;
    if (std::isnan(number) || std::abs(number) > static_cast<double>(kMaxSafeInteger)) {
        return std::nullopt;
    }
    const bool isWhole = std::trunc(number) == number;
    return isWhole ? std::to_string(static_cast<std::int64_t>(number)) : value.dump();
}

const json* memberAt(const json* value, const std::string& name) {
    const auto found = value->is_object() ? value->find(name) : value->end();
    return value->is_object() && found != value->end() ? &*found : nullptr;
}

} // namespace

std::string encodeHeaderValue(std::string_view text) {
    const bool isPlain = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; }) &&
                         !(text.starts_with(kEncodedBegin) && text.ends_with(kEncodedEnd));
    return isPlain ? std::string(text) : std::string(kEncodedBegin) + base64(text) + std::string(kEncodedEnd);
}

bool areSingle(const Headers& headers) {
    return std::ranges::all_of(headers, [](const auto& header) {
        return std::ranges::none_of(header.first + header.second,
                                    [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    });
}

const char* ToolHeaders::faultOf(const json& schema, const json& header, bool isReachable, const Scan& scan) {
    if (!isReachable || scan.path.empty()) {
        return "x-mcp-header where a chain of properties does not lead";
    }
    if (!header.is_string() || !isToken(header.get_ref<const std::string&>())) {
        return "x-mcp-header is not the name of a header";
    }
    const json* type = memberAt(&schema, "type");
    if (type == nullptr || (*type != "string" && *type != "integer" && *type != "boolean")) {
        return "x-mcp-header on something else than a string, an integer or a boolean";
    }
    const std::string name = base::asciiLower(header.get_ref<const std::string&>());
    if (std::ranges::any_of(scan.found, [&](const Repeated& one) { return base::asciiLower(one.header) == name; })) {
        return "x-mcp-header with the same name twice";
    }
    return scan.found.size() < kMaxRepeated ? nullptr : "more than 64 x-mcp-header";
}

/// No deeper than a message may be nested.
const char* ToolHeaders::scan(const json& schema, bool isReachable, Scan& scan) {
    if (const json* header = memberAt(&schema, "x-mcp-header")) {
        if (const char* fault = faultOf(schema, *header, isReachable, scan)) {
            return fault;
        }
        scan.found.push_back({scan.path, header->get<std::string>()});
    }
    for (const Keyword& keyword : kKeywords) {
        const json* below = memberAt(&schema, keyword.name);
        if (below == nullptr) {
            continue;
        }
        if (!keyword.hasNames && !below->is_array()) {
            if (const char* fault = ToolHeaders::scan(*below, false, scan)) {
                return fault;
            }
            continue;
        }
        for (const auto& [name, member] : below->items()) {
            scan.path.push_back(name);
            const char* fault = ToolHeaders::scan(member, isReachable && keyword.isWay, scan);
            scan.path.pop_back();
            if (fault != nullptr) {
                return fault;
            }
        }
    }
    return nullptr;
}

std::vector<ToolHeaders::Rejected> ToolHeaders::learn(json& result) {
    std::vector<Rejected> rejected;
    const auto tools = result.is_object() ? result.find("tools") : result.end();
    if (!result.is_object() || tools == result.end() || !tools->is_array()) {
        return rejected;
    }
    json kept = json::array();
    for (json& tool : *tools) {
        const json* member = memberAt(&tool, "name");
        const std::string name = member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
        const json* schema = memberAt(&tool, "inputSchema");
        Scan seen;
        const char* fault = schema != nullptr ? scan(*schema, true, seen) : nullptr;
        if (fault != nullptr || seen.found.empty()) {
            m_tools.erase(name);
        } else if (m_tools.size() < kMaxTools || m_tools.contains(name)) {
            m_tools.insert_or_assign(name, std::move(seen.found));
        }
        if (fault != nullptr) {
            rejected.push_back({name, fault});
        } else {
            kept.push_back(std::move(tool));
        }
    }
    *tools = std::move(kept);
    return rejected;
}

void ToolHeaders::add(const json& params, Headers& headers) const {
    const json* name = memberAt(&params, "name");
    const auto tool = name != nullptr && name->is_string() ? m_tools.find(name->get<std::string>()) : m_tools.end();
    if (tool == m_tools.end()) {
        return;
    }
    for (const Repeated& one : tool->second) {
        const json* value = memberAt(&params, "arguments");
        for (auto part = one.path.begin(); value != nullptr && part != one.path.end(); ++part) {
            value = memberAt(value, *part);
        }
        if (const auto text = value != nullptr ? primitiveText(*value) : std::nullopt) {
            headers.emplace_back("Mcp-Param-" + one.header, encodeHeaderValue(*text));
        }
    }
}

Headers messageHeaders(const Message& message, const ToolHeaders& tools) {
    Headers headers;
    const std::string version = message.claimedVersion();
    if (version.empty()) {
        return headers;
    }
    headers.emplace_back("MCP-Protocol-Version", version);
    headers.emplace_back("Mcp-Method", message.method);
    const json& params = message.body.at("params"); // the version stands in it
    const auto source = std::ranges::find(kNameSources, message.method, &NameSource::method);
    if (const json* name = source != kNameSources.end() ? memberAt(&params, source->member) : nullptr;
        name != nullptr && name->is_string()) {
        headers.emplace_back("Mcp-Name", encodeHeaderValue(name->get<std::string>()));
    }
    if (message.method == "tools/call") {
        tools.add(params, headers);
    }
    return headers;
}

} // namespace keybearer::mcp
