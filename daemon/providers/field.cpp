#include "daemon/providers/field.h"

#include "ipc/base/ascii.h"
#include "ipc/base/edit_distance.h"
#include "ipc/base/text.h"
#include "ipc/base/url.h"
#include "ipc/protocol/strict_json.h"

#include <algorithm>

namespace keybearer::providers {
namespace {

constexpr int kMaxJsonDepth = 16;
constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr std::string_view kPemEnd = "-----END ";
constexpr std::string_view kPemDashes = "-----";

bool isBase64(char c) {
    return base::isAlnum(c) || c == '+' || c == '/' || c == '=';
}

std::string_view takeLine(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
        line.remove_suffix(1);
    }
    return line;
}

/// RFC 7468 section 3, without headers: "-----BEGIN label-----", base64 lines, "-----END label-----".
bool isPem(std::string_view text) {
    std::string_view label;
    bool hasContent = false;
    bool complete = false;
    while (!text.empty()) {
        const std::string_view line = takeLine(text);
        if (line.empty()) {
            continue;
        }
        if (label.empty()) {
            if (!line.starts_with(kPemBegin) || !line.ends_with(kPemDashes) ||
                line.size() <= kPemBegin.size() + kPemDashes.size()) {
                return false;
            }
            label = line.substr(kPemBegin.size());
            hasContent = false;
        } else if (line.starts_with(kPemEnd)) {
            if (line.substr(kPemEnd.size()) != label || !hasContent) {
                return false;
            }
            label = {};
            complete = true;
        } else if (!std::ranges::all_of(line, isBase64)) {
            return false;
        } else {
            hasContent = true;
        }
    }
    return complete && label.empty();
}

std::optional<std::string> problemWithType(FieldType type, std::string_view value) {
    switch (type) {
    case FieldType::Token:
        return std::ranges::all_of(value, base::isVisible)
                   ? std::nullopt
                   : std::optional<std::string>("is one line without spaces or other characters that no key has");
    case FieldType::Pem:
        return isPem(value) ? std::nullopt
                            : std::optional<std::string>("must be PEM, from -----BEGIN ...----- to -----END ...-----");
    case FieldType::Json: {
        const auto parsed = protocol::parseStrictJson(value, kMaxJsonDepth);
        return parsed && parsed->is_object() ? std::nullopt : std::optional<std::string>("must be one JSON object");
    }
    case FieldType::Url: {
        const auto url = base::parseUrl(value);
        return url && !url->hasFragment ? std::nullopt
                                        : std::optional<std::string>("must be a URL like https://api.example.com");
    }
    case FieldType::Path:
        return value.front() == '/' && std::ranges::none_of(value, base::isControl)
                   ? std::nullopt
                   : std::optional<std::string>("must be an absolute path");
    case FieldType::Text:
        return std::ranges::none_of(value, base::isControl) ? std::nullopt
                                                            : std::optional<std::string>("is one line of plain text");
    }
    return "has no type";
}

} // namespace

std::string_view toString(FieldType type) {
    return std::ranges::find(kFieldTypes, type, [](const auto& row) { return row.second; })->first;
}

std::size_t maxValueBytes(FieldType type) {
    switch (type) {
    case FieldType::Pem:
    case FieldType::Json: return 64U << 10;
    case FieldType::Token: return 16U << 10;
    case FieldType::Url:
    case FieldType::Path:
    case FieldType::Text: return 4U << 10;
    }
    return 0;
}

std::optional<std::string> problemWith(const Field& field, std::string_view value) {
    if (value.empty()) {
        return "is empty";
    }
    if (value.size() > maxValueBytes(field.type)) {
        return "is longer than the " + std::to_string(maxValueBytes(field.type)) + " bytes that a " +
               std::string(toString(field.type)) + " may have";
    }
    if (!base::isUtf8(value) || value.find('\0') != std::string_view::npos) {
        return "holds bytes that are not text";
    }
    return problemWithType(field.type, value);
}

std::string foldedName(std::string_view name) {
    std::string folded = base::asciiLower(name);
    std::erase_if(folded, [](char c) { return c == '-' || c == '_' || c == ' '; });
    return folded;
}

std::vector<std::string> nearestNames(std::string_view typed, const std::vector<std::string>& known) {
    constexpr std::size_t kMost = 3;
    constexpr std::size_t kLongest = 64;
    std::vector<std::pair<std::size_t, std::string>> near;
    const std::string folded = foldedName(typed.substr(0, kLongest));
    for (const std::string& name : known) {
        const std::string other = foldedName(name);
        const bool begins = folded.size() >= 3 && other.starts_with(folded);
        const std::size_t distance = begins ? 1 : base::editDistance(folded, other);
        if (distance <= std::max<std::size_t>(2, other.size() / 3) && distance < other.size()) {
            near.emplace_back(distance, name);
        }
    }
    std::ranges::sort(near);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(kMost, near.size()); ++i) {
        names.push_back(near[i].second);
    }
    return names;
}

} // namespace keybearer::providers
