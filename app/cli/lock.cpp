#include "app/cli/broker.h"
#include "app/cli/keychain_setup.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct LockOptions {};

struct UnlockOptions {
    std::string passphraseFile;
};

Outcome lock(const LockOptions&, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "system.lock");
    if (!result) {
        return base::fail(result.error());
    }
    return print(asJson ? jsonText(*result) : "Locked. Nothing is given out until: keybearer unlock\n").map([] {
        return 0;
    });
}

client::Result<base::Secret> askPassphrase(Terminal& terminal) {
    return terminal.readSecret("Passphrase of the file keychain: ");
}

/// What opens the broker: the passphrase of a sealed file; for another keychain, that a person calls.
client::Result<json> unlockCall(const UnlockOptions& options) {
    if (options.passphraseFile.empty()) {
        const auto status = askBroker(Start::IfNeeded, "system.status");
        if (!status) {
            return base::fail(status.error());
        }
        if (textOf(status->value("keychain", json::object()), "backend") != "file-sealed") {
            return askBroker(Start::IfNeeded, "system.unlock");
        }
    }
    const auto passphrase = passphraseFor(options.passphraseFile, askPassphrase, "--passphrase-file FILE");
    if (!passphrase) {
        return base::fail(passphrase.error());
    }
    return withBroker(Start::IfNeeded, [&](client::Client& broker) {
        return callWithSecret(broker, "system.unlock", json::object(), "passphrase", *passphrase);
    });
}

Outcome unlock(const UnlockOptions& options, bool asJson) {
    const auto result = unlockCall(options);
    if (!result) {
        return base::fail(result.error());
    }
    return print(asJson ? jsonText(*result) : "Unlocked. The keychain is " + shown(textOf(*result, "state")) + ".\n")
        .map([] { return 0; });
}

} // namespace

void addLock(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("lock", "Forget tokens and keys, and give nothing out until it is unlocked");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer lock"}, {0, 5, 6, 8}));
    onRun(*verb, invocation, std::make_shared<LockOptions>(), lock);
}

void addUnlock(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand(
        "unlock", "Open a locked broker, and the encrypted file keychain, which stays open until the broker ends");
    auto options = std::make_shared<UnlockOptions>();
    verb->add_option("--passphrase-file", options->passphraseFile, "File with the passphrase; \"-\" is standard input")
        ->type_name(kFileArgument);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer unlock", "pass show keybearer | keybearer unlock --passphrase-file -"},
                            {0, 2, 5, 6, 8}));
    onRun(*verb, invocation, options, unlock);
}

} // namespace keybearer::cli
