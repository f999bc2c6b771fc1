#pragma once
/// \file
/// The picture of who used what when, as numbers: lanes, marks on them, and the scale of time. Pure.

#include "app/model/audit_row.h"

#include <QTimeZone>

namespace keybearer::model {

/// UTC seconds, both included.
struct TimeSpan {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

/// One use, or several that are too close to be told apart.
struct TimelineMark {
    static constexpr int kSeveral = -1;

    int x = 0;          ///< of the first row: 0 is the beginning of the span, width - 1 its end
    int credential = 0; ///< place in Timeline::credentials, or kSeveral
    bool isRefused = false;
    bool isUnusual = false;
    std::vector<std::size_t> rows; ///< places in the rows; never empty; the order is the rows'
};

/// One program.
struct TimelineLane {
    std::string client; ///< AuditRow::client
    QString program;
    std::vector<TimelineMark> marks; ///< from left to right; what was refused stands behind what was not
};

struct Timeline {
    std::vector<TimelineLane> lanes; ///< by the program's name
    QStringList credentials;         ///< sorted
};

/// `width` in pixels. What falls into the same `slot` pixels of a lane is one mark, but what was refused stays apart
/// from what was not: so a lane has 2 * width / slot marks at most. Rows out of the span are left out.
[[nodiscard]] Timeline timelineOf(const std::vector<AuditRow>& rows, TimeSpan span, int width, int slot);

/// Where a moment of the span is.
[[nodiscard]] int pixelOf(std::int64_t time, TimeSpan span, int width);

struct TimeTick {
    std::int64_t time = 0; ///< UTC seconds
    QString label;
};

/// Round times of the clock on the wall within the span: as many as there can be up to `most` (1 to 100).
[[nodiscard]] std::vector<TimeTick> ticksOf(TimeSpan span, int most, const QTimeZone& zone);

} // namespace keybearer::model
