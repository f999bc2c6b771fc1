#include "app/model/timeline.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace keybearer::model {
namespace {

constexpr int kDaySeconds = 86'400;
/// Seconds; from a day on, days.
constexpr std::array kTickSteps{60,
                                300,
                                600,
                                900,
                                1800,
                                3600,
                                2 * 3600,
                                3 * 3600,
                                6 * 3600,
                                12 * 3600,
                                kDaySeconds,
                                2 * kDaySeconds,
                                3 * kDaySeconds,
                                7 * kDaySeconds,
                                14 * kDaySeconds};

std::vector<TimeTick> ticksEvery(int step, TimeSpan span, const QTimeZone& zone, std::size_t most) {
    std::vector<TimeTick> ticks;
    const QDate last = QDateTime::fromSecsSinceEpoch(span.to, zone).date();
    const int days = std::max(1, step / kDaySeconds);
    const int within = std::min(step, kDaySeconds);
    for (QDate day = QDateTime::fromSecsSinceEpoch(span.from, zone).date(); day <= last; day = day.addDays(1)) {
        if (day.toJulianDay() % days != 0) {
            continue;
        }
        for (int second = 0; second < kDaySeconds; second += within) {
            const QTime clock = QTime::fromMSecsSinceStartOfDay(second * 1000);
            const QDateTime moment = second == 0 ? day.startOfDay(zone) : QDateTime(day, clock, zone);
            const std::int64_t time = moment.toSecsSinceEpoch();
            // A clock that is put forward has no such time; then there is no such tick.
            if (time < span.from || time > span.to ||
                (second != 0 && QDateTime::fromSecsSinceEpoch(time, zone).time() != clock)) {
                continue;
            }
            ticks.push_back({time, second == 0
                                       ? QLocale().toString(day, QCoreApplication::translate("Activity", "d MMM"))
                                       : QLocale().toString(clock, QLocale::ShortFormat)});
            if (ticks.size() > most) {
                return ticks;
            }
        }
    }
    return ticks;
}

} // namespace

int pixelOf(std::int64_t time, TimeSpan span, int width) {
    const std::int64_t length = std::max<std::int64_t>(1, span.to - span.from);
    const std::int64_t x = (time - span.from) * width / length;
    return static_cast<int>(std::clamp<std::int64_t>(x, 0, std::max(0, width - 1)));
}

Timeline timelineOf(const std::vector<AuditRow>& rows, TimeSpan span, int width, int slot) {
    Timeline out;
    if (width <= 0) {
        return out;
    }
    std::map<QString, int> credentials;
    std::map<std::pair<QString, std::string>, std::map<std::pair<int, bool>, TimelineMark>> lanes;
    const auto isSeen = [&](const AuditRow& row) { return row.time >= span.from && row.time <= span.to; };
    for (const AuditRow& row : rows) {
        if (isSeen(row)) {
            credentials.emplace(row.credential, 0);
        }
    }
    for (auto& [name, place] : credentials) {
        place = static_cast<int>(out.credentials.size());
        out.credentials << name;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const AuditRow& row = rows[i];
        if (!isSeen(row)) {
            continue;
        }
        const int x = pixelOf(row.time, span, width);
        TimelineMark& mark = lanes[{row.program, row.client}][{x / std::max(1, slot), row.isRefused()}];
        const int credential = credentials[row.credential];
        mark.credential = mark.rows.empty() || mark.credential == credential ? credential : TimelineMark::kSeveral;
        mark.x = mark.rows.empty() ? x : mark.x;
        mark.isRefused = row.isRefused();
        mark.isUnusual = mark.isUnusual || !row.unusual.isEmpty();
        mark.rows.push_back(i);
    }
    for (auto& [key, slots] : lanes) {
        TimelineLane lane{key.second, key.first, {}};
        for (auto& [place, mark] : slots) {
            lane.marks.push_back(std::move(mark));
        }
        out.lanes.push_back(std::move(lane));
    }
    return out;
}

std::vector<TimeTick> ticksOf(TimeSpan span, int most, const QTimeZone& zone) {
    std::vector<TimeTick> ticks;
    for (const int step : kTickSteps) {
        // The finer steps would make thousands of ticks before they turned out to be too many.
        if ((span.to - span.from) / step > 2 * most) {
            continue;
        }
        ticks = ticksEvery(step, span, zone, static_cast<std::size_t>(most));
        if (ticks.size() <= static_cast<std::size_t>(most)) {
            return ticks;
        }
    }
    return {};
}

} // namespace keybearer::model
