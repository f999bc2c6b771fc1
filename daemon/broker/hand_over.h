#pragma once
/// \file
/// Making room for a newer broker: an upgrade replaces the programs, and nobody tells the process.

#include "daemon/platform/program_watch.h"

#include <QSocketNotifier>
#include <QTimer>

#include <functional>

namespace keybearer::broker {

/// Main thread, owned by the broker.
class HandOver {
public:
    struct Calls {
        std::function<bool()> isQuiet; ///< nothing is under way that an end would cut off
        std::function<void()> noticed; ///< a program has been replaced; called once
        std::function<void()> end;     ///< called once, when it is quiet
    };

    HandOver(platform::ProgramWatch watch, Calls calls);

private:
    void look();

    platform::ProgramWatch m_watch;
    Calls m_calls;
    QTimer m_settled; ///< an installation writes several files
    QTimer m_quiet;
    QSocketNotifier m_events;
};

} // namespace keybearer::broker
