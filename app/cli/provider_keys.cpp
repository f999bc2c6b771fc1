#include "app/cli/broker.h"
#include "app/cli/credential_options.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/prompt.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct SetOptions : CredentialOptions {
    std::vector<std::string> assignments;
    std::string field;
    std::string file;
    bool next = false;
    bool test = false;
};

struct RemoveOptions : CredentialOptions {
    std::string field;
};

struct RenameKeyOptions : CredentialOptions {
    std::string newName;
};

client::Error secretOnCommandLine(const std::string& provider) {
    return usageError("a key does not belong on the command line, where every program of this machine and the shell's "
                      "history can see it; run: keybearer provider set " +
                      shown(provider, 64) + " and type it when you are asked, or give --file FILE");
}

const json* fieldIn(const json& described, const std::string& name) {
    for (const json& field : listOf(described, "fields")) {
        if (textOf(field, "field") == name) {
            return &field;
        }
    }
    return nullptr;
}

/// FIELD=VALUE for what is no secret.
client::Result<json> assignedFields(const SetOptions& options, const json& described) {
    json fields = json::object();
    for (const std::string& assignment : options.assignments) {
        const auto equals = assignment.find('=');
        const json* field = equals == std::string::npos ? nullptr : fieldIn(described, assignment.substr(0, equals));
        if (field == nullptr || field->value("secret", json()) == true) {
            return base::fail(secretOnCommandLine(options.provider));
        }
        fields[assignment.substr(0, equals)] = assignment.substr(equals + 1);
    }
    return fields;
}

/// A JSON object whose members are all fields of the provider is several values; anything else is one.
bool isFieldObject(const json& object, const json& described) {
    return object.is_object() && !object.empty() && std::ranges::all_of(object.items(), [&](const auto& member) {
               return member.value().is_string() && fieldIn(described, member.key()) != nullptr;
           });
}

client::Result<base::Secret> askedFor(const std::string& title, const std::string& field, const std::string& file) {
    if (!file.empty()) {
        return readSecretText(file);
    }
    auto terminal = Terminal::open();
    if (!terminal) {
        return base::fail(usageError("there is no terminal to ask for the key at; use --file FILE (\"-\" is standard "
                                     "input)"));
    }
    return terminal->readSecret(shown(title) + " " + shown(field) + ": ");
}

/// Adds the value that was typed or read.
client::Result<void> addSecret(const SetOptions& options, const json& described, json& fields) {
    const std::string field = options.field.empty() ? textOf(described, "main_field") : options.field;
    const client::Error whichField =
        usageError(shown(textOf(described, "display_name")) +
                   " has several fields; say which with --field, or give a JSON object of them with --file");
    if (field.empty() && options.file.empty()) {
        return base::fail(whichField);
    }
    auto secret = askedFor(textOf(described, "display_name"), field, options.file);
    if (!secret) {
        return base::fail(secret.error());
    }
    json object = options.field.empty() ? json::parse(secret->reveal(), nullptr, false) : json();
    if (!options.file.empty() && isFieldObject(object, described)) {
        fields.update(object);
        return {};
    }
    if (field.empty()) {
        return base::fail(whichField);
    }
    fields[field] = std::string(secret->reveal());
    return {};
}

Outcome set(const SetOptions& options, bool asJson) {
    auto broker = connectToStay();
    if (!broker) {
        return base::fail(broker.error());
    }
    const auto described = broker->call("provider.describe", {{"provider", options.provider}});
    if (!described) {
        return base::fail(described.error());
    }
    auto fields = assignedFields(options, *described);
    if (!fields) {
        return base::fail(fields.error());
    }
    // Only what is no secret was named: then nothing is asked for.
    if (options.assignments.empty() || !options.file.empty() || !options.field.empty()) {
        if (auto added = addSecret(options, *described, *fields); !added) {
            return base::fail(added.error());
        }
    }
    json params = options.params();
    if (options.next) {
        params["next"] = true;
    }
    if (options.test) {
        params["test"] = true;
    }
    params["fields"] = std::move(*fields);
    const auto result = broker->call("credential.set", params);
    for (json& value : params["fields"]) {
        base::wipe(value.get_ref<std::string&>());
    }
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    std::string text = "Stored " + shown(joinedOf(*result, "fields", ", ")) + " of " +
                       shown(textOf(*described, "display_name")) + (options.next ? " as the next value" : "") +
                       (options.test ? " for test" : "") + ".\n";
    for (const json& warning : listOf(*result, "warnings")) {
        text += styled("Warning", Style::Warning, colourOnStdout()) + "  " +
                shown(warning.is_string() ? warning.get_ref<const std::string&>() : std::string()) + "\n";
    }
    return print(text).map([] { return 0; });
}

