#include "app/cli/keychain_setup.h"

#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"

namespace keybearer::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kPlainWords = "not encrypted";
constexpr int kAttempts = 3;

client::Result<base::Secret> confirmPlain(Terminal& terminal) {
    terminal.say("Without a passphrase every program that can read your files can read your tokens.\n");
    return terminal.readLine("Type \"not encrypted\" to store them so, or press Enter to stop: ")
        .and_then([](const std::string& answer) -> client::Result<base::Secret> {
            if (answer != kPlainWords) {
                return base::fail(failure("keychain_unset", "no keychain was chosen", 6));
            }
            return base::Secret();
        });
}

} // namespace

client::Result<base::Secret> askNewPassphrase(Terminal& terminal) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        auto first = terminal.readSecret("New passphrase (empty: not encrypted): ");
        if (!first) {
            return first;
        }
        if (first->empty()) {
            return confirmPlain(terminal);
        }
        const auto second = terminal.readSecret("The same passphrase again: ");
        if (!second) {
            return base::fail(second.error());
        }
        if (*first == *second) {
            return first;
        }
        terminal.say("The two are not the same.\n");
    }
    return base::fail(failure("cancelled", "the passphrase was not repeated correctly; nothing was changed", 1));
}

client::Result<json> migrateToFile(client::Client& broker, const base::Secret& passphrase) {
    if (passphrase.empty()) {
        return broker.call("keychain.migrate", json{{"backend", "file-plain"}});
    }
    return callWithSecret(broker, "keychain.migrate", json{{"backend", "file-sealed"}}, "passphrase", passphrase);
}

client::Result<base::Secret> passphraseFor(const std::string& file, client::Result<base::Secret> (*ask)(Terminal&),
                                           const char* otherwise) {
    if (!file.empty()) {
        return readSecretFile(file);
    }
    auto terminal = Terminal::open();
    if (!terminal) {
        return base::fail(
            usageError(std::string("there is no terminal to ask for the passphrase at; use ") + otherwise));
    }
    return ask(*terminal);
}

} // namespace keybearer::cli
