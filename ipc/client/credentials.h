#pragma once
/// \file
/// A provider's credential, resolved together with the broker: what the caller has itself stays here, only its names
/// are sent (PROTOCOL.md, credential.resolve).

#include "ipc/base/secret.h"
#include "ipc/client/client.h"

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

} // namespace keybearer::client
