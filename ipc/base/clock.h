#pragma once
/// \file
/// The two clocks, behind an interface, because a test must be able to set them.

#include <chrono>
#include <cstdint>
#include <ctime>

namespace keybearer::base {

/// Wall-clock time is for people and for the claims of tokens; lifetimes are counted on the steady clock.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// UTC, seconds since 1970-01-01T00:00:00Z. May jump.
    [[nodiscard]] virtual std::int64_t utcSeconds() const = 0;
    /// Never goes back and counts the time that the machine sleeps. Its zero means nothing.
    [[nodiscard]] virtual std::chrono::milliseconds steady() const = 0;
};

/// The machine's clocks: CLOCK_REALTIME and CLOCK_BOOTTIME. Thread-safe.
class SystemClock final : public Clock {
public:
    [[nodiscard]] std::int64_t utcSeconds() const override { return read(CLOCK_REALTIME).tv_sec; }
    [[nodiscard]] std::chrono::milliseconds steady() const override {
#ifdef CLOCK_BOOTTIME
        const timespec now = read(CLOCK_BOOTTIME);
#else
        const timespec now = read(CLOCK_MONOTONIC);
#endif
        return std::chrono::milliseconds(std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000);
    }

private:
    static timespec read(clockid_t id) {
        timespec now{};
        ::clock_gettime(id, &now);
        return now;
    }
};

} // namespace keybearer::base
