#pragma once
/// \file
/// The browser's request to the loopback receiver: parsed and judged without a socket. Pure, bounded, fuzzed.

#include "ipc/base/secret.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

/// Request line: method, target, version (RFC 9112 section 3).
inline constexpr std::size_t kMaxRequestLine = 8 * 1024;
/// All header fields together. A browser sends the cookies of every port of 127.0.0.1.
inline constexpr std::size_t kMaxHeaderBytes = 64 * 1024;
inline constexpr std::size_t kMaxHeaderFields = 200;
/// Query parameters of a callback.
inline constexpr std::size_t kMaxParameters = 64;

enum class RequestState { NeedMore, Complete, Bad };

/// A GET request's head, or the status to answer it with.
struct CallbackRequest {
    RequestState state = RequestState::NeedMore;
    int status = 0; ///< for Bad: 400, 405, 414, 431, 505
    std::string method;
    std::string path;  ///< as sent, not decoded
    std::string query; ///< as sent, without '?'; holds the code
    struct Field {
        std::string name; ///< lower case
        std::string value;
    };
    std::vector<Field> fields;
};

/// Parses the head of one request from the bytes received so far. CRLF only, no obs-fold, no NUL, no absolute form.
[[nodiscard]] CallbackRequest parseCallbackRequest(std::string_view bytes);

/// What the receiver is waiting for.
struct CallbackExpectation {
    std::string authority; ///< what Host must be, exactly: "127.0.0.1:41234"
    std::string path;      ///< exact
    std::string state;
    std::string issuer;       ///< RFC 9207
    bool issRequired = false; ///< the server's metadata promises the parameter
    /// The provider has no `state`: it must be absent, and an unpredictable path stands in its place.
    bool provenByPath = false;
};

struct CallbackVerdict {
    enum class Kind {
        Stray,  ///< not for us, or not proven to be: answer `status`, the login stays pending
        Code,   ///< state and issuer are right: `code` is the authorization code
        Error,  ///< state and issuer are right: the server refuses; `error` is its code
        Reject, ///< state is right and the issuer is not (mix-up): the login ends, nothing is shown (RFC 9207 2.4)
    };
    Kind kind = Kind::Stray;
    int status = 404;
    std::string reason; ///< for the log: fixed text, nothing from the request
    base::AuthorizationCode code;
    std::string error;            ///< cleaned by printable()
    std::string errorDescription; ///< cleaned by printable(), at most 200 characters
};

/// Why a request is not answered; `reason` is fixed text for the log.
struct Refusal {
    int status = 0;
    std::string_view reason;
};

/// Checks that a browser navigates to us, and no page reaches for us: Host, Origin, Sec-Fetch-*. nullopt: it does.
[[nodiscard]] std::optional<Refusal> refuseNavigation(const CallbackRequest& request, std::string_view authority);

/// Checks Host, Origin, Sec-Fetch-*, path, then the parameters: names are decoded before duplicates are looked for,
/// `state` is compared in constant time before anything else is believed, `code` and `error` exclude each other.
[[nodiscard]] CallbackVerdict judgeCallback(const CallbackRequest& request, const CallbackExpectation& expected);

} // namespace keybearer::oauth
