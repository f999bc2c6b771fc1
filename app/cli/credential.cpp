#include "app/cli/broker.h"
#include "app/cli/credential_options.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "ipc/client/credentials.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

void warnOnStderr(const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) {
        std::fprintf(stderr, "keybearer: %s\n", shown(warning).c_str());
    }
}

/// One value and a line feed, in a string that is wiped.
Outcome printValue(const client::CredentialField& field) {
    std::string text;
    text.reserve(field.value.size() + 1);
    text.append(field.value.reveal()).push_back('\n');
    const auto printed = print(text);
    base::wipe(text);
    return printed.map([] { return 0; });
}

Outcome printAll(const client::Credential& credential) {
    json result{{"provider", credential.provider}, {"fields", json::array()}, {"warnings", credential.warnings}};
    for (const client::CredentialField& field : credential.fields) {
        result["fields"].push_back({{"field", field.field}, {"source", field.source}, {"from", field.from}});
        result["fields"].back()["value"] = std::string(field.value.reveal());
    }
    std::string text = jsonText(result);
    const auto printed = print(text);
    base::wipe(text);
    for (json& field : result["fields"]) {
        base::wipe(field["value"].get_ref<std::string&>());
    }
    return printed.map([] { return 0; });
}

/// The field that is printed where none is named.
client::Result<std::string> wantedField(client::Client& broker, const ResolveOptions& options) {
    if (!options.field.empty()) {
        return options.field;
    }
    const auto described = broker.call("provider.describe", {{"provider", options.provider}});
    if (!described) {
        return base::fail(described.error());
    }
    std::string field = textOf(*described, "main_field");
    if (field.empty()) {
        return base::fail(usageError("say which field with --field, or take them all with --json"));
    }
    return field;
}

Outcome resolve(const ResolveOptions& options, bool asJson) {
    client::CredentialRequest request = requestOf(options);
    const auto credential =
        withBroker(Start::IfNeeded, [&](client::Client& broker) -> client::Result<client::Credential> {
            if (!asJson || !options.field.empty()) {
                auto wanted = wantedField(broker, options);
                if (!wanted) {
                    return base::fail(wanted.error());
                }
                request.fields = {std::move(*wanted)};
            }
            return client::resolveCredential(broker, request, base::processEnvironment());
        });
    if (!credential) {
        return base::fail(credential.error());
    }
    if (asJson) {
        return printAll(*credential);
    }
    warnOnStderr(credential->warnings);
    const client::CredentialField* field = credential->field(request.fields.front());
    if (field == nullptr) {
        return base::fail(
            failure("no_credential", "no place that was looked at has the field " + shown(request.fields.front()), 4));
    }
    return printValue(*field);
}

} // namespace

void addResolve(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("resolve", "Print a provider's key, and nothing else");
    auto options = std::make_shared<ResolveOptions>();
    addResolveOptions(*verb, *options);
    verb->add_option("--field", options->field, "This field instead of the main one")->type_name("FIELD");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer resolve openai", "keybearer resolve bedrock --json",
                             "keybearer resolve openai --only store --name work"},
                            {0, 2, 4, 5, 6, 8}));
    onRun(*verb, invocation, options, resolve);
}

} // namespace keybearer::cli
