#include "app/cli/account_text.h"
#include "app/cli/broker.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct ListOptions {
    bool names = false;
};

Cell clientOf(const json& provider) {
    if (!provider.value("issuer", json()).is_string()) {
        return {"-"};
    }
    const bool isSet = provider.value("client_id_set", json()) == true;
    return {isSet ? "set" : "needed", isSet ? Style::Good : Style::Warning};
}

Outcome list(const ListOptions& options, bool asJson) {
    const auto result = askBroker(options.names ? Start::Never : Start::IfNeeded, "provider.list");
    if (!result) {
        return base::fail(result.error());
    }
    const json& providers = listOf(*result, "providers");
    if (options.names) {
        return print(nameLines(providers, "provider")).map([] { return 0; });
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    Table table({"Provider", "Name", "AuthMethods", "ClientId", "Source", "Where"});
    for (const json& provider : providers) {
        table.add({{textOf(provider, "provider")},
                   {textOf(provider, "display_name")},
                   {joinedOf(provider, "auth_methods", ",")},
                   clientOf(provider),
                   {textOf(provider, "source")},
                   {textOf(provider, provider.value("issuer", json()).is_string() ? "issuer" : "dashboard_url")}});
    }
    return print(table.empty() ? "No providers are known. Sign in to any issuer with: keybearer login https://ISSUER\n"
                               : table.render(colourOnStdout()))
        .map([] { return 0; });
}

} // namespace

void addProvider(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("provider", "The services that you can sign in to or have keys of");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer provider list"}, {0, 8}));
    CLI::App* verb = group->add_subcommand("list", "Show every known provider and whether a client id is set for it");
    auto options = std::make_shared<ListOptions>();
    addNamesFlag(*verb, options->names);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer provider list", "keybearer provider list --json"}, {0, 8}));
    onRun(*verb, invocation, options, list);
}

} // namespace keybearer::cli
