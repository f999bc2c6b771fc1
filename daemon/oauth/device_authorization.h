#pragma once
/// \file
/// The device authorization grant (RFC 8628): what the server says at its beginning, and when to ask again. Pure.

#include "daemon/oauth/error.h"
#include "daemon/oauth/http_client.h"

#include <chrono>
#include <optional>
#include <string>

namespace keybearer::oauth {

/// RFC 8628 section 3.2.
struct DeviceAuthorization {
    base::Secret deviceCode;
    std::string userCode;                ///< shown always, also beside the complete URI (section 3.3.1)
    std::string verificationUri;         ///< https, or this machine
    std::string verificationUriComplete; ///< the same with the code in it; empty: none
    std::chrono::seconds expiresIn{0};   ///< 1 s to an hour
    std::chrono::seconds interval{5};    ///< 1 to 60 s; 5 where the server does not say
};

/// 200 with a JSON object of the required members; `verification_url`, which Google writes, is read as well. Codes are
/// printable and short. Errors are those of parseTokenResponse(), without anything of the body.
[[nodiscard]] Result<DeviceAuthorization> parseDeviceAuthorization(const HttpResponse& response);

/// When to ask the token endpoint again (RFC 8628 section 3.5).
class DevicePolling {
public:
    explicit DevicePolling(std::chrono::seconds interval) : m_interval(interval) {}

    /// Until the first question, and after an answer.
    [[nodiscard]] std::chrono::seconds wait() const noexcept { return m_wait.value_or(m_interval); }
    /// False: the grant is over. `authorization_pending` goes on; `slow_down` goes on and adds five seconds, for good;
    /// no answer, and a server in trouble, go on with growing pauses.
    [[nodiscard]] bool goesOn(const Error& error);

private:
    std::chrono::seconds m_interval;
    std::optional<std::chrono::seconds> m_wait; ///< set while the server cannot be reached
};

} // namespace keybearer::oauth
