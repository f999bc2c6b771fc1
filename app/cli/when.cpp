#include "app/cli/when.h"

#include "app/cli/duration.h"
#include "ipc/base/ascii.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <utility>

namespace keybearer::cli {
namespace {

constexpr std::int64_t kMinutesInDay = 24 * 60;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 9999;

/// A number of exactly so many digits at the beginning, which is taken away; nullopt when there is none.
std::optional<int> takeDigits(std::string_view& text, std::size_t count) {
    int value = 0;
    if (text.size() < count ||
        !std::ranges::all_of(text.substr(0, count), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    std::from_chars(text.data(), text.data() + count, value);
    text.remove_prefix(count);
    return value;
}

bool takeChar(std::string_view& text, std::string_view any) {
    if (text.empty() || any.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// "2h"
std::optional<std::int64_t> parseSpan(std::string_view text) {
    constexpr std::size_t kMostDigits = 6;
    const bool hasUnit = !text.empty() && text.size() <= kMostDigits + 1 && !base::isDigit(text.back());
    const auto span = hasUnit ? parseDuration(text) : std::nullopt;
    return span ? std::optional(span->count()) : std::nullopt;
}

struct Moment {
    std::tm fields{};
    std::optional<std::int64_t> zoneMinutes; ///< east of UTC; nullopt: the person's
};

bool readDate(std::string_view& text, Moment& moment) {
    const auto year = takeDigits(text, 4);
    const bool first = takeChar(text, "-");
    const auto month = takeDigits(text, 2);
    const bool second = takeChar(text, "-");
    const auto day = takeDigits(text, 2);
    if (!year || !first || !month || !second || !day || *year < kFirstYear || *year > kLastYear || *month < 1 ||
        *month > 12 || *day < 1 || *day > 31) {
        return false;
    }
    moment.fields.tm_year = *year - 1900;
    moment.fields.tm_mon = *month - 1;
    moment.fields.tm_mday = *day;
    return true;
}

bool readTime(std::string_view& text, Moment& moment) {
    const auto hour = takeDigits(text, 2);
    const bool colon = takeChar(text, ":");
    const auto minute = takeDigits(text, 2);
    const bool hasSeconds = takeChar(text, ":");
    const auto second = hasSeconds ? takeDigits(text, 2) : std::optional(0);
    if (!hour || !colon || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
        return false;
    }
    moment.fields.tm_hour = *hour;
    moment.fields.tm_min = *minute;
    moment.fields.tm_sec = *second;
    return true;
}

bool readZone(std::string_view& text, Moment& moment) {
    if (text.empty()) {
        return true;
    }
    if (takeChar(text, "Zz")) {
        moment.zoneMinutes = 0;
        return true;
    }
    const bool isWest = text.front() == '-';
    const bool isSigned = takeChar(text, "+-");
    const auto hour = takeDigits(text, 2);
    const bool colon = takeChar(text, ":");
    const auto minute = takeDigits(text, 2);
    if (!isSigned || !hour || !colon || !minute || *minute > 59 || *hour * 60 + *minute >= kMinutesInDay) {
        return false;
    }
    moment.zoneMinutes = (isWest ? -1 : 1) * (*hour * 60 + *minute);
    return true;
}

std::optional<std::int64_t> secondsOf(const Moment& moment) {
    std::tm fields = moment.fields;
    fields.tm_isdst = -1;
    const std::int64_t seconds = moment.zoneMinutes ? std::int64_t{::timegm(&fields)} - *moment.zoneMinutes * 60
                                                    : std::int64_t{std::mktime(&fields)};
    // A day that the month does not have becomes one of the next month.
    return fields.tm_mday == moment.fields.tm_mday && seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

std::optional<std::int64_t> midnight(std::int64_t now, int daysBefore) {
    const auto time = static_cast<std::time_t>(now);
    std::tm fields{};
    if (::localtime_r(&time, &fields) == nullptr) {
        return std::nullopt;
    }
    fields.tm_hour = fields.tm_min = fields.tm_sec = 0;
    fields.tm_mday -= daysBefore;
    fields.tm_isdst = -1;
    return std::mktime(&fields);
}

} // namespace

std::optional<std::int64_t> parseWhen(std::string_view text, std::int64_t now) {
    if (text == "today" || text == "yesterday") {
        return midnight(now, text == "today" ? 0 : 1);
    }
    if (const auto span = parseSpan(text)) {
        return std::max<std::int64_t>(now - *span, 0);
    }
    Moment moment;
    if (!readDate(text, moment)) {
        return std::nullopt;
    }
    if (!text.empty() && (!takeChar(text, "Tt ") || !readTime(text, moment) || !readZone(text, moment))) {
        return std::nullopt;
    }
    return text.empty() ? secondsOf(moment) : std::nullopt;
}

std::string localSecond(std::int64_t at) {
    const auto time = static_cast<std::time_t>(at);
    std::tm fields{};
    std::array<char, 64> text{};
    if (::localtime_r(&time, &fields) == nullptr ||
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &fields) == 0) {
        return std::to_string(at);
    }
    return text.data();
}

} // namespace keybearer::cli
