#pragma once
/// \file
/// Why an OAuth step failed.

#include "ipc/base/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace keybearer::oauth {

enum class ErrorKind {
    Unreachable,   ///< no usable HTTP answer: DNS, refused, TLS, reset, deadline
    BadResponse,   ///< an answer that breaks the protocol: not JSON, wrong type, too large, redirect, lying issuer
    ServerError,   ///< 5xx or 429: try again later
    OAuthError,    ///< an OAuth error response other than invalid_grant; `code` says which (RFC 6749 section 5.2)
    InvalidGrant,  ///< the refresh token or code is dead
    Rejected,      ///< the answer parses and a security check refuses it: nonce, issuer, signature, subject, PKCE
    AccessDenied,  ///< the person or the server said no at the authorization endpoint
    Cancelled,     ///< by whoever started the login
    TimedOut,      ///< the login's own deadline
    NoPort,        ///< no loopback port could be bound
    Misconfigured, ///< the profile cannot work as it is (issuer not https, CA file unreadable, ...)
};

struct Error {
    ErrorKind kind;
    /// For people and logs: fixed text of ours plus printable()-cleaned server words; never a token, code or body.
    std::string detail;
    std::string code = {};                               ///< the server's `error` code, cleaned, or empty
    std::optional<std::chrono::seconds> retryAfter = {}; ///< from Retry-After, capped at five minutes
    /// No byte of the request's body has left: whatever it would have changed at the server is unchanged.
    bool neverSent = false;
    /// The token endpoint answered 400 and not a byte more: it refuses, and does not say why.
    bool isBareRefusal = false;
};

template<class T>
using Result = base::Result<T, Error>;

[[nodiscard]] inline auto misconfigured(std::string why) {
    return base::fail(Error{ErrorKind::Misconfigured, std::move(why)});
}

} // namespace keybearer::oauth
