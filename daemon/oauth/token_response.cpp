#include "daemon/oauth/token_response.h"

#include "daemon/oauth/server_json.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxToken = 64 * 1024;
constexpr std::size_t kMaxScope = 8 * 1024;
constexpr std::chrono::seconds kLongestLifetime{std::int64_t{10} * 365 * 24 * 3600};
/// Error codes are short words (RFC 6749 section 5.2).
constexpr std::size_t kMaxErrorCode = 64;
constexpr std::size_t kMaxDescription = 200;
/// A longer word in a server's description may be the token that it complains about.
constexpr std::size_t kLongestWord = 24;

auto badToken(std::string why) {
    return base::fail(Error{ErrorKind::BadResponse, "the token response " + std::move(why)});
}

/// Wipes the token strings of the document on every way out.
class WipedDocument {
public:
    explicit WipedDocument(json document) : m_document(std::move(document)) {}
    WipedDocument(const WipedDocument&) = delete;
    WipedDocument& operator=(const WipedDocument&) = delete;
    ~WipedDocument() { wipeStrings(m_document); }

    [[nodiscard]] const json& operator[](const char* name) const { return memberOrNull(m_document, name); }

private:
    json m_document;
};

bool isJson(const std::string& contentType) {
    return contentType == "application/json" ||
           (contentType.starts_with("application/") && contentType.ends_with("+json"));
}

/// VSCHAR of RFC 6749 appendix A has the space; RFC 6750 section 2.1 could not carry it in a header.
enum class Space { Allowed, Refused };

bool isToken(const json& member, Space space = Space::Refused) {
    if (!member.is_string()) {
        return false;
    }
    const auto& text = member.get_ref<const std::string&>();
    const char lowest = space == Space::Allowed ? 0x20 : 0x21;
    return !text.empty() && text.size() <= kMaxToken &&
           std::all_of(text.begin(), text.end(), [lowest](char c) { return c >= lowest && c < 0x7F; });
}

/// RFC 6749 section 3.3, with the empty string that some servers write for "none".
bool isScope(const std::string& text) {
    return text.size() <= kMaxScope &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

/// nullopt for what is no number, or one that no 64 bits hold.
std::optional<std::int64_t> wholeNumber(const json& member) {
    if (member.is_number_unsigned()) {
        const auto value = member.get<std::uint64_t>();
        return value <= INT64_MAX ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
    }
    if (member.is_number_integer()) {
        return member.get<std::int64_t>();
    }
    if (member.is_number_float()) {
        const double value = std::floor(member.get<double>());
        constexpr double kTwoTo63 = 9223372036854775808.0;
        return value >= -kTwoTo63 && value < kTwoTo63 ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
    }
    if (member.is_string()) {
        const auto& text = member.get_ref<const std::string&>();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
    }
    return std::nullopt;
}

/// A server's sentence, made safe to show: printable, short, and without anything long enough to be a token.
std::string cleanedDescription(std::string_view text) {
    std::string out;
    const std::string clean = base::printable(text, kMaxDescription);
    std::size_t at = 0;
    while (at < clean.size()) {
        const std::size_t end = std::min(clean.find(' ', at), clean.size());
        out += end - at > kLongestWord ? "[...]" : clean.substr(at, end - at);
        if (end < clean.size()) {
            out += ' ';
        }
        at = end + 1;
    }
    return out;
}

/// The `error` and `error_description` of the body; both empty when it holds none that can be read.
struct ServerWords {
    std::string code;
    std::string description;
};

ServerWords serverWords(const HttpResponse& response) {
    ServerWords words;
    if (!isJson(response.contentType)) {
        return words;
    }
    auto parsed = parseServerObject(response.body.reveal(), "the error response");
    if (!parsed) {
        return words;
    }
    const WipedDocument document(std::move(*parsed));
    const json& code = document["error"];
    if (!code.is_string() || code.get_ref<const std::string&>().size() > kMaxErrorCode) {
        return words;
    }
    words.code = base::printable(code.get_ref<const std::string&>());
    if (document["error_description"].is_string()) {
        words.description = cleanedDescription(document["error_description"].get_ref<const std::string&>());
    }
    return words;
}

Error namedError(const ServerWords& words) {
    // GitHub has a word of its own for it.
    const bool isDead = words.code == "invalid_grant" || words.code == "bad_refresh_token";
    Error error{isDead ? ErrorKind::InvalidGrant : ErrorKind::OAuthError, "the token endpoint answered " + words.code,
                words.code};
    if (!words.description.empty()) {
        error.detail += ": " + words.description;
    }
    return error;
}

Error errorOf(const HttpResponse& response) {
    const std::string status = std::to_string(response.status);
    const ServerWords words = serverWords(response);
    const bool retry = response.status == 429 || (response.status >= 500 && response.status <= 599);
    const bool refused = response.status >= 400 && response.status <= 499;
    if (!retry && (!refused || words.code.empty())) {
        Error unnamed{ErrorKind::BadResponse,
                      "the token endpoint answered with status " + status + " and no OAuth error"};
        unnamed.isBareRefusal = response.status == 400 && response.body.empty();
        return unnamed;
    }
    Error error = namedError(words);
    if (retry) {
        error.kind = ErrorKind::ServerError;
        error.detail = "the token endpoint answered with status " + status +
                       (words.description.empty() ? "" : ": " + words.description);
        error.retryAfter = response.retryAfter;
    }
    return error;
}

/// Servers say it in words of their own, and 0 for "it does not end": what cannot be read is not known, since a good
/// token must not be dropped for it.
std::optional<std::chrono::seconds> refreshLifetime(const WipedDocument& document) {
    for (const char* name : {"refresh_expires_in", "refresh_token_expires_in"}) {
        if (const auto seconds = wholeNumber(document[name]); seconds && *seconds > 0) {
            return std::min(std::chrono::seconds(*seconds), kLongestLifetime);
        }
    }
    return std::nullopt;
}

/// Moves an optional token out of the document. False when it is there and is not one.
template<class Token>
bool readOptionalToken(const json& member, std::optional<Token>& out, Space space = Space::Refused) {
    if (member.is_null()) {
        return true;
    }
    if (!isToken(member, space)) {
        return false;
    }
    out = Token{base::Secret(member.get_ref<const std::string&>())};
    return true;
}

constexpr std::string_view kTokenEndpoint = "the token endpoint";

} // namespace

