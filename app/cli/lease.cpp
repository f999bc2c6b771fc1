#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct LeaseOptions {
    std::string client;
};

Style styleOf(const std::string& word, const char* good, const char* bad) {
    return word == good ? Style::Good : word == bad ? Style::Bad : Style::Plain;
}

std::string what(const json& item) {
    return (textOf(item, "kind") == "token" ? "token of " : "") + shown(textOf(item, "credential"));
}

Outcome listLeases(const LeaseOptions& options, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "lease.list",
                                  options.client.empty() ? json::object() : json{{"client", options.client}});
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    Table table({"Program", "What", "Times", "Last", "State"});
    for (const json& lease : listOf(*result, "leases")) {
        const std::string state = textOf(lease, "state");
        table.add({Cell{textOf(lease, "client")}, Cell{what(lease)},
                   Cell{std::to_string(numberOf(lease, "count").value_or(0))},
                   Cell{localTime(numberOf(lease, "last").value_or(0))},
                   Cell{state, styleOf(state, "revoked", "valid")}});
    }
    if (table.empty()) {
        return print("Nothing was ever given out.\n").map([] { return 0; });
    }
    std::string text = table.render(colourOnStdout());
    if (!result->value("complete", true)) {
        text += "There is more than can be shown; see keybearer audit.\n";
    }
    return print(text).map([] { return 0; });
}

Outcome revokeLeases(const LeaseOptions& options, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "lease.revoke", {{"client", options.client}});
    if (!result) {
        return base::fail(result.error());
    }
    bool isAll = listOf(*result, "grants_left").empty();
    std::string text = shown(textOf(*result, "client"), 300) + "\n";
    for (const json& item : listOf(*result, "items")) {
        const std::string outcome = textOf(item, "result");
        isAll = isAll && outcome != "not_revoked";
        text += "  " + what(item) + ": " +
                styled(outcome == "not_revoked" ? "NOT revoked" : shown(outcome),
                       styleOf(outcome, "revoked", "not_revoked"), colourOnStdout()) +
                (textOf(item, "detail").empty() ? "" : "; " + shown(textOf(item, "detail"), 500)) + "\n";
    }
    const std::size_t removed = listOf(*result, "grants_removed").size();
    text += "  " + std::to_string(removed) + (removed == 1 ? " grant" : " grants") + " removed\n";
    for (const json& place : listOf(*result, "grants_left")) {
        text +=
            "  a grant is left in " + shown(place.get<std::string>()) + "; remove it there and restart the broker\n";
    }
    return print(asJson ? jsonText(*result) : text).map([isAll] { return isAll ? 0 : 1; });
}

} // namespace

void addLease(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("lease", "What programs were given: look at it, or take it back");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer lease list", "keybearer lease revoke --client deploy.py"}, {0, 1, 2, 5, 8}));

    CLI::App* list = group->add_subcommand("list", "Say what each program ever received, and whether it still works");
    auto shownOptions = std::make_shared<LeaseOptions>();
    list->add_option("--client", shownOptions->client, "Of this program: its path or its file name")
        ->type_name(kFileArgument);
    addJsonFlag(*list, invocation);
    list->footer(helpFooter({"keybearer lease list", "keybearer lease list --client git"}, {0, 5, 8}));
    onRun(*list, invocation, shownOptions, listLeases);

    CLI::App* revoke = group->add_subcommand(
        "revoke", "Close a program's grants and revoke its tokens at the provider; others that have the same token are "
                  "given a new one when they ask");
    auto options = std::make_shared<LeaseOptions>();
    revoke->add_option("--client", options->client, "The program: its path or its file name")
        ->type_name(kFileArgument)
        ->required();
    addJsonFlag(*revoke, invocation);
    revoke->footer(helpFooter({"keybearer lease revoke --client deploy.py"}, {0, 1, 2, 5, 8}));
    onRun(*revoke, invocation, options, revokeLeases);
}

} // namespace keybearer::cli
