#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/keychain_setup.h"
#include "app/cli/output.h"
#include "app/cli/status_text.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct KeychainStatusOptions {};

struct MigrateOptions {
    std::string to;
    std::string passphraseFile;
    bool noPassphrase = false;
};

Outcome keychainStatus(const KeychainStatusOptions&, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "keychain.status");
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    std::string text = "Keychain   " + keychainText(*result, colourOnStdout()) + "\n";
    if (const auto chosen = numberOf(*result, "chosen_at")) {
        text += "Chosen     " + localTime(*chosen) + "\n";
    }
    if (const std::string detail = textOf(*result, "detail"); !detail.empty()) {
        text += "           " + shown(detail) + "\n";
    }
    return print(text).map([] { return 0; });
}

Outcome showMigrated(const client::Result<json>& result, bool asJson) {
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    const std::string backend = textOf(*result, "backend");
    const auto moved = numberOf(*result, "moved").value_or(0);
    return print("Tokens are now kept in: " + shown(backend) + " (" + std::to_string(moved) +
                 (moved == 1 ? " item" : " items") + " moved).\n")
        .map([] { return 0; });
}

Outcome migrate(const MigrateOptions& options, bool asJson) {
    if (options.to == "secret-service") {
        if (options.noPassphrase || !options.passphraseFile.empty()) {
            return base::fail(usageError("the keyring service has its own password; leave the passphrase options out"));
        }
        return showMigrated(askBroker(Start::IfNeeded, "keychain.migrate", {{"backend", options.to}}), asJson);
    }
    if (options.noPassphrase && !options.passphraseFile.empty()) {
        return base::fail(usageError("give a passphrase or --no-passphrase, not both"));
    }
    client::Result<base::Secret> passphrase;
    if (!options.noPassphrase) {
        passphrase =
            passphraseFor(options.passphraseFile, askNewPassphrase, "--passphrase-file FILE or --no-passphrase");
    }
    if (!passphrase) {
        return base::fail(passphrase.error());
    }
    auto broker = connectToStay();
    if (!broker) {
        return base::fail(broker.error());
    }
    const auto result = migrateToFile(*broker, *passphrase);
    if (result && passphrase->empty()) {
        note("Warning: tokens are now NOT ENCRYPTED. Every program that can read your files can read them.\n"
             "  To encrypt them: keybearer keychain migrate --to file\n");
    }
    return showMigrated(result, asJson);
}

} // namespace

void addKeychain(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("keychain", "Where tokens are kept: look at it, or move it on purpose");
    group->require_subcommand(1);
    group->footer(
        helpFooter({"keybearer keychain status", "keybearer keychain migrate --to secret-service"}, {0, 1, 2, 6, 8}));

    CLI::App* statusVerb = group->add_subcommand("status", "Say which keychain is in use and how it is");
    addJsonFlag(*statusVerb, invocation);
    statusVerb->footer(helpFooter({"keybearer keychain status"}, {0, 8}));
    onRun(*statusVerb, invocation, std::make_shared<KeychainStatusOptions>(), keychainStatus);

    CLI::App* migrateVerb =
        group->add_subcommand("migrate", "Move everything to another keychain, or choose the first one");
    auto options = std::make_shared<MigrateOptions>();
    migrateVerb->add_option("--to", options->to, "The keyring service of the desktop, or a file that only you can read")
        ->type_name("file|secret-service")
        ->check([](const std::string& value) {
            return value == "file" || value == "secret-service" ? std::string()
                                                                : "must be \"file\" or \"secret-service\"";
        })
        ->required();
    migrateVerb
        ->add_option("--passphrase-file", options->passphraseFile,
                     "File with the passphrase that encrypts the file keychain; \"-\" is standard input")
        ->type_name(kFileArgument);
    migrateVerb->add_flag("--no-passphrase", options->noPassphrase, "Do NOT encrypt the file keychain");
    addJsonFlag(*migrateVerb, invocation);
    migrateVerb->footer(helpFooter({"keybearer keychain migrate --to file              (asks for a passphrase)",
                                    "keybearer keychain migrate --to secret-service"},
                                   {0, 1, 2, 6, 8}));
    onRun(*migrateVerb, invocation, options, migrate);
}

} // namespace keybearer::cli
