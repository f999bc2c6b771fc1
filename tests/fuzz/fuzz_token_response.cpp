/// \file
/// Any bytes as a token endpoint's answer. Tokens that come out can go into a header; error texts can go to a terminal.

#include "daemon/oauth/client_registration.h"
#include "daemon/oauth/device_authorization.h"
#include "daemon/oauth/key_provisioning.h"
#include "daemon/oauth/pushed_request.h"
#include "daemon/oauth/token_response.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer;
using namespace keybearer::oauth;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool isPrintable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const int status : std::array{200, 400, 503}) {
        HttpResponse response;
        response.status = status;
        response.contentType = "application/json";
        response.body = base::Secret({reinterpret_cast<const char*>(data), size});
        if (const auto device = parseDeviceAuthorization(response)) {
            require(status == 200 && !device->deviceCode.empty() && isPrintable(device->userCode));
            require(device->verificationUri.starts_with("http") && isPrintable(device->verificationUri));
            require(device->interval.count() >= 1 && device->expiresIn.count() >= 1);
        } else {
            require(isPrintable(device.error().detail));
        }
        if (const auto pushed = parsePushedRequest(response)) {
            require(status == 200 && isToken(pushed->requestUri) && pushed->expiresIn.count() >= 1);
        } else {
            require(isPrintable(pushed.error().detail));
        }
        if (const auto made = parseRegistration(response, "https://as.example", "https://as.example/register",
                                                {"http://127.0.0.1/abc"})) {
            require(status == 200 && isPrintable(made->clientId) && made->redirectUris.size() == 1);
            require((made->authMethod == "none") != made->clientSecret.has_value());
            const auto again = parseStoredRegistration(formatRegistration(*made));
            require(again && again->clientId == made->clientId);
            const auto confirmed = parseConfirmation(response, *made);
            require(confirmed && confirmed->clientSecret.has_value() == made->clientSecret.has_value());
        } else {
            require(isPrintable(made.error().detail));
        }
        if (const auto key = parseProvisionedKey(response)) {
            require(status == 200 && isToken(key->reveal()));
        }
        const auto tokens = parseTokenResponse(response);
        if (!tokens) {
            require(isPrintable(tokens.error().detail) && tokens.error().detail.size() < 400);
            require(isPrintable(tokens.error().code) && tokens.error().code.size() <= 64);
            require(status != 503 || tokens.error().kind == ErrorKind::ServerError);
            continue;
        }
        require(status == 200);
        require(isToken(tokens->accessToken.reveal()));
        require(!tokens->refreshToken || isPrintable(tokens->refreshToken->reveal()));
        require(!tokens->idToken || isToken(tokens->idToken->reveal()));
        require(!tokens->expiresIn || (tokens->expiresIn->count() >= 0 && tokens->expiresIn->count() <= 315360000));
        require(!tokens->scope || isPrintable(*tokens->scope));
    }
    return 0;
}
