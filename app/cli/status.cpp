#include "app/cli/account_text.h"
#include "app/cli/broker.h"
#include "app/cli/output.h"
#include "app/cli/status_text.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct StatusOptions {
    std::string provider;
};

std::string policySentence(const std::string& policy) {
    constexpr std::array<std::pair<std::string_view, const char*>, 4> kSentences{
        {{"ask", "ask: a program gets what was granted, and you are asked for the rest"},
         {"observe", "observe: every program of this user may get every token, and who asks is remembered"},
         {"allow", "allow: every program of this user may get every token"},
         {"deny", "deny: no program gets a token"}}};
    const auto* found = std::ranges::find(kSentences, policy, &std::pair<std::string_view, const char*>::first);
    return found == kSentences.end() ? policy : found->second;
}

std::string lockedSentence(const json& locked) {
    constexpr std::array<std::pair<std::string_view, const char*>, 3> kBy{
        {{"command", "by command"}, {"screen", "with the screen"}, {"suspend", "when the machine went to sleep"}}};
    const auto* found = std::ranges::find(kBy, textOf(locked, "by"), &std::pair<std::string_view, const char*>::first);
    const auto since = numberOf(locked, "since");
    return (found == kBy.end() ? "" : std::string(found->second) + ", ") +
           (since ? "since " + localTime(*since) + "; " : std::string()) + "open it with: keybearer unlock";
}

std::string line(const char* name, const std::string& text) {
    return std::string(name) + std::string(11 - std::string_view(name).size(), ' ') + text + "\n";
}

std::string accountTable(const json& status, bool colour) {
    Table table({"Provider", "Status", "Source", "AuthMethods", "Expires"});
    const std::int64_t now = currentTime();
    for (const json& account : listOf(status, "accounts")) {
        const std::string name = textOf(account, "account");
        const std::string provider = providerOf(account);
        std::string title = provider;
        if (name != provider) {
            title.append(" (").append(name).append(")");
        }
        table.add({{title},
                   accountStatus(account),
                   {textOf(account, "source")},
                   {joinedOf(account, "auth_methods", ",")},
                   expiryOf(account, now)});
    }
    return table.empty() ? "No accounts here. Sign in with: keybearer login PROVIDER\n" : table.render(colour);
}

/// "lab (account work): the screen was locked; run: keybearer login lab --account work"
std::string signInSentence(const json& one) {
    const std::string provider = shown(textOf(one, "provider"));
    const std::string account = shown(textOf(one, "account"));
    const std::string reason = textOf(one, "reason");
    std::string why = "the provider wants a new sign-in";
    if (reason == "screen_locked") {
        why = "a program asked for it while the screen was locked";
    } else if (reason == "not_answered") {
        why = "nobody answered the last windows, so programs open no more of them";
    }
    return account + ": " + why + "; run: keybearer login " + provider +
           (account == provider ? std::string() : " --account " + account);
}

} // namespace

std::string keychainText(const json& keychain, bool colour) {
    const std::string backend = textOf(keychain, "backend");
    const std::string state = textOf(keychain, "state");
    std::string out =
        shown(backend) + ", " + styled(shown(state), state == "ready" ? Style::Good : Style::Warning, colour);
    if (backend == "file-plain") {
        out += ", " + styled("NOT ENCRYPTED", Style::Bad, colour);
    }
    return out;
}

std::string statusText(const json& status, bool colour) {
    const json keychain = status.value("keychain", json::object());
    std::string broker = "keybearerd " + shown(textOf(status, "version"));
    if (const auto pid = numberOf(status, "pid")) {
        broker += ", pid " + std::to_string(*pid);
    }
    if (const auto since = numberOf(status, "started_at")) {
        broker += ", since " + localTime(*since);
    }
    std::string out = accountTable(status, colour) + "\n" + line("Broker", broker) +
                      line("Socket", shown(textOf(status, "socket"))) +
                      line("Keychain", keychainText(keychain, colour));
    if (const std::string detail = textOf(keychain, "detail"); !detail.empty()) {
        out += line("", shown(detail));
    }
    if (const json locked = status.value("locked", json()); locked.is_object()) {
        out += styled("Locked", Style::Bad, colour) + "     " + lockedSentence(locked) + "\n";
    }
    for (const json& one : listOf(status, "sign_in_needed")) {
        out += styled("Sign in", Style::Warning, colour) + "    " + signInSentence(one) + "\n";
    }
    out += line("Policy", shown(policySentence(textOf(status, "policy"))));
    for (const json& warning : listOf(status, "warnings")) {
        if (warning.is_string()) {
            out += styled("Warning", Style::Warning, colour) + "    " + shown(warning.get_ref<const std::string&>()) +
                   "\n";
        }
    }
    return out;
}

void addStatus(CLI::App& root, Invocation& invocation) {
    CLI::App* verb =
        root.add_subcommand("status", "Show the accounts, the broker, the keychain and the policy; starts nothing");
    auto options = std::make_shared<StatusOptions>();
    verb->add_option("provider", options->provider, "Only this provider or account")->type_name(kProviderArgument);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer status", "keybearer status work --json"}, {0, 2, 8}));
    onRun(*verb, invocation, options, [](const StatusOptions& chosen, bool asJson) -> Outcome {
        const json params = chosen.provider.empty() ? json::object() : json{{"provider", chosen.provider}};
        return askBroker(Start::Never, "system.status", params)
            .and_then([&](const json& status) {
                return print(asJson ? jsonText(status) : statusText(status, colourOnStdout()));
            })
            .map([] { return 0; });
    });
}

} // namespace keybearer::cli
