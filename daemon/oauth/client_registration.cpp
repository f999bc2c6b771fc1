#include "daemon/oauth/client_registration.h"

#include "daemon/oauth/resource_metadata.h"
#include "daemon/oauth/server_json.h"
#include "daemon/oauth/token_response.h"
#include "ipc/base/ascii.h"
#include "ipc/base/text.h"
#include "ipc/base/url.h"

#include <algorithm>
#include <array>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxClientText = 4096;
constexpr std::size_t kMaxListed = 32;
constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

constexpr const char* kDpopBound = "dpop_bound_access_tokens";

/// What we can do at a token endpoint, the best first.
constexpr std::array<const char*, 3> kAuthMethods{"none", "client_secret_basic", "client_secret_post"};

auto badRegistration(ErrorKind kind, const std::string& why) {
    return base::fail(Error{kind, "the client that the server has registered " + why});
}

bool isClientText(const json& member) {
    const auto* text = member.get_ptr<const std::string*>();
    return text != nullptr && !text->empty() && text->size() <= kMaxClientText &&
           std::ranges::all_of(*text, [](char c) { return base::isVisible(c) || c == ' '; });
}

bool isAuthMethod(const std::string& method) {
    return std::ranges::find(kAuthMethods, method) != kAuthMethods.end();
}

bool holds(const std::vector<std::string>& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

/// Empty when the grants that the server gave are enough for us; it may leave them out (they are the default then).
std::string problemWithGrants(const json& document) {
    const auto grants = textsAt(document, "grant_types", kMaxListed);
    const auto responses = textsAt(document, "response_types", kMaxListed);
    if (!grants || !responses) {
        return "has grant_types or response_types that are no lists";
    }
    if (!grants->empty() && !holds(*grants, "authorization_code") && !holds(*grants, kDeviceGrant)) {
        return "may not use the authorization code grant";
    }
    return !responses->empty() && holds(*grants, "authorization_code") && !holds(*responses, "code")
               ? "may not use response_type code"
               : "";
}

/// The redirects of ours that the server has kept; all when it does not say.
Result<std::vector<std::string>> keptRedirects(const json& document, const std::vector<std::string>& asked) {
    const auto returned = textsAt(document, "redirect_uris", kMaxListed);
    if (!returned) {
        return badRegistration(ErrorKind::BadResponse, "has redirect_uris that are no list");
    }
    std::vector<std::string> kept;
    std::ranges::copy_if(asked, std::back_inserter(kept),
                         [&](const std::string& uri) { return returned->empty() || holds(*returned, uri); });
    if (kept.empty()) {
        return badRegistration(ErrorKind::Rejected, "has other redirect addresses than the ones that were asked for");
    }
    return kept;
}

/// `before`, where not null, is what was known of this client.
Result<void> readSecret(const json& document, const ClientRegistration* before, ClientRegistration& out) {
    const json& method = memberOrNull(document, "token_endpoint_auth_method");
    const json& secret = memberOrNull(document, "client_secret");
    const json& ends = memberOrNull(document, "client_secret_expires_at");
    if (!method.is_null() && (!method.is_string() || !isAuthMethod(method.get<std::string>()))) {
        return badRegistration(ErrorKind::Rejected,
                               "must authenticate in a way that is not supported: " +
                                   base::printable(method.is_string() ? method.get<std::string>() : method.dump()));
    }
    // Without a word it is Basic (RFC 7591 section 2), unless there is nothing to authenticate with.
    out.authMethod = method.is_string()  ? method.get<std::string>()
                     : before != nullptr ? before->authMethod
                     : secret.is_null()  ? kAuthMethods[0]
                                         : kAuthMethods[1];
    if (out.authMethod == "none") {
        return {}; // a secret that comes all the same is used for nothing
    }
    if (secret.is_null() && before != nullptr && before->clientSecret) {
        out.clientSecret = before->clientSecret->clone();
        out.secretExpiresAt = ends.is_number_unsigned() ? ends.get<std::int64_t>() : before->secretExpiresAt;
        return {};
    }
    if (!isClientText(secret)) {
        return badRegistration(ErrorKind::BadResponse, "needs a client_secret and has none that could be sent");
    }
    out.clientSecret = base::ClientSecret{base::Secret(secret.get_ref<const std::string&>())};
    out.secretExpiresAt = ends.is_number_unsigned() ? ends.get<std::int64_t>() : 0;
    return {};
}

/// RFC 7592 section 3: where the client can be asked about, and what with.
void readManagement(const json& document, const std::string& endpoint, ClientRegistration& out) {
    const json& uri = memberOrNull(document, "registration_client_uri");
    const json& token = memberOrNull(document, "registration_access_token");
    if (uri.is_string() && isClientText(token) && mayDescribe(uri.get_ref<const std::string&>(), endpoint)) {
        out.configurationUri = uri.get<std::string>();
        out.accessToken = base::AccessToken{base::Secret(token.get_ref<const std::string&>())};
    }
}

Result<ClientRegistration> readRegistration(const HttpResponse& response, const std::string& issuer,
                                            const std::string& endpoint, const std::vector<std::string>& redirectUris,
                                            const ClientRegistration* before) {
    constexpr int kMade = 201;
    constexpr int kAnswered = 200;
    if (response.status != kMade && response.status != kAnswered) {
        return base::fail(refusalOf(response, "the registration endpoint"));
    }
    auto parsed = parseServerObject(response.body.reveal(), "the answer to the registration");
    if (!parsed) {
        return base::fail(parsed.error());
    }
    json& document = *parsed;
    ClientRegistration out;
    out.issuer = issuer;
    Result<void> read;
    if (!isClientText(memberOrNull(document, "client_id"))) {
        read = badRegistration(ErrorKind::BadResponse, "has no client_id that could be sent");
    } else if (before != nullptr && document["client_id"] != before->clientId) {
        read = badRegistration(ErrorKind::Rejected, "has another client_id than before");
    } else if (const std::string problem = problemWithGrants(document); !problem.empty()) {
        read = badRegistration(ErrorKind::Rejected, problem);
    } else if (auto kept = keptRedirects(document, redirectUris); !kept) {
        read = base::fail(std::move(kept.error()));
    } else {
        out.redirectUris = std::move(*kept);
        out.clientId = document["client_id"].get<std::string>();
        read = readSecret(document, before, out);
        readManagement(document, endpoint, out);
    }
    wipeStrings(document);
    if (!read) {
        return base::fail(std::move(read.error()));
    }
    return out;
}

} // namespace

