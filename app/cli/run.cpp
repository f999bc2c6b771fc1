#include "app/cli/run.h"

#include "app/cli/broker.h"
#include "app/cli/child.h"
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

/// Every variable that a provider is read from: what of them is not set again must not stay, or a stranger's endpoint
/// would stand beside our key.
std::vector<std::string> variablesOf(const json& described, const std::string& field, const char* kind) {
    std::vector<std::string> names;
    for (const json& one : listOf(described, "fields")) {
        if (!field.empty() && textOf(one, "field") != field) {
            continue;
        }
        for (const json& name : listOf(one, kind)) {
            if (name.is_string()) {
                names.push_back(name.get<std::string>());
            }
        }
    }
    return names;
}

void addToChild(const json& described, const client::Credential& credential, Child& child) {
    for (const char* kind : {"variables", "path_variables"}) {
        for (const std::string& name : variablesOf(described, {}, kind)) {
            child.unset(name);
        }
    }
    for (const client::CredentialField& field : credential.fields) {
        if (field.source == "default") {
            continue; // every program knows it
        }
        const auto paths = variablesOf(described, field.field, "path_variables");
        if (!paths.empty()) {
            child.setFile(paths, field.value);
            continue;
        }
        for (const std::string& name : variablesOf(described, field.field, "variables")) {
            child.set(name, field.value);
        }
    }
}

/// One provider's part of the child's environment.
client::Result<void> prepare(client::Client& broker, const RunOptions& options, const std::string& provider,
                             Child& child) {
    const auto described = broker.call("provider.describe", {{"provider", provider}});
    if (!described) {
        return base::fail(described.error());
    }
    client::CredentialRequest request;
    request.provider = provider;
    request.tenant = options.tenant;
    request.only = options.only;
    const auto credential = client::resolveCredential(broker, request, base::processEnvironment());
    if (!credential) {
        return base::fail(credential.error());
    }
    for (const std::string& warning : credential->warnings) {
        std::fprintf(stderr, "keybearer: %s\n", shown(warning).c_str());
    }
    addToChild(*described, *credential, child);
    return {};
}

} // namespace

Outcome runWithCredentials(const RunOptions& options, const std::vector<std::string>& command) {
    const auto paths = base::currentPaths();
    if (!paths) {
        return base::fail(failure("invalid_environment", paths.error(), 2));
    }
    Child child(paths->runtimeDir);
    for (const std::string& variable : options.withheld) {
        child.unset(variable);
    }
    for (const std::string& provider : options.providers) {
        const auto prepared = withBroker(
            Start::IfNeeded, [&](client::Client& broker) { return prepare(broker, options, provider, child); });
        if (!prepared) {
            return base::fail(prepared.error());
        }
    }
    return child.run(command);
}

void addPlaces(CLI::App& verb, RunOptions& options) {
    verb.add_option("--tenant", options.tenant, "Whose keys; \"default\" when left out")->type_name("TENANT");
    verb.add_option("--only", options.only, "Look at this layer and at no other; repeat it for more than one")
        ->type_name("LAYER")
        ->expected(1)
        ->take_all();
}

void addRun(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("run", "Run a program with the keys of some providers in its environment");
    auto options = std::make_shared<RunOptions>();
    verb->add_option("-p,--provider", options->providers, "A provider whose key it gets; repeat it for more than one")
        ->type_name(kProviderArgument)
        ->expected(1)
        ->take_all()
        ->required();
    addPlaces(*verb, *options);
    verb->footer(
        helpFooter({"keybearer run -p openai -- python3 ask.py", "keybearer run -p openai -p anthropic -- env"},
                   {0, 2, 4, 5, 6, 8}));
    verb->callback([&invocation, options] {
        invocation.run = [&invocation, options]() -> Outcome {
            if (invocation.command.empty()) {
                return base::fail(usageError("say what to run: keybearer run -p PROVIDER -- COMMAND"));
            }
            return runWithCredentials(*options, invocation.command);
        };
    });
}

} // namespace keybearer::cli
