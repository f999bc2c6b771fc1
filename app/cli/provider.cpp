#include "app/cli/account_text.h"
#include "app/cli/broker.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "ipc/client/credentials.h"
#include "ipc/protocol/limits.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct ProviderListOptions {
    bool names = false;
    bool all = false;
    bool allTenants = false;
    std::string tenant;
};

struct ProviderStatusOptions {
    std::string provider;
    std::string tenant;
};

struct StatusText {
    std::string_view status;
    const char* text;
    Style style;
};
constexpr std::array kStatusTexts{StatusText{"authenticated", "Authenticated", Style::Good},
                                  StatusText{"not_authenticated", "Not authenticated", Style::Plain},
                                  StatusText{"not_required", "Not required", Style::Plain},
                                  StatusText{"needs_login", "Needs login", Style::Warning},
                                  StatusText{"locked", "Locked", Style::Warning},
                                  StatusText{"expiring", "Expiring", Style::Warning}};

Cell clientOf(const json& provider) {
    if (!provider.value("issuer", json()).is_string()) {
        return {"-"};
    }
    const bool isSet = provider.value("client_id_set", json()) == true;
    return {isSet ? "set" : "needed", isSet ? Style::Good : Style::Warning};
}

Outcome listAll(const ProviderListOptions& options, bool asJson) {
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
    return print(table.render(colourOnStdout())).map([] { return 0; });
}

Outcome listStored(const ProviderListOptions& options, bool asJson) {
    if (options.all || options.names) {
        return listAll(options, asJson);
    }
    json params = options.tenant.empty() ? json::object() : json{{"tenant", options.tenant}};
    if (options.allTenants) {
        params["all_tenants"] = true;
    }
    const auto result = askBroker(Start::IfNeeded, "credential.list", params);
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    Table table({"Provider", "Tenant", "Name", "Field", "Value", "Set", "Used"});
    for (const json& credential : listOf(*result, "credentials")) {
        const auto used = numberOf(credential, "used_at");
        for (const json& field : listOf(credential, "fields")) {
            const bool isNext = textOf(field, "slot") == "next";
            const bool isTest = field.value("test", json()) == true;
            const bool isOpen = field.value("preview", json()).is_string();
            table.add({{textOf(credential, "provider")},
                       {textOf(credential, "tenant")},
                       {textOf(credential, "name")},
                       {textOf(field, "field") + (isNext ? " (next)" : "") + (isTest ? " (test)" : "")},
                       isOpen ? Cell{textOf(field, "preview")} : Cell{"cannot be opened", Style::Bad},
                       {localTime(numberOf(field, "set_at").value_or(0))},
                       {used ? relativeTime(*used, currentTime()) : "never"}});
        }
    }
    const std::string unreadable = joinedOf(*result, "unreadable", ", ");
    const std::string missing =
        unreadable.empty() ? std::string() : "The file of these tenants cannot be read: " + unreadable + "\n";
    return print(missing + (table.empty()
                                ? "No keys are stored. Store one with: keybearer provider set PROVIDER\nEvery provider "
                                  "that is known: keybearer provider list --all\n"
                                : table.render(colourOnStdout())))
        .map([] { return 0; });
}

/// The variables of this environment that any provider has, by name.
json variablesSet(const json& providers, client::Client& broker) {
    json set = json::array();
    for (const json& provider : providers) {
        client::CredentialRequest request;
        request.provider = textOf(provider, "provider");
        if (auto params = client::resolveParams(broker, request, base::processEnvironment())) {
            for (json& name : (*params)["environment"]) {
                if (set.size() < protocol::kMaxListEntries) {
                    set.push_back(std::move(name));
                }
            }
        }
    }
    return set;
}

/// "store (default/default)".
std::string placeText(const json& row) {
    std::string text = textOf(row, "source");
    if (const std::string from = textOf(row, "from"); !from.empty()) {
        text.append(" (").append(from).append(")");
    }
    return text.empty() ? "-" : text;
}

std::string statusTable(const json& result) {
    Table table({"Provider", "Status", "Source", "AuthMethods", "Expires"});
    for (const json& row : listOf(result, "providers")) {
        const std::string status = textOf(row, "status");
        const auto* const known = std::ranges::find(kStatusTexts, status, &StatusText::status);
        const auto expires = numberOf(row, "expires_at");
        const std::string methods = joinedOf(row, "auth_methods", ",");
        table.add({{textOf(row, "provider")},
                   known == kStatusTexts.end() ? Cell{status} : Cell{known->text, known->style},
                   {placeText(row)},
                   {methods.empty() ? "-" : methods},
                   {expires ? relativeTime(*expires, currentTime()) : "-"}});
    }
    std::string text = table.render(colourOnStdout());
    for (const json& row : listOf(result, "providers")) {
        if (const std::string detail = textOf(row, "detail"); !detail.empty()) {
            text.append(shown(textOf(row, "provider"))).append(": ").append(shown(detail)).append("\n");
        }
    }
    return text;
}

Outcome status(const ProviderStatusOptions& options, bool asJson) {
    auto broker = connectBroker(Start::IfNeeded);
    if (!broker) {
        return base::fail(broker.error());
    }
    json params = json::object();
    json providers = json::array();
    if (!options.provider.empty()) {
        params["provider"] = options.provider;
        providers.push_back({{"provider", options.provider}});
    } else if (const auto known = broker->call("provider.list", json::object())) {
        providers = listOf(*known, "providers");
    }
    if (!options.tenant.empty()) {
        params["tenant"] = options.tenant;
    }
    params["environment"] = variablesSet(providers, *broker);
    return broker->call("provider.status", params)
        .and_then([&](const json& result) { return print(asJson ? jsonText(result) : statusTable(result)); })
        .map([] { return 0; });
}

void addStatusOf(CLI::App& group, Invocation& invocation) {
    CLI::App* verb =
        group.add_subcommand("status", "Show which providers a program could use right now, and with what");
    auto options = std::make_shared<ProviderStatusOptions>();
    verb->add_option("provider", options->provider, "Only this provider")->type_name(kProviderArgument);
    verb->add_option("--tenant", options->tenant, "Whose; \"default\" when left out")->type_name("TENANT");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer provider status", "keybearer provider status openai --json"}, {0, 2, 6, 8}));
    onRun(*verb, invocation, options, status);
}

} // namespace

void addProvider(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("provider", "Providers, and the keys that you have of them");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer provider set openai", "keybearer provider list"}, {0, 2, 4, 6, 8}));
    CLI::App* verb = group->add_subcommand("list", "Show the stored keys, masked; or every known provider");
    auto options = std::make_shared<ProviderListOptions>();
    verb->add_flag("--all", options->all, "Every provider that is known, whether a key is stored or not");
    CLI::Option* tenant =
        verb->add_option("--tenant", options->tenant, "Whose; \"default\" when left out")->type_name("TENANT");
    verb->add_flag("--all-tenants", options->allTenants, "Of every tenant")->excludes(tenant);
    addNamesFlag(*verb, options->names);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer provider list", "keybearer provider list --all --json"}, {0, 6, 8}));
    onRun(*verb, invocation, options, listStored);
    addStatusOf(*group, invocation);
    addProviderKeys(*group, invocation);
}

} // namespace keybearer::cli
