#include "app/cli/account_folder.h"
#include "app/cli/account_text.h"
#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct ListOptions {
    bool names = false;
};

struct RenameOptions {
    std::string account;
    std::string newName;
};

struct LogoutOptions {
    std::string account;
    bool all = false;
};

Outcome list(const ListOptions& options, bool asJson) {
    const auto result = askBroker(options.names ? Start::Never : Start::IfNeeded, "account.list");
    if (!result) {
        return base::fail(result.error());
    }
    const json& accounts = listOf(*result, "accounts");
    if (options.names) {
        return print(nameLines(accounts, "account")).map([] { return 0; });
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    Table table({"Account", "Provider", "Signed in as", "Status", "Last refresh", "Token ends", "Sign-in ends"});
    const std::int64_t now = currentTime();
    for (const json& account : accounts) {
        const std::string label = textOf(account, "label");
        const auto refreshed = numberOf(account, "last_refresh_at");
        table.add({{textOf(account, "account")},
                   {providerOf(account)},
                   {label.empty() ? textOf(account, "subject") : label},
                   accountStatus(account),
                   {refreshed ? relativeTime(*refreshed, now) : ""},
                   expiryOf(account, now),
                   signInEndOf(account, now)});
    }
    return print(table.empty() ? "No accounts yet. Sign in with: keybearer login PROVIDER\n"
                               : table.render(colourOnStdout()))
        .map([] { return 0; });
}

Outcome rename(const RenameOptions& options, bool asJson) {
    const auto result =
        askBroker(Start::IfNeeded, "account.rename", {{"account", options.account}, {"new_name", options.newName}});
    if (!result) {
        return base::fail(result.error());
    }
    return print(asJson ? jsonText(*result)
                        : shown(options.account) + " is now " + shown(textOf(*result, "account")) + ".\n")
        .map([] { return 0; });
}

std::string logoutLine(const json& account) {
    const std::string name = shown(textOf(account, "account"));
    if (account.value("revoked", json()) == true) {
        return "Signed out of " + name + ". The provider has revoked its tokens.\n";
    }
    const std::string detail = shown(textOf(account, "detail"));
    return "Forgot " + name + ", but the provider did not revoke its tokens" + (detail.empty() ? "." : ": " + detail) +
           "\n  End the session in the provider's account settings if the tokens must stop working now.\n";
}

Outcome logout(const LogoutOptions& options, bool asJson) {
    if (options.account.empty() != options.all) {
        return base::fail(usageError("name one account, or say --all; run: keybearer logout --help"));
    }
    const auto result = askBroker(Start::IfNeeded, "account.logout",
                                  options.all ? json{{"all", true}} : json{{"account", options.account}});
    if (!result) {
        return base::fail(result.error());
    }
    std::string text;
    for (const json& account : listOf(*result, "accounts")) {
        text += logoutLine(account);
    }
    return print(asJson         ? jsonText(*result)
                 : text.empty() ? "There was no account to sign out of.\n"
                                : text)
        .map([] { return 0; });
}

} // namespace

void addAccount(CLI::App& root, Invocation& invocation) {
    CLI::App* group =
        root.add_subcommand("account", "List and rename the accounts that you signed in to, and bind folders to them");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer account list", "keybearer account rename work office"}, {0, 2, 6, 8}));

    CLI::App* listVerb = group->add_subcommand("list", "Show every account, who is signed in, and until when");
    auto listOptions = std::make_shared<ListOptions>();
    addNamesFlag(*listVerb, listOptions->names);
    addJsonFlag(*listVerb, invocation);
    listVerb->footer(helpFooter({"keybearer account list", "keybearer account list --json"}, {0, 8}));
    onRun(*listVerb, invocation, listOptions, list);

    CLI::App* renameVerb = group->add_subcommand("rename", "Give an account another name; it stays signed in");
    auto renameOptions = std::make_shared<RenameOptions>();
    renameVerb->add_option("account", renameOptions->account, "Present name")->type_name(kAccountArgument)->required();
    renameVerb->add_option("new-name", renameOptions->newName, "New name")->type_name("NEW_NAME")->required();
    addJsonFlag(*renameVerb, invocation);
    renameVerb->footer(helpFooter({"keybearer account rename work office"}, {0, 2, 6, 8}));
    onRun(*renameVerb, invocation, renameOptions, rename);
    addAccountFolder(*group, invocation);
}

void addLogout(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("logout", "Revoke an account's tokens at the provider, then forget it");
    auto options = std::make_shared<LogoutOptions>();
    verb->add_option("account", options->account, "Name of the account")->type_name(kAccountArgument);
    verb->add_flag("--all", options->all, "Every account");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer logout work", "keybearer logout --all"}, {0, 2, 6, 8}));
    onRun(*verb, invocation, options, logout);
}

} // namespace keybearer::cli
