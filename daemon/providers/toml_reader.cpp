#include "daemon/providers/toml_reader.h"

#include "ipc/base/edit_distance.h"
#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::providers {
namespace {

std::string at(std::string_view filename, const toml::source_position& place, std::string_view message) {
    std::string out(filename);
    out += ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": ";
    out += message;
    return out;
}

std::string_view lineOf(std::string_view text, toml::source_index number) {
    for (; number > 1; --number) {
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    }
    return text.substr(0, text.find('\n'));
}

std::string unknownKey(std::string_view key, std::initializer_list<std::string_view> keys) {
    std::string message = "there is no key `" + base::printable(key, 60) + "`";
    const auto* const nearest =
        std::ranges::min_element(keys, {}, [key](std::string_view known) { return base::editDistance(key, known); });
    if (key.size() < 64 && base::editDistance(key, *nearest) <= std::max<std::size_t>(2, nearest->size() / 3)) {
        return message + "; did you mean `" + std::string(*nearest) + "`?";
    }
    message += "; known are";
    for (const std::string_view known : keys) {
        message += " ";
        message += known;
    }
    return message;
}

} // namespace

base::Result<toml::table, std::string> parseToml(std::string_view text, std::string_view filename) {
    try {
        return toml::parse(text, filename);
    } catch (const toml::parse_error& error) {
        const toml::source_position place = error.source().begin;
        // toml++ quotes what it could not read, and that may be a secret that somebody put there without quotes.
        const bool mayQuote = lineOf(text, place.line).find("secret") == std::string_view::npos;
        const std::string why = mayQuote ? base::printable(error.description(), 200) : "this line is not valid TOML";
        return base::fail(at(filename, place, why));
    }
}

TableReader::TableReader(const toml::table& table, std::string_view filename,
                         std::initializer_list<std::string_view> keys)
    : m_table(table), m_filename(filename) {
    for (const auto& [key, value] : table) {
        if (std::ranges::find(keys, key.str()) == keys.end()) {
            refuseAt(key.source().begin, unknownKey(key.str(), keys));
        }
    }
}

void TableReader::refuse(std::string_view key, std::string_view message) {
    const toml::node* node = find(key);
    refuseAt(node != nullptr ? node->source().begin : toml::source_position{1, 1}, message);
}

void TableReader::refuseAt(const toml::source_position& place, std::string_view message) {
    if (m_problem.empty()) {
        m_problem = at(m_filename, place, message);
    }
}

void TableReader::adopt(const std::string& problem) {
    if (m_problem.empty()) {
        m_problem = problem;
    }
}

void TableReader::wrongType(const toml::node& node, std::string_view key, std::string_view example) {
    std::string message = "`" + std::string(key) + "` has the wrong type; write ";
    message += example;
    refuseAt(node.source().begin, message);
}

std::string TableReader::string(std::string_view key, std::string_view example) {
    const toml::node* node = find(key);
    if (node == nullptr) {
        return {};
    }
    if (!node->is_string()) {
        wrongType(*node, key, example);
        return {};
    }
    const std::string& value = node->as_string()->get();
    if (value.empty()) {
        refuse(key, "`" + std::string(key) + "` is empty; write " + std::string(example) + " or leave the key out");
    }
    return value;
}

bool TableReader::boolean(std::string_view key) {
    const toml::node* node = find(key);
    if (node != nullptr && !node->is_boolean()) {
        wrongType(*node, key, std::string(key) + " = true");
    }
    return node != nullptr && node->is_boolean() && node->as_boolean()->get();
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::string_view example) {
    const toml::node* node = find(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_integer()) {
        wrongType(*node, key, example);
        return std::nullopt;
    }
    return node->as_integer()->get();
}

} // namespace keybearer::providers
