#include "app/cli/duration.h"

#include "ipc/base/ascii.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace keybearer::cli {

std::optional<std::chrono::seconds> parseDuration(std::string_view text) {
    constexpr std::size_t kMaxDigits = 10;
    constexpr std::array<std::pair<char, std::int64_t>, 5> kUnits{
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}}};
    std::int64_t unit = 1;
    if (!text.empty() && !base::isDigit(text.back())) {
        const auto known = std::ranges::find(kUnits, text.back(), [](const auto& row) { return row.first; });
        if (known == kUnits.end()) {
            return std::nullopt;
        }
        unit = known->second;
        text.remove_suffix(1);
    }
    if (text.empty() || text.size() > kMaxDigits || !std::ranges::all_of(text, base::isDigit)) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return std::chrono::seconds(number * unit);
}

} // namespace keybearer::cli
