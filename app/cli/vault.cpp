#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/keychain_setup.h"
#include "app/cli/output.h"
#include "app/cli/prompt.h"
#include "app/cli/verbs.h"
#include "ipc/base/private_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxExportedBytes = 256U << 20;

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
    auto broker = connectToStay();
    if (!broker) {
        return base::fail(broker.error());
    }
    return callWithSecret(*broker, method, std::move(params), "passphrase", passphrase);
}

/// A line for each document.
client::Result<std::string> exportedDocuments(const VaultOptions& options, const base::Secret& passphrase,
                                              std::int64_t& values) {
    std::string text;
    for (json params = options.params();;) {
        const auto result = callBroker("vault.export", params, passphrase);
        if (!result) {
            return base::fail(result.error());
        }
        std::string document = textOf(*result, "document");
        std::erase(document, '\n');
        text.append(document).append("\n");
        values += numberOf(*result, "values").value_or(0);
        const std::string next = textOf(*result, "next");
        if (next.empty()) {
            return text;
        }
        params["after"] = next;
    }
}

Outcome exportVault(const VaultOptions& options, bool asJson) {
    const auto passphrase = passphraseOf(options, true);
    if (!passphrase) {
        return base::fail(passphrase.error());
    }
    std::int64_t values = 0;
    const auto text = exportedDocuments(options, *passphrase, values);
    if (!text) {
        return base::fail(text.error());
    }
    if (auto written = base::writePrivateFile(options.file, *text); !written) {
        return base::fail(failure("storage_error", written.error(), 6));
    }
    return print(asJson ? jsonText(json{{"values", values}})
                        : "Exported " + std::to_string(values) + (values == 1 ? " value" : " values") + " to " +
                              shown(options.file) + ", sealed with the passphrase. Keep both apart.\n")
        .map([] { return 0; });
}

/// How many values went in, one document after the other. A wrong passphrase fails with the first, which changes
/// nothing.
client::Result<std::int64_t> importDocuments(const VaultOptions& options, std::string_view text,
                                             const base::Secret& passphrase) {
    std::int64_t values = 0;
    json params = options.params();
    params["replace"] = options.replace;
    do {
        const std::size_t end = std::min(text.find('\n'), text.size());
        params["document"] = std::string(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        auto result = callBroker("vault.import", params, passphrase);
        if (!result && values > 0) {
            result.error().message += "; " + std::to_string(values) + " values of the file are in the vault already";
        }
        if (!result) {
            return base::fail(result.error());
        }
        values += numberOf(*result, "values").value_or(0);
        params["replace"] = false;
    } while (!text.empty());
    return values;
}

Outcome importVault(const VaultOptions& options, bool asJson) {
    const auto file = base::readPrivateFile(options.file, kMaxExportedBytes);
    if (!file || !*file) {
        return base::fail(failure("invalid_value", file ? shown(options.file) + " is not there" : file.error(), 2));
    }
    const auto passphrase = passphraseOf(options, false);
    if (!passphrase) {
        return base::fail(passphrase.error());
    }
    const auto values = importDocuments(options, (*file)->reveal(), *passphrase);
    if (!values) {
        return base::fail(values.error());
    }
    return print(asJson ? jsonText(json{{"values", *values}})
                        : "Imported " + std::to_string(*values) + (*values == 1 ? " value.\n" : " values.\n"))
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
