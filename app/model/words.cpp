#include "app/model/words.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace keybearer::model {
namespace {

struct Unit {
    std::int64_t seconds;
    const char* ahead;
    const char* ago;
};
constexpr std::array kUnits{
    Unit{86'400, QT_TRANSLATE_N_NOOP("Words", "in %n day(s)"), QT_TRANSLATE_N_NOOP("Words", "%n day(s) ago")},
    Unit{3600, QT_TRANSLATE_N_NOOP("Words", "in %n hour(s)"), QT_TRANSLATE_N_NOOP("Words", "%n hour(s) ago")},
    Unit{60, QT_TRANSLATE_N_NOOP("Words", "in %n minute(s)"), QT_TRANSLATE_N_NOOP("Words", "%n minute(s) ago")},
};

} // namespace

QString countdown(std::int64_t seconds) {
    const qlonglong left = std::max<std::int64_t>(0, seconds);
    return QStringLiteral("%1:%2").arg(left / 60).arg(left % 60, 2, 10, QLatin1Char('0'));
}

QString relativeTime(std::int64_t at, std::int64_t now) {
    const std::int64_t distance = std::abs(at - now);
    for (const Unit& unit : kUnits) {
        if (distance >= unit.seconds) {
            return QCoreApplication::translate("Words", at > now ? unit.ahead : unit.ago, nullptr,
                                               static_cast<int>(distance / unit.seconds));
        }
    }
    return QCoreApplication::translate("Words", "now");
}

QString localTime(std::int64_t at) {
    return QLocale().toString(QDateTime::fromSecsSinceEpoch(at), QLocale::ShortFormat);
}

std::int64_t currentTime() {
    return QDateTime::currentSecsSinceEpoch();
}

} // namespace keybearer::model
