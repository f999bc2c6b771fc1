#pragma once
/// \file
/// TOML, read strictly: unknown keys and wrong types are errors with file, line and column.

#include "ipc/base/result.h"

#include <toml++/toml.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::providers {

/// Parses a whole file; the error is "name:line:column: sentence".
[[nodiscard]] base::Result<toml::table, std::string> parseToml(std::string_view text, std::string_view filename);

/// Reads one table. The first problem is kept and every later answer is a default, so that a caller reads on and asks
/// for the problem once, at the end. The table must outlive the reader.
class TableReader {
public:
    /// Every key that is not in `keys` is a problem.
    TableReader(const toml::table& table, std::string_view filename, std::initializer_list<std::string_view> keys);

    [[nodiscard]] const toml::node* find(std::string_view key) const { return m_table.get(key); }
    /// Empty when absent.
    [[nodiscard]] std::string string(std::string_view key, std::string_view example);
    /// False when absent.
    [[nodiscard]] bool boolean(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, std::string_view example);
    /// The elements with their places, for the checks of the caller. Empty when absent.
    template<class T>
    [[nodiscard]] std::vector<std::pair<T, const toml::node*>> list(std::string_view key, std::string_view example) {
        std::vector<std::pair<T, const toml::node*>> out;
        const toml::node* node = find(key);
        if (node == nullptr) {
            return out;
        }
        if (!node->is_array()) {
            wrongType(*node, key, example);
            return out;
        }
        for (const toml::node& element : *node->as_array()) {
            const auto value = element.value_exact<T>();
            if (!value) {
                wrongType(element, key, example);
                break;
            }
            out.emplace_back(*value, &element);
        }
        return out;
    }

    /// Notes a problem with the value of `key`, or with its absence.
    void refuse(std::string_view key, std::string_view message);
    void refuseAt(const toml::source_position& place, std::string_view message);
    /// Takes over the problem of a reader of a table below this one.
    void adopt(const std::string& problem);

    /// Empty: everything was fine.
    [[nodiscard]] const std::string& problem() const noexcept { return m_problem; }

private:
    void wrongType(const toml::node& node, std::string_view key, std::string_view example);

    const toml::table& m_table;
    std::string m_filename;
    std::string m_problem;
};

} // namespace keybearer::providers
