#include "daemon/oauth/key_provisioning.h"

#include "daemon/oauth/form_encoding.h"
#include "daemon/oauth/server_json.h"
#include "ipc/base/ascii.h"

#include <algorithm>

namespace keybearer::oauth {
namespace {

constexpr std::size_t kMaxKey = 16 * 1024;
constexpr int kOk = 200;
constexpr int kFirstServerError = 500;

} // namespace

std::string provisioningUrl(const std::string& authorizeUrl, const std::string& callbackUrl,
                            const std::string& codeChallenge) {
    std::string url = authorizeUrl;
    url.append(url.find('?') == std::string::npos ? "?" : "&").append("callback_url=");
    appendFormEncoded(url, callbackUrl);
    url.append("&code_challenge=").append(codeChallenge).append("&code_challenge_method=S256");
    return url;
}

base::Secret provisioningBody(const base::AuthorizationCode& code, const base::CodeVerifier& verifier) {
    nlohmann::json body{{"code", std::string(code.reveal())},
                        {"code_verifier", std::string(verifier.reveal())},
                        {"code_challenge_method", "S256"}};
    base::Secret text = base::Secret::absorb(body.dump());
    wipeStrings(body);
    return text;
}

Result<base::Secret> parseProvisionedKey(const HttpResponse& response) {
    if (response.status >= kFirstServerError) {
        return base::fail(
            Error{ErrorKind::ServerError, "the key endpoint answered with status " + std::to_string(response.status)});
    }
    if (response.status != kOk) {
        return base::fail(Error{ErrorKind::OAuthError, "it made no key: HTTP " + std::to_string(response.status)});
    }
    auto document = parseServerObject(response.body.reveal(), "the key response");
    if (!document) {
        return base::fail(std::move(document.error()));
    }
    const nlohmann::json& key = memberOrNull(*document, "key");
    const std::string* text = key.get_ptr<const std::string*>();
    const bool isKey =
        text != nullptr && !text->empty() && text->size() <= kMaxKey && std::ranges::all_of(*text, base::isVisible);
    base::Secret found(isKey ? std::string_view(*text) : std::string_view());
    wipeStrings(*document);
    if (!isKey) {
        return base::fail(Error{ErrorKind::BadResponse, "the key response holds no key"});
    }
    return found;
}

} // namespace keybearer::oauth
