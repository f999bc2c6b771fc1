#include "daemon/oauth/retry_after.h"

#include <algorithm>
#include <array>

namespace keybearer::oauth {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// Exactly the digits of `text`; nullopt when another character is among them.
std::optional<int> digits(std::string_view text) {
    int value = 0;
    for (const char c : text) {
        if (!isDigit(c)) {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

int yearOf(std::int64_t now) {
    const std::chrono::sys_seconds time{std::chrono::seconds(now)};
    return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

/// `month` as "Nov", `time` as "08:49:37".
std::optional<std::int64_t> assemble(std::optional<int> year, std::string_view month, std::optional<int> day,
                                     std::string_view time) {
    const auto* const name = std::find(kMonths.begin(), kMonths.end(), month);
    const auto hour = digits(time.substr(0, 2));
    const auto minute = digits(time.substr(3, 2));
    const auto second = digits(time.substr(6, 2));
    if (!year || !day || !hour || !minute || !second || name == kMonths.end() || time[2] != ':' || time[5] != ':' ||
        *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(name - kMonths.begin() + 1)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
}

/// RFC 9110 section 5.6.7: a two-digit year more than 50 years ahead is the most recent one in the past.
std::optional<int> fullYear(std::optional<int> twoDigits, std::int64_t now) {
    const int current = yearOf(now);
    if (!twoDigits) {
        return std::nullopt;
    }
    const int year = current - current % 100 + *twoDigits;
    return year > current + 50 ? year - 100 : year;
}

} // namespace

std::optional<std::int64_t> parseHttpDate(std::string_view text, std::int64_t now) {
    // "Sun Nov  6 08:49:37 1994"
    if (text.size() == 24 && text[3] == ' ' && text[7] == ' ' && text[10] == ' ' && text[19] == ' ') {
        return assemble(digits(text.substr(20, 4)), text.substr(4, 3),
                        digits(text.substr(text[8] == ' ' ? 9 : 8, text[8] == ' ' ? 1 : 2)), text.substr(11, 8));
    }
    const std::size_t comma = text.find(", ");
    if (comma == std::string_view::npos || comma < 3 || comma > 9 || !text.ends_with(" GMT")) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(comma + 2);
    // "06 Nov 1994 08:49:37 GMT"
    if (rest.size() == 24 && rest[2] == ' ' && rest[6] == ' ' && rest[11] == ' ') {
        return assemble(digits(rest.substr(7, 4)), rest.substr(3, 3), digits(rest.substr(0, 2)), rest.substr(12, 8));
    }
    // "06-Nov-94 08:49:37 GMT"
    if (rest.size() == 22 && rest[2] == '-' && rest[6] == '-' && rest[9] == ' ') {
        return assemble(fullYear(digits(rest.substr(7, 2)), now), rest.substr(3, 3), digits(rest.substr(0, 2)),
                        rest.substr(10, 8));
    }
    return std::nullopt;
}

std::optional<std::chrono::seconds> parseRetryAfter(std::string_view text, std::int64_t now) {
    if (!text.empty() && std::all_of(text.begin(), text.end(), isDigit)) {
        const std::string_view significant = text.substr(std::min(text.find_first_not_of('0'), text.size()));
        constexpr std::size_t kDigitsOfMaximum = 3;
        if (significant.size() > kDigitsOfMaximum) {
            return kMaxRetryAfter;
        }
        return std::min(std::chrono::seconds(digits(significant).value_or(0)), kMaxRetryAfter);
    }
    const auto date = parseHttpDate(text, now);
    if (!date) {
        return std::nullopt;
    }
    return std::clamp(std::chrono::seconds(*date - now), std::chrono::seconds(0), kMaxRetryAfter);
}

} // namespace keybearer::oauth