/// Calls, and says one sentence.
Outcome callAndSay(const char* method, const json& params, bool asJson, const char* said) {
    return askBroker(Start::IfNeeded, method, params)
        .and_then([&](const json& result) { return print(asJson ? jsonText(result) : std::string(said) + "\n"); })
        .map([] { return 0; });
}

Outcome remove(const RemoveOptions& options, bool asJson) {
    json params = options.params();
    if (!options.field.empty()) {
        params["field"] = options.field;
    }
    return callAndSay("credential.remove", params, asJson, "Removed.");
}

Outcome switchKeys(const CredentialOptions& options, bool asJson) {
    return callAndSay("credential.switch", options.params(), asJson,
                      "The next value is in use now, and the one before it is the next: the same command goes back.");
}

Outcome renameKey(const RenameKeyOptions& options, bool asJson) {
    json params = options.params();
    params["new_name"] = options.newName;
    const std::string said = shown(options.name) + " is now " + shown(options.newName) + ".";
    return callAndSay("credential.rename", params, asJson, said.c_str());
}

/// In steps, so that a person at a terminal sees it go on.
client::Result<json> rotateInSteps(json params) {
    constexpr int kStep = 2'000;
    std::int64_t done = 0;
    for (params["limit"] = kStep;; params["go_on"] = true) {
        auto result = askBroker(Start::IfNeeded, "credential.rotate", params);
        if (!result) {
            return result;
        }
        done += numberOf(*result, "sealed").value_or(0);
        const std::int64_t left = numberOf(*result, "left").value_or(0);
        if (left == 0) {
            if (done > kStep && ::isatty(STDERR_FILENO) != 0) {
                std::fputs("\r\x1b[K", stderr);
            }
            (*result)["sealed"] = done;
            return result;
        }
        if (::isatty(STDERR_FILENO) != 0) {
            std::fprintf(stderr, "\r%lld of %lld sealed anew ", static_cast<long long>(done),
                         static_cast<long long>(done + left));
        }
    }
}

Outcome rotate(const CredentialOptions& options, bool asJson) {
    json params = options.params();
    params.erase("name");
    return rotateInSteps(std::move(params))
        .and_then([&](const json& result) {
            const auto sealed = numberOf(result, "sealed").value_or(0);
            return print(asJson ? jsonText(result)
                                : "Sealed " + std::to_string(sealed) + (sealed == 1 ? " value" : " values") +
                                      " anew, with a new data key.\n");
        })
        .map([] { return 0; });
}

void addSet(CLI::App& group, Invocation& invocation) {
    CLI::App* verb = group.add_subcommand("set", "Store a provider's key; it is asked for, or read from a file");
    auto options = std::make_shared<SetOptions>();
    addCredentialOptions(*verb, *options);
    addSharedFlag(*verb, *options);
    verb->add_option("fields", options->assignments, "FIELD=VALUE for what is no secret, such as region=eu-west-1")
        ->type_name("FIELD=VALUE");
    verb->add_option("--field", options->field, "The field that is meant, where it is not the main one")
        ->type_name("FIELD");
    verb->add_option("--file", options->file,
                     "Read the value from there, or a JSON object of fields; \"-\" is standard input")
        ->type_name(kFileArgument);
    verb->add_flag("--next", options->next, "Store it as the value that is to follow the one in use");
    verb->add_flag("--test", options->test, "It is for test: a client key for test may have it, and no other value");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer provider set openai", "keybearer provider set vertex --file key.json",
                             "keybearer provider set bedrock region=eu-west-1",
                             "keybearer provider set openai --name work --file -"},
                            {0, 2, 6, 8}));
    onRun(*verb, invocation, options, set);
}

