#pragma once
/// \file
/// What protected resources say of themselves (RFC 9728), asked for when somebody signs in to one.

#include "daemon/oauth/http_client.h"
#include "daemon/oauth/resource_metadata.h"

#include <QCoroTask>

#include <optional>
#include <string>
#include <vector>

namespace keybearer::accounts {

struct FoundResource {
    oauth::ResourceMetadata metadata;
    /// What its challenge asks for (RFC 6750 section 3); nullopt: it did not say.
    std::optional<std::vector<std::string>> challengedScopes;
};

/// Main thread; it keeps nothing. `http` outlives it.
class ResourceDirectory {
public:
    explicit ResourceDirectory(oauth::HttpClient& http) : m_http(http) {}

    /// Asks the resource without a token, and follows its challenge to its metadata (RFC 9728 section 5); else looks at
    /// the well-known places. nullopt: it is no protected resource, as far as anybody says.
    [[nodiscard]] QCoro::Task<oauth::Result<std::optional<FoundResource>>> find(std::string resource,
                                                                                oauth::Transport transport);
    /// Whether this very address has metadata of a resource, at the first of its well-known places.
    [[nodiscard]] QCoro::Task<std::optional<FoundResource>> described(std::string resource, oauth::Transport transport);

private:
    [[nodiscard]] QCoro::Task<oauth::Result<oauth::ResourceMetadata>> read(std::string url, std::string resource,
                                                                           oauth::Transport transport);

    oauth::HttpClient& m_http;
};

} // namespace keybearer::accounts
