#include "ipc/protocol/body.h"

#include "ipc/base/secret.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace keybearer::protocol {
namespace {

using nlohmann::json;

/// Digits of the longest 64-bit integer, with its sign.
constexpr std::size_t kIntegerRoom = 20;

template<class Integer>
void appendInteger(std::string& out, Integer value) {
    std::array<char, kIntegerRoom> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

} // namespace

std::size_t jsonRoom(const json& value) {
    std::size_t room = 32; // numbers, names, brackets
    if (value.is_string()) {
        room += value.get_ref<const std::string&>().size() * 6;
    }
    if (value.is_structured()) {
        for (auto it = value.begin(); it != value.end(); ++it) {
            room += (value.is_object() ? it.key().size() * 6 : 0) + jsonRoom(*it);
        }
    }
    return room;
}

void appendJson(std::string& out, const json& value) {
    if (value.is_string()) {
        base::appendJsonString(out, value.get_ref<const std::string&>());
    } else if (value.is_number_unsigned()) {
        appendInteger(out, value.get<std::uint64_t>());
    } else if (value.is_number_integer()) {
        appendInteger(out, value.get<std::int64_t>());
    } else if (value.is_object()) {
        char separator = '{';
        for (auto it = value.begin(); it != value.end(); ++it) {
            out.push_back(separator);
            base::appendJsonString(out, it.key());
            out.push_back(':');
            appendJson(out, it.value());
            separator = ',';
        }
        out.append(value.empty() ? "{}" : "}");
    } else if (value.is_array()) {
        char separator = '[';
        for (const json& member : value) {
            out.push_back(separator);
            appendJson(out, member);
            separator = ',';
        }
        out.append(value.empty() ? "[]" : "]");
    } else {
        out.append(value.dump());
    }
}

Body::Body(const json& object) {
    m_text.clear();
    m_text.reserve(jsonRoom(object));
    appendJson(m_text, object);
}

Body::Body(Body&& other) noexcept : m_text(std::exchange(other.m_text, "{}")) {}

Body& Body::operator=(Body&& other) noexcept {
    if (this != &other) {
        base::wipe(m_text);
        m_text = std::exchange(other.m_text, "{}");
    }
    return *this;
}

Body::~Body() {
    base::wipe(m_text);
}

void Body::begin(std::string_view name, std::size_t valueRoom) {
    const std::size_t needed = m_text.size() + name.size() + valueRoom + 8;
    if (needed > m_text.capacity()) {
        std::string larger;
        larger.reserve(std::max(needed, 2 * m_text.capacity()));
        larger.append(m_text);
        base::wipe(m_text);
        m_text = std::move(larger);
    }
    m_text.pop_back(); // the closing bracket
    m_text.append(m_text.size() > 1 ? ",\"" : "\"").append(name).append("\":");
}

Body& Body::add(std::string_view name, std::string_view text) {
    begin(name, 6 * text.size() + 2);
    base::appendJsonString(m_text, text);
    m_text.push_back('}');
    return *this;
}

Body& Body::add(std::string_view name, std::optional<std::int64_t> value) {
    begin(name, kIntegerRoom);
    if (value) {
        appendInteger(m_text, *value);
    } else {
        m_text.append("null");
    }
    m_text.push_back('}');
    return *this;
}

Body& Body::addTree(std::string_view name, const json& tree) {
    begin(name, jsonRoom(tree));
    appendJson(m_text, tree);
    m_text.push_back('}');
    return *this;
}

Body& Body::add(std::string_view name, const std::vector<Body>& items) {
    std::size_t room = 2;
    for (const Body& item : items) {
        room += item.m_text.size() + 1;
    }
    begin(name, room);
    char separator = '[';
    for (const Body& item : items) {
        m_text.push_back(separator);
        m_text.append(item.m_text);
        separator = ',';
    }
    m_text.append(items.empty() ? "[]}" : "]}");
    return *this;
}

} // namespace keybearer::protocol