void addRemove(CLI::App& group, Invocation& invocation) {
    CLI::App* verb = group.add_subcommand("remove", "Forget a provider's stored key");
    auto options = std::make_shared<RemoveOptions>();
    addCredentialOptions(*verb, *options);
    addSharedFlag(*verb, *options);
    verb->add_option("--field", options->field, "Only this field")->type_name("FIELD");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer provider remove openai"}, {0, 2, 4, 6, 8}));
    onRun(*verb, invocation, options, remove);
}

void addRename(CLI::App& group, Invocation& invocation) {
    CLI::App* verb =
        group.add_subcommand("rename", "Give a stored key another name; grants for the old one do not fit it");
    auto options = std::make_shared<RenameKeyOptions>();
    verb->add_option("provider", options->provider, "A provider's name")->type_name(kProviderArgument)->required();
    verb->add_option("name", options->name, "Present name")->type_name("NAME")->required();
    verb->add_option("new-name", options->newName, "New name")->type_name("NEW_NAME")->required();
    addTenantOption(*verb, *options);
    addSharedFlag(*verb, *options);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer provider rename openai default work"}, {0, 2, 4, 6, 8}));
    onRun(*verb, invocation, options, renameKey);
}

} // namespace

json CredentialOptions::params() const {
    json params = json::object();
    for (const auto& [key, value] :
         {std::pair("provider", &provider), std::pair("name", &name), std::pair("tenant", &tenant)}) {
        if (!value->empty()) {
            params[key] = *value;
        }
    }
    if (shared) {
        params["shared"] = true;
    }
    return params;
}

void addCredentialOptions(CLI::App& verb, CredentialOptions& options) {
    verb.add_option("provider", options.provider, "A provider's name")->type_name(kProviderArgument)->required();
    verb.add_option("--name", options.name, "Which of several keys of the provider")->type_name("NAME");
    addTenantOption(verb, options);
}

void addTenantOption(CLI::App& verb, CredentialOptions& options) {
    verb.add_option("--tenant", options.tenant, "Whose; \"default\" when left out")->type_name("TENANT");
}

void addSharedFlag(CLI::App& verb, CredentialOptions& options) {
    verb.add_flag("--shared", options.shared, "In the namespace that every tenant falls back to");
}

void addProviderKeys(CLI::App& group, Invocation& invocation) {
    addSet(group, invocation);
    addRemove(group, invocation);
    addRename(group, invocation);
    CLI::App* change = group.add_subcommand("switch", "Put the next key in the place of the one in use, or back");
    auto changed = std::make_shared<CredentialOptions>();
    addCredentialOptions(*change, *changed);
    addSharedFlag(*change, *changed);
    addJsonFlag(*change, invocation);
    change->footer(
        helpFooter({"keybearer provider set openai --next", "keybearer provider switch openai"}, {0, 2, 4, 6, 8}));
    onRun(*change, invocation, changed, switchKeys);

    CLI::App* again = group.add_subcommand("rotate", "Seal a provider's stored values anew, with a new data key");
    auto rotated = std::make_shared<CredentialOptions>();
    addCredentialOptions(*again, *rotated);
    addSharedFlag(*again, *rotated);
    addJsonFlag(*again, invocation);
    again->footer(helpFooter({"keybearer provider rotate openai"}, {0, 2, 4, 6, 8}));
    onRun(*again, invocation, rotated, rotate);
}

void addTenant(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("tenant", "Those whose keys are kept apart from each other");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer tenant rotate"}, {0, 4, 6, 8}));
    CLI::App* verb =
        group->add_subcommand("rotate", "A new data key, and everything of the tenant sealed anew with it");
    auto options = std::make_shared<CredentialOptions>();
    verb->add_option("tenant", options->tenant, "Whose; \"default\" when left out")->type_name("TENANT");
    addSharedFlag(*verb, *options);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer tenant rotate", "keybearer tenant rotate acme"}, {0, 4, 6, 8}));
    onRun(*verb, invocation, options, rotate);
}

} // namespace keybearer::cli
