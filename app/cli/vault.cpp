#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/keychain_setup.h"
#include "app/cli/output.h"
#include "app/cli/prompt.h"
#include "app/cli/verbs.h"
#include "ipc/base/private_file.h"
#include "ipc/protocol/limits.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct VaultOptions {
    std::string file;
    std::string tenant;
    std::string passphraseFile;
    bool shared = false;
    bool replace = false;

    [[nodiscard]] json params() const {
        json params = json::object();
        if (!tenant.empty()) {
            params["tenant"] = tenant;
        }
        if (shared) {
            params["shared"] = true;
        }
        return params;
    }
};

client::Result<base::Secret> passphraseOf(const VaultOptions& options, bool isNew) {
    if (!options.passphraseFile.empty()) {
        return readSecretFile(options.passphraseFile);
    }
    auto terminal = Terminal::open();
    if (!terminal) {
        return base::fail(usageError("there is no terminal to ask for the passphrase at; use --passphrase-file FILE"));
    }
    return isNew ? askNewPassphrase(*terminal) : terminal->readSecret("Passphrase of the exported vault: ");
}

client::Result<json> callBroker(const char* method, json params, const base::Secret& passphrase) {
    auto broker = connectBroker(Start::IfNeeded);
    if (!broker) {
        return base::fail(broker.error());
    }
    return callWithSecret(*broker, method, std::move(params), "passphrase", passphrase);
}

Outcome exportVault(const VaultOptions& options, bool asJson) {
    const auto passphrase = passphraseOf(options, true);
    if (!passphrase) {
        return base::fail(passphrase.error());
    }
    const auto result = callBroker("vault.export", options.params(), *passphrase);
    if (!result) {
        return base::fail(result.error());
    }
    if (auto written = base::writePrivateFile(options.file, textOf(*result, "document")); !written) {
        return base::fail(failure("storage_error", written.error(), 6));
    }
    const auto values = numberOf(*result, "values").value_or(0);
    return print(asJson ? jsonText(json{{"tenant", textOf(*result, "tenant")}, {"values", values}})
                        : "Exported " + std::to_string(values) + (values == 1 ? " value" : " values") + " to " +
                              shown(options.file) + ", sealed with the passphrase. Keep both apart.\n")
        .map([] { return 0; });
}

Outcome importVault(const VaultOptions& options, bool asJson) {
    const auto document = base::readPrivateFile(options.file, protocol::kMaxDocumentBytes);
    if (!document || !*document) {
        return base::fail(
            failure("invalid_value", document ? shown(options.file) + " is not there" : document.error(), 2));
    }
    const auto passphrase = passphraseOf(options, false);
    if (!passphrase) {
        return base::fail(passphrase.error());
    }
    json params = options.params();
    params["document"] = std::string((*document)->reveal());
    if (options.replace) {
        params["replace"] = true;
    }
    const auto result = callBroker("vault.import", std::move(params), *passphrase);
    if (!result) {
        return base::fail(result.error());
    }
    const auto values = numberOf(*result, "values").value_or(0);
    return print(asJson ? jsonText(*result)
                        : "Imported " + std::to_string(values) + (values == 1 ? " value.\n" : " values.\n"))
        .map([] { return 0; });
}

void addVaultOptions(CLI::App& verb, VaultOptions& options, Invocation& invocation) {
    verb.add_option("file", options.file, "The sealed file")->type_name(kFileArgument)->required();
    verb.add_option("--tenant", options.tenant, "Whose; \"default\" when left out")->type_name("TENANT");
    verb.add_flag("--shared", options.shared, "The namespace that every tenant falls back to");
    verb.add_option("--passphrase-file", options.passphraseFile,
                    "Read the passphrase from there; \"-\" is standard input")
        ->type_name(kFileArgument);
    addJsonFlag(verb, invocation);
}

} // namespace

void addVault(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("vault", "Take the stored keys to another machine, or back after a loss");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer vault export keys.json", "keybearer vault import keys.json"}, {0, 2, 6, 8}));
    CLI::App* out = group->add_subcommand("export", "Write all keys of a tenant into a file, sealed with a passphrase");
    auto outOptions = std::make_shared<VaultOptions>();
    addVaultOptions(*out, *outOptions, invocation);
    out->footer(helpFooter({"keybearer vault export keys.json"}, {0, 2, 6, 8}));
    onRun(*out, invocation, outOptions, exportVault);
    CLI::App* in = group->add_subcommand("import", "Put the keys of such a file into the vault");
    auto inOptions = std::make_shared<VaultOptions>();
    addVaultOptions(*in, *inOptions, invocation);
    in->add_flag("--replace", inOptions->replace,
                 "Take everything out of the vault first: the way back when the keychain has lost its key");
    in->footer(
        helpFooter({"keybearer vault import keys.json", "keybearer vault import keys.json --replace"}, {0, 2, 6, 8}));
    onRun(*in, invocation, inOptions, importVault);
}

} // namespace keybearer::cli