Result<std::string> registrationBody(const RegistrationRequest& request, const Metadata& server) {
    const auto& known = server.tokenAuthMethods;
    const auto method =
        std::ranges::find_if(kAuthMethods, [&](const char* one) { return known.empty() || holds(known, one); });
    if (method == kAuthMethods.end()) {
        return base::fail(
            Error{ErrorKind::Misconfigured, "its token endpoint takes clients with keys or certificates only"});
    }
    json grants{"authorization_code", "refresh_token"};
    if (request.forDevices) {
        grants.push_back(kDeviceGrant);
    }
    json metadata{{"client_name", "Keybearer"},
                  {"application_type", "native"}, // OpenID Connect Registration: loopback redirects are for these
                  {"token_endpoint_auth_method", *method},
                  {"redirect_uris", request.redirectUris},
                  {"grant_types", std::move(grants)},
                  {"response_types", json::array({"code"})},
                  {"software_id", "keybearer"},
                  {"software_version", KEYBEARER_VERSION}};
    if (request.dpopBound) {
        metadata[kDpopBound] = true;
    }
    return metadata.dump();
}

Result<ClientRegistration> parseRegistration(const HttpResponse& response, const std::string& issuer,
                                             const std::string& endpoint,
                                             const std::vector<std::string>& redirectUris) {
    return readRegistration(response, issuer, endpoint, redirectUris, nullptr);
}

Result<ClientRegistration> parseConfirmation(const HttpResponse& response, const ClientRegistration& before) {
    auto now = readRegistration(response, before.issuer, before.configurationUri, before.redirectUris, &before);
    if (now) {
        now->dpopBound = before.dpopBound;
    }
    if (now && !now->accessToken && before.accessToken) {
        now->accessToken = before.accessToken->clone();
        now->configurationUri = before.configurationUri;
    }
    return now;
}

base::Secret formatRegistration(const ClientRegistration& registration) {
    json object{{"version", kVersion},
                {"issuer", registration.issuer},
                {"client_id", registration.clientId},
                {"client_secret_expires_at", registration.secretExpiresAt},
                {"token_endpoint_auth_method", registration.authMethod},
                {"redirect_uris", registration.redirectUris},
                {"registration_client_uri", registration.configurationUri},
                {kDpopBound, registration.dpopBound}};
    if (registration.clientSecret) {
        object["client_secret"] = registration.clientSecret->reveal();
    }
    if (registration.accessToken) {
        object["registration_access_token"] = registration.accessToken->reveal();
    }
    base::Secret item = base::Secret::absorb(object.dump());
    wipeStrings(object);
    return item;
}

base::Result<ClientRegistration, std::string> parseStoredRegistration(const base::Secret& item) {
    auto parsed = parseServerObject(item.reveal(), "the stored registration");
    const std::string damaged = "the stored registration is damaged, or was written by a newer Keybearer";
    if (!parsed || memberOrNull(*parsed, "version") != kVersion) {
        return base::fail(damaged);
    }
    json& object = *parsed;
    ClientRegistration out;
    const auto uris = textsAt(object, "redirect_uris", kMaxListed);
    const json& ends = memberOrNull(object, "client_secret_expires_at");
    const json& uri = memberOrNull(object, "registration_client_uri");
    const bool whole =
        isClientText(memberOrNull(object, "issuer")) && isClientText(memberOrNull(object, "client_id")) &&
        isClientText(memberOrNull(object, "token_endpoint_auth_method")) && uris && !uris->empty() &&
        ends.is_number_integer() && uri.is_string() &&
        uri.get_ref<const std::string&>().empty() == !memberOrNull(object, "registration_access_token").is_string();
    if (whole) {
        out.issuer = object["issuer"].get<std::string>();
        out.clientId = object["client_id"].get<std::string>();
        out.authMethod = object["token_endpoint_auth_method"].get<std::string>();
        out.redirectUris = *uris;
        out.secretExpiresAt = ends.get<std::int64_t>();
        out.configurationUri = uri.get<std::string>();
        out.dpopBound = memberOrNull(object, kDpopBound) == true; // which those of earlier versions lack
        if (const json& secret = memberOrNull(object, "client_secret"); secret.is_string()) {
            out.clientSecret = base::ClientSecret{base::Secret(secret.get_ref<const std::string&>())};
        }
        if (const json& token = memberOrNull(object, "registration_access_token"); token.is_string()) {
            out.accessToken = base::AccessToken{base::Secret(token.get_ref<const std::string&>())};
        }
    }
    wipeStrings(object);
    if (!whole || !isAuthMethod(out.authMethod) || (out.authMethod != "none") != out.clientSecret.has_value()) {
        return base::fail(damaged);
    }
    return out;
}

} // namespace keybearer::oauth