Error refusalOf(const HttpResponse& response, std::string_view endpoint) {
    Error error = errorOf(response);
    error.detail.replace(0, kTokenEndpoint.size(), endpoint);
    return error;
}

Result<TokenResponse> parseTokenResponse(const HttpResponse& response, TokenType wanted) {
    if (response.status != 200) {
        return base::fail(errorOf(response));
    }
    if (!isJson(response.contentType)) {
        return badToken("is not of type application/json");
    }
    auto parsed = parseServerObject(response.body.reveal(), "the token response");
    if (!parsed) {
        return base::fail(parsed.error());
    }
    const WipedDocument document(std::move(*parsed));
    if (document["error"].is_string() && document["access_token"].is_null()) {
        return base::fail(namedError(serverWords(response))); // GitHub's refusals have status 200
    }
    const json& type = document["token_type"];
    const std::string typeName = type.is_string() ? base::asciiLower(type.get_ref<const std::string&>()) : "";
    if (wanted == TokenType::Dpop && typeName == "bearer") {
        return base::fail(Error{ErrorKind::Rejected, "the token endpoint gave a token that is bound to no key"});
    }
    if (typeName != (wanted == TokenType::Dpop ? "dpop" : "bearer")) {
        return badToken(wanted == TokenType::Dpop ? "has a token_type other than DPoP"
                                                  : "has a token_type other than Bearer");
    }
    TokenResponse out;
    if (!isToken(document["access_token"])) {
        return badToken("has no usable access_token");
    }
    out.accessToken = base::AccessToken{base::Secret(document["access_token"].get_ref<const std::string&>())};
    if (!readOptionalToken(document["refresh_token"], out.refreshToken, Space::Allowed)) {
        return badToken("has a refresh_token that cannot be used");
    }
    if (!readOptionalToken(document["id_token"], out.idToken)) {
        return badToken("has an id_token that cannot be used");
    }
    if (const json& lifetime = document["expires_in"]; !lifetime.is_null()) {
        const auto seconds = wholeNumber(lifetime);
        if (!seconds) {
            return badToken("has an expires_in that is not a number of seconds");
        }
        out.expiresIn = std::clamp(std::chrono::seconds(*seconds), std::chrono::seconds(0), kLongestLifetime);
    }
    out.refreshExpiresIn = refreshLifetime(document);
    if (const json& issued = document["issued_token_type"]; issued.is_string()) {
        out.issuedTokenType = base::printable(issued.get_ref<const std::string&>());
    }
    if (const json& scope = document["scope"]; !scope.is_null()) {
        if (!scope.is_string() || !isScope(scope.get_ref<const std::string&>())) {
            return badToken("has a scope that is not a list of words");
        }
        out.scope = scope.get<std::string>();
    }
    return out;
}

std::optional<base::RefreshToken> salvageRefreshToken(const HttpResponse& response) {
    std::optional<base::RefreshToken> found;
    if (response.status == 200 && isJson(response.contentType)) {
        if (auto parsed = parseServerObject(response.body.reveal(), "the token response")) {
            const WipedDocument document(std::move(*parsed));
            [[maybe_unused]] const bool usable = readOptionalToken(document["refresh_token"], found, Space::Allowed);
        }
    }
    return found;
}

} // namespace keybearer::oauth
