#pragma once
/// \file
/// What runs while a session with another machine or a container is open.

#include "app/cli/forward_link.h"
#include "app/cli/forward_plan.h"
#include "app/cli/process_watch.h"
#include "app/cli/verbs.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace keybearer::cli {

/// Looks after the session while programs run: opens the browser when a program over there needs a sign-in, passes
/// signals on, and says what became of the tokens.
class ForwardRun {
public:
    /// `link` outlives it.
    ForwardRun(ForwardLink& link, std::string host);
    ForwardRun(const ForwardRun&) = delete;
    ForwardRun& operator=(const ForwardRun&) = delete;
    ~ForwardRun();

    /// Called once when the session has ended before the program.
    std::function<void()> onEnded;
    /// Called at each turn; true: what carries the session has gone, so that it ends.
    std::function<bool()> carrierGone;

    /// Runs until the program has ended. Terminal's signals are the program's; those that arrive for us go to it.
    void follow(Running& program);
    /// Waits until `isReady`, which is asked when `descriptor` can be read, or a signal says to end. False in the
    /// second case, and once the program has ended.
    [[nodiscard]] bool waitFor(Running& program, const std::function<int()>& descriptor,
                               const std::function<bool()>& isReady);
    /// Ends the session, and says which tokens live on.
    void end();

private:
    void takeEvents();
    void tellEnd(const nlohmann::json& ended) const;
    void signIn();
    void say(const std::string& text) const;

    ForwardLink& m_link;
    std::string m_host;
    SignalWatch m_signals;
    std::deque<std::pair<std::string, std::string>> m_signIns; ///< provider and account
    std::optional<Running> m_signingIn;                        ///< into the first of them
    bool m_isOver = false;
};

/// The session runs over ssh(1); the exit code is the command's over there.
[[nodiscard]] Outcome forwardOverSsh(const ForwardOptions& options, const std::vector<std::string>& command,
                                     const std::string& folder, ForwardLink& link);

} // namespace keybearer::cli
