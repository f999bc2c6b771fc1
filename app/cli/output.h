#pragma once
/// \file
/// What the command line writes: safe text, tables, times, JSON.

#include "app/common/shown.h"
#include "ipc/base/paths.h"
#include "ipc/client/client.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::cli {

using common::shown;

/// "in 4 min", "now", "3 d ago".
[[nodiscard]] std::string relativeTime(std::int64_t at, std::int64_t now);
/// "2026-03-01 14:05" in the person's time zone.
[[nodiscard]] std::string localTime(std::int64_t at);
/// "4:32", for a time that runs out.
[[nodiscard]] std::string countdown(std::int64_t seconds);
/// UTC seconds.
[[nodiscard]] std::int64_t currentTime();

/// Colour is for a terminal that can show it, and not for a person who set NO_COLOR (https://no-color.org).
[[nodiscard]] bool colourWanted(bool isTerminal, const base::Environment& environment);
/// colourWanted() for standard output.
[[nodiscard]] bool colourOnStdout();

enum class Style { Plain, Bold, Good, Warning, Bad };

[[nodiscard]] std::string styled(std::string_view text, Style style, bool colour);

struct Cell {
    std::string text;
    Style style = Style::Plain;
};

/// Columns that line up; passes every cell through shown().
class Table {
public:
    explicit Table(std::vector<std::string> header) : m_header(std::move(header)) {}
    void add(std::vector<Cell> row) { m_rows.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const noexcept { return m_rows.empty(); }
    [[nodiscard]] std::string render(bool colour) const;

private:
    std::vector<std::string> m_header;
    std::vector<std::vector<Cell>> m_rows;
};

/// ASCII only, so that no text in it can act on a terminal; ends with a line feed.
[[nodiscard]] std::string jsonText(const nlohmann::json& value);

/// Writes everything to standard output; a full disk or a closed pipe is an error, not a silent success.
[[nodiscard]] client::Result<void> print(std::string_view text);
/// Writes to standard error, as far as that works.
void note(std::string_view text);

/// A member as text or number; empty where it is missing, null or of another type.
[[nodiscard]] std::string textOf(const nlohmann::json& object, const char* key);
[[nodiscard]] std::optional<std::int64_t> numberOf(const nlohmann::json& object, const char* key);
/// The elements of an array member; an empty array where there is none.
[[nodiscard]] const nlohmann::json& listOf(const nlohmann::json& object, const char* key);
/// The strings of an array member, joined.
[[nodiscard]] std::string joinedOf(const nlohmann::json& object, const char* key, std::string_view separator);

} // namespace keybearer::cli
