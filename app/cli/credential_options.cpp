#include "app/cli/credential_options.h"

#include <CLI/CLI.hpp>

namespace keybearer::cli {

client::CredentialRequest requestOf(const ResolveOptions& options) {
    client::CredentialRequest request;
    request.provider = options.provider;
    request.name = options.name;
    request.tenant = options.tenant;
    request.only = options.only;
    request.next = options.next;
    return request;
}

void addResolveOptions(CLI::App& verb, ResolveOptions& options) {
    addCredentialOptions(verb, options);
    verb.add_option("--only", options.only,
                    "Look at this layer and at no other: call, instance, environment, store, shared, "
                    "broker_environment, default; repeat it for more than one")
        ->type_name("LAYER")
        ->expected(1)
        ->take_all();
    verb.add_flag("--next", options.next, "The stored value that is to follow the one in use");
}

} // namespace keybearer::cli
