#pragma once
/// \file
/// The loopback receiver (RFC 8252 section 7.3): listens on one loopback port for one login's redirect.
///
/// What it may touch: a TCP port of 127.0.0.1 or ::1 that it bound itself, and the login's expectation. It sees the
/// authorization code and hands it on; it never sees the verifier or a token, opens no file and no other connection.

#include "daemon/oauth/callback_request.h"
#include "daemon/oauth/error.h"
#include "daemon/providers/profile.h"

#include <QCoroTask>

#include <chrono>
#include <memory>
#include <string>

namespace keybearer::oauth {

/// A connection that has not sent its whole request by then is closed.
inline constexpr std::chrono::milliseconds kCallbackConnectionDeadline{10'000};
/// Connections open at once; the oldest idle one goes first.
inline constexpr int kMaxCallbackConnections = 32;

/// What the browser shows at the end. Plain words; the receiver escapes them.
struct ResultPage {
    bool success = false;
    std::string title;
    std::string message;
};

/// Lives in the main thread, owned by one login, gone with it. Nothing from a request is ever logged.
class LoopbackReceiver {
public:
    /// Binds and listens before any browser is opened; never SO_REUSEPORT. For "localhost" both address families must
    /// be ours on the same port. NoPort when nothing could be bound, naming the ports.
    [[nodiscard]] static Result<std::unique_ptr<LoopbackReceiver>> listen(const providers::Redirect& redirect);
    /// Whether a port of `redirect` is taken by nothing but the page of an earlier login, which finish() closes soon.
    [[nodiscard]] static bool isFinishing(const providers::Redirect& redirect);
    ~LoopbackReceiver();
    LoopbackReceiver(const LoopbackReceiver&) = delete;
    LoopbackReceiver& operator=(const LoopbackReceiver&) = delete;

    /// For the authorization request: "http://127.0.0.1:41234/Zx...".
    [[nodiscard]] std::string redirectUri() const;

    /// Ends with the first request that proves itself by `state`: Code, Error or Reject; every other request is
    /// answered and forgotten. Ends with Cancelled after cancel(), TimedOut after `deadline`. The browser's connection
    /// is kept open until finish(). Call once. `expected.authority` and `.path` are filled in here.
    [[nodiscard]] QCoro::Task<Result<CallbackVerdict>> wait(CallbackExpectation expected,
                                                            std::chrono::milliseconds deadline);
    /// The address that a browser elsewhere was sent to, copied by the person: judged like the request of a browser
    /// here, and ends wait() in the same way. The error is a fixed text, the end of a sentence; then wait() goes on.
    [[nodiscard]] base::Result<void, std::string> paste(std::string_view url);
    /// Answers the waiting browser with 303 to a bare path, serves `page` there once (or gives up after a few
    /// seconds), and closes the listener. The page loads nothing and keeps no code in the history. Returns at once;
    /// the answering goes on by itself, also after this object is destroyed.
    void finish(ResultPage page);
    /// Closes everything now; wait() ends with Cancelled.
    void cancel();

private:
    struct Private;
    explicit LoopbackReceiver(std::shared_ptr<Private> p);
    std::shared_ptr<Private> d;
};

} // namespace keybearer::oauth
