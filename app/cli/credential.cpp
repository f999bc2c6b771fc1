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

struct ResolveOptions : CredentialOptions {
    std::vector<std::string> only;
    std::string field;
    bool next = false;
};

client::CredentialRequest requestOf(const ResolveOptions& options) {
    client::CredentialRequest request;
    request.provider = options.provider;
    request.name = options.name;
    request.tenant = options.tenant;
    request.only = options.only;
    request.next = options.next;
    return request;
}

std::string placeOf(const json& place) {
    const std::string from = textOf(place, "from");
    return textOf(place, "source") + (from.empty() ? "" : " (" + from + ")");
}

void warnOnStderr(const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) {
        std::fprintf(stderr, "keybearer: %s\n", shown(warning).c_str());
    }
}

/// The chain as a person reads it: what is taken, from where, and what that hides or passes over.
std::string drawn(const json& result) {
    const bool colour = colourOnStdout();
    std::string text = styled(shown(textOf(result, "provider")), Style::Bold, colour) +
                       "  looked at: " + shown(joinedOf(result, "looked_at", " > ")) + "\n";
    for (const json& field : listOf(result, "fields")) {
        const std::string fingerprint = textOf(field, "fingerprint");
        text += "  " + shown(textOf(field, "field")) + "  <- " + styled(shown(placeOf(field)), Style::Good, colour) +
                (fingerprint.empty() ? "" : "  [" + shown(fingerprint) + "]") + "\n";
        for (const json& hidden : listOf(result, "shadowed")) {
            if (textOf(hidden, "field") == textOf(field, "field")) {
                text += "      hides " + shown(placeOf(hidden)) + "\n";
            }
        }
    }
    for (const json& place : listOf(result, "ignored")) {
        const bool isIncomplete = textOf(place, "why") == "incomplete";
        text += "  " + shown(textOf(place, "field")) + "  x  " + shown(placeOf(place)) +
                (isIncomplete ? ": a part of a credential only, and another place has a whole one\n"
                              : ": the secrets come from another place\n");
    }
    for (const json& warning : listOf(result, "warnings")) {
        text += styled("Warning", Style::Warning, colour) + "  " +
                shown(warning.is_string() ? warning.get_ref<const std::string&>() : std::string()) + "\n";
    }
    if (result.value("complete", json()) != true) {
        text += styled("Not complete", Style::Bad, colour) + ": store a key with keybearer provider set " +
                shown(textOf(result, "provider")) + "\n";
    }
    return text;
}

Outcome explain(const ResolveOptions& options, bool asJson) {
    return withBroker(Start::IfNeeded,
                      [&](client::Client& broker) {
                          return client::resolveParams(broker, requestOf(options), base::processEnvironment())
                              .and_then([&](const json& params) { return broker.call("credential.explain", params); });
                      })
        .and_then([&](const json& result) { return print(asJson ? jsonText(result) : drawn(result)); })
        .map([] { return 0; });
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

void addExplain(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("explain", "Show where a provider's key comes from, and what that hides");
    auto options = std::make_shared<ResolveOptions>();
    addResolveOptions(*verb, *options);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer explain openai", "keybearer explain openai --only environment"}, {0, 2, 6, 8}));
    onRun(*verb, invocation, options, explain);
}

} // namespace keybearer::cli
