#include "daemon/accounts/resource_directory.h"

#include "daemon/oauth/authorization_request.h"
#include "ipc/base/challenge.h"
#include "ipc/base/text.h"

#include <utility>

namespace keybearer::accounts {
namespace {

constexpr int kFound = 200;
constexpr int kWantsToken = 401;

/// Changes nothing anywhere: what an MCP server does not understand it refuses, and what it protects it does not do.
constexpr std::string_view kQuestion = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

/// "a b" -> a, b; nullopt when it is no list of scopes (RFC 6749 section 3.3).
std::optional<std::vector<std::string>> scopesIn(const std::string& text) {
    std::vector<std::string> scopes;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at) {
            scopes.push_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return oauth::areScopeTokens(scopes) ? std::optional(scopes) : std::nullopt;
}

/// What its challenge says to whoever comes without a token.
struct Challenged {
    std::optional<std::vector<std::string>> scopes;
    std::optional<std::string> metadataUrl;
    bool wantsBoundTokens = false;
};

Challenged readChallenge(const std::string& header) {
    Challenged told;
    told.wantsBoundTokens = base::wantsBoundTokens(header);
    if (const auto with = base::findTokenChallenge(header, "scope")) {
        told.scopes = scopesIn(*with->parameter("scope"));
    }
    if (const auto with = base::findTokenChallenge(header, "resource_metadata")) {
        told.metadataUrl = *with->parameter("resource_metadata");
    }
    return told;
}

std::optional<FoundResource> foundBy(oauth::ResourceMetadata metadata, Challenged told) {
    metadata.dpopRequired = metadata.dpopRequired || told.wantsBoundTokens;
    return FoundResource{std::move(metadata), std::move(told.scopes)};
}

} // namespace

QCoro::Task<oauth::Result<oauth::ResourceMetadata>> ResourceDirectory::read(std::string url, std::string resource,
                                                                            oauth::Transport transport) {
    auto response = co_await m_http.get(url, std::move(transport));
    if (!response) {
        co_return base::fail(std::move(response.error()));
    }
    if (response->status != kFound) {
        co_return base::fail(
            oauth::Error{oauth::ErrorKind::ServerError, "it answers HTTP " + std::to_string(response->status) +
                                                            " where its metadata should be: " + base::printable(url)});
    }
    co_return oauth::parseResourceMetadata(response->body.reveal(), resource);
}

QCoro::Task<std::optional<FoundResource>> ResourceDirectory::described(std::string resource,
                                                                       oauth::Transport transport) {
    std::optional<FoundResource> found;
    auto metadata = co_await read(oauth::resourceMetadataUrls(resource).front(), resource, std::move(transport));
    if (metadata) {
        found = FoundResource{std::move(*metadata), std::nullopt};
    }
    co_return std::move(found);
}

QCoro::Task<oauth::Result<std::optional<FoundResource>>> ResourceDirectory::find(std::string resource,
                                                                                 oauth::Transport transport) {
    std::optional<FoundResource> found;
    base::Secret question(kQuestion);
    auto asked = co_await m_http.postJson(resource, std::move(question), transport);
    if (!asked && asked.error().kind != oauth::ErrorKind::BadResponse) {
        co_return base::fail(std::move(asked.error()));
    }
    const bool wantsToken = asked && asked->status == kWantsToken;
    Challenged told;
    if (wantsToken) {
        told = readChallenge(asked->wwwAuthenticate);
    }
    if (told.metadataUrl) {
        if (!oauth::mayDescribe(*told.metadataUrl, resource)) {
            co_return base::fail(
                oauth::Error{oauth::ErrorKind::Rejected,
                             "it says that its metadata is on another server: " + base::printable(*told.metadataUrl)});
        }
        auto metadata = co_await read(*told.metadataUrl, resource, transport);
        if (!metadata) {
            co_return base::fail(std::move(metadata.error()));
        }
        found = foundBy(std::move(*metadata), std::move(told));
        co_return std::move(found);
    }
    for (const std::string& url : oauth::resourceMetadataUrls(resource)) {
        auto response = co_await m_http.get(url, transport);
        if (!response && response.error().kind != oauth::ErrorKind::BadResponse) {
            co_return base::fail(std::move(response.error()));
        }
        if (!response || response->status != kFound) {
            continue; // it may describe itself at the next one, or not at all
        }
        auto metadata = oauth::parseResourceMetadata(response->body.reveal(), resource);
        if (!metadata) {
            co_return base::fail(std::move(metadata.error()));
        }
        found = foundBy(std::move(*metadata), std::move(told));
        co_return std::move(found);
    }
    if (wantsToken) {
        co_return base::fail(oauth::Error{oauth::ErrorKind::Rejected,
                                          "it wants a token and does not say which authorization server gives one"});
    }
    co_return std::move(found);
}

} // namespace keybearer::accounts
