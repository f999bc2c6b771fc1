#include "daemon/oauth/device_authorization.h"

#include "daemon/oauth/metadata.h"
#include "daemon/oauth/server_json.h"
#include "daemon/oauth/token_response.h"
#include "ipc/base/ascii.h"
#include "ipc/base/url.h"

#include <algorithm>

namespace keybearer::oauth {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr std::size_t kMaxDeviceCode = 8 * 1024;
constexpr std::size_t kMaxUserCode = 64;
constexpr seconds kLongestLife{3600};
constexpr seconds kSlowDown{5};
constexpr seconds kLongestInterval{60};

Result<DeviceAuthorization> badAnswer(const char* why) {
    return base::fail(Error{ErrorKind::BadResponse, std::string("the device authorization response ") + why});
}

const std::string* textAt(const json& document, const char* name) {
    return memberOrNull(document, name).get_ptr<const std::string*>();
}

bool isUserCode(const std::string& text) {
    return !text.empty() && text.size() <= kMaxUserCode &&
           std::ranges::all_of(text, [](char c) { return base::isVisible(c) || c == ' '; });
}

bool isUsable(const std::string* uri) {
    return uri != nullptr && uri->size() <= base::kMaxUrl && isAcceptableEndpoint(*uri);
}

/// Whole seconds of a JSON number; nullopt for anything else.
std::optional<seconds> secondsAt(const json& document, const char* name) {
    const json& member = memberOrNull(document, name);
    if (!member.is_number()) {
        return std::nullopt;
    }
    const double value = member.get<double>();
    return value >= 0 && value <= 1e9 ? std::optional(seconds(static_cast<std::int64_t>(value))) : std::nullopt;
}

Result<DeviceAuthorization> readAuthorization(const json& document) {
    const std::string* deviceCode = textAt(document, "device_code");
    const std::string* userCode = textAt(document, "user_code");
    const std::string* uri = textAt(document, "verification_uri");
    uri = uri != nullptr ? uri : textAt(document, "verification_url");
    const auto expiresIn = secondsAt(document, "expires_in");
    if (deviceCode == nullptr || deviceCode->empty() || deviceCode->size() > kMaxDeviceCode ||
        !std::ranges::all_of(*deviceCode, base::isVisible)) {
        return badAnswer("has no device_code that could be sent");
    }
    if (userCode == nullptr || !isUserCode(*userCode)) {
        return badAnswer("has no user_code that a person could type");
    }
    if (!isUsable(uri)) {
        return badAnswer("has no verification_uri that begins with https://");
    }
    if (!expiresIn || expiresIn->count() < 1) {
        return badAnswer("does not say how long it is good (expires_in)");
    }
    DeviceAuthorization authorization;
    authorization.deviceCode = base::Secret(*deviceCode);
    authorization.userCode = *userCode;
    authorization.verificationUri = *uri;
    const std::string* complete = textAt(document, "verification_uri_complete");
    if (isUsable(complete)) {
        authorization.verificationUriComplete = *complete;
    }
    authorization.expiresIn = std::min(*expiresIn, kLongestLife);
    if (const auto interval = secondsAt(document, "interval")) {
        authorization.interval = std::clamp(*interval, seconds(1), kLongestInterval);
    }
    return authorization;
}

} // namespace

Result<DeviceAuthorization> parseDeviceAuthorization(const HttpResponse& response) {
    constexpr int kAnswered = 200;
    if (response.status != kAnswered) {
        auto refused = parseTokenResponse(response); // error answers have one form (RFC 8628 section 3.2)
        return base::fail(std::move(refused.error()));
    }
    auto document = parseServerObject(response.body.reveal(), "the device authorization response");
    if (!document) {
        return base::fail(std::move(document.error()));
    }
    auto authorization = readAuthorization(*document);
    wipeStrings(*document);
    return authorization;
}

bool DevicePolling::goesOn(const Error& error) {
    if (error.code == "authorization_pending" || error.code == "slow_down") {
        m_wait.reset();
        m_interval += error.code == "slow_down" ? kSlowDown : seconds(0);
        return true;
    }
    if (error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::ServerError) {
        const seconds longer = std::min(wait() * 2, std::max(kLongestInterval, m_interval));
        m_wait = std::max(longer, error.retryAfter.value_or(seconds(0)));
        return true;
    }
    return false;
}

} // namespace keybearer::oauth
