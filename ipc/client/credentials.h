#pragma once
/// \file
/// A provider's credential, resolved together with the broker: what the caller has itself stays here, only its names
/// are sent (PROTOCOL.md, credential.resolve).

#include "ipc/base/secret.h"
#include "ipc/client/client.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace keybearer::client {

/// Values that the caller has, by field.
using OwnFields = std::map<std::string, base::Secret>;

struct CredentialRequest {
    std::string provider;
    std::string name;                ///< which of several keys; empty: "default"
    std::string tenant;              ///< empty: "default"
    std::vector<std::string> fields; ///< empty: all that are found
    std::vector<std::string> only;   ///< the only layers that may be looked at; empty: all
    bool next = false;               ///< the stored value that is to follow the one in use
    OwnFields call;                  ///< given with this request
    OwnFields instance;              ///< given when the caller's own client was made
};

struct CredentialField {
    std::string field;
    std::string source; ///< the layer: "environment", "store", ...
    std::string from;   ///< a variable's name, "tenant/name", or empty
    bool secret = false;
    base::Secret value;
};

struct Credential {
    std::string provider;
    std::vector<CredentialField> fields;
    std::vector<std::string> warnings; ///< sentences for the person
    std::string version;               ///< another one whenever the values are others

    /// Null when it is not among the fields.
    [[nodiscard]] const CredentialField* field(std::string_view name) const;
};

/// The parameters of credential.resolve and credential.explain: asks provider.describe which variables matter, and
/// names those that `environment` has.
[[nodiscard]] Result<nlohmann::json> resolveParams(Client& broker, const CredentialRequest& request,
                                                   const base::Environment& environment);

/// `request` keeps its values. A variable that names a file is read here, with the caller's rights; errors name it.
[[nodiscard]] Result<Credential> resolveCredential(Client& broker, const CredentialRequest& request,
                                                   const base::Environment& environment);

enum class CredentialEvent {
    None,    ///< nothing changed in that time
    Renewed, ///< resolve again; what one has may go on to its end with what it has begun
    Removed, ///< there is none any more
};

/// A credential that a program holds for long, on a connection of its own.
class CredentialLease {
public:
    /// Resolves. `environment` is kept and looked into again when the credential is renewed.
    [[nodiscard]] static Result<CredentialLease> open(Client broker, CredentialRequest request,
                                                      base::Environment environment);

    [[nodiscard]] const Credential& credential() const noexcept { return m_credential; }
    /// Blocks until something happens to the credential, at most `wait` (0 to 300 s). After Renewed, credential() is
    /// the new one; a token that would end is renewed meanwhile. After an error of the connection, open another lease.
    [[nodiscard]] Result<CredentialEvent> wait(std::chrono::seconds wait);

private:
    CredentialLease(Client broker, CredentialRequest request, base::Environment environment, nlohmann::json params);
    [[nodiscard]] Result<void> resolve();

    Client m_broker;
    CredentialRequest m_request;
    base::Environment m_environment;
    nlohmann::json m_params;
    Credential m_credential;
};

} // namespace keybearer::client
