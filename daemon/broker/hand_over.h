#pragma once
/// \file
/// Making room for another broker: an upgrade replaces the programs, the window's package adds one, a logout takes the
/// socket away, and nobody tells the process.

#include "daemon/platform/file_watch.h"

#include <QElapsedTimer>
#include <QSocketNotifier>
#include <QTimer>

#include <chrono>
#include <functional>

namespace keybearer::broker {

/// What an end would cut off.
enum class UnderWay {
    Nothing,
    Brief,  ///< a question that somebody waits for, a command, a refresh, a sign-out
    SignIn, ///< a person in a browser
};

enum class Cause {
    Replaced,  ///< a program is another file, or gone, or new
    SocketLost ///< nobody can connect any more
};

/// Main thread, owned by the broker.
class HandOver {
public:
    struct Calls {
        std::function<UnderWay()> underWay;
        std::function<void(Cause)> noticed; ///< called once
        std::function<void()> end;          ///< called once, after that
    };
    /// How long what is under way is let finish. New work may take the place of old: these are for all of it.
    struct Patience {
        std::chrono::milliseconds brief{std::chrono::seconds(30)};
        /// Twice a sign-in's own time. Where nobody can connect, a sign-in gets no more than the rest.
        std::chrono::milliseconds signIn{std::chrono::minutes(10)};
    };

    HandOver(platform::FileWatch programs, platform::FileWatch socket, Calls calls, Patience patience);
    HandOver(platform::FileWatch programs, platform::FileWatch socket, Calls calls)
        : HandOver(std::move(programs), std::move(socket), std::move(calls), Patience()) {}

    /// Looks now.
    [[nodiscard]] bool isReplaced() const { return m_programs.isReplaced(); }
    /// The broker ends for another reason: nothing is noticed from here on.
    void cancel();

private:
    void follow(QSocketNotifier& events, const platform::FileWatch& watch);
    void look();
    void poll();

    platform::FileWatch m_programs;
    platform::FileWatch m_socket;
    Calls m_calls;
    Patience m_patience;
    QTimer m_settled; ///< an installation writes several files
    QTimer m_poll;
    QElapsedTimer m_since;
    QSocketNotifier m_programEvents;
    QSocketNotifier m_socketEvents;
    Cause m_cause = Cause::Replaced;
};

} // namespace keybearer::broker
