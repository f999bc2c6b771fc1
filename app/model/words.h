#pragma once
/// \file
/// Times, as a person reads them, in the language and the time zone of the session.

#include <QString>

#include <cstdint>

namespace keybearer::model {

/// "4:32", for a time that runs out; seconds.
[[nodiscard]] QString countdown(std::int64_t seconds);
/// "in 4 min", "3 d ago"; UTC seconds.
[[nodiscard]] QString relativeTime(std::int64_t at, std::int64_t now);
/// Date and time; UTC seconds.
[[nodiscard]] QString localTime(std::int64_t at);
/// UTC seconds.
[[nodiscard]] std::int64_t currentTime();

} // namespace keybearer::model
