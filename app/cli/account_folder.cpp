/// \file
/// account bind, unbind and which: a folder that chooses an account.

#include "app/cli/account_folder.h"

#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct FolderOptions {
    std::string directory = ".";
    std::string account;
};

Outcome bind(const FolderOptions& options, bool asJson) {
    const auto directory = realDirectory(options.directory);
    if (!directory) {
        return base::fail(directory.error());
    }
    const auto result =
        askBroker(Start::IfNeeded, "account.bind", {{"directory", *directory}, {"account", options.account}});
    if (!result) {
        return base::fail(result.error());
    }
    return print(asJson ? jsonText(*result)
                        : "In " + shown(*directory) + " and below it, keybearer token means " +
                              shown(textOf(*result, "account")) + ".\n")
        .map([] { return 0; });
}

Outcome unbind(const FolderOptions& options, bool asJson) {
    const auto directory = realDirectory(options.directory);
    if (!directory) {
        return base::fail(directory.error());
    }
    const auto result = askBroker(Start::IfNeeded, "account.unbind", {{"directory", *directory}});
    if (!result) {
        return base::fail(result.error());
    }
    const bool removed = result->value("removed", json()) == true;
    return print(asJson    ? jsonText(*result)
                 : removed ? shown(*directory) + " chooses no account any more.\n"
                           : shown(*directory) + " was not bound.\n")
        .map([] { return 0; });
}

Outcome which(const FolderOptions& options, bool asJson) {
    const auto directory = realDirectory(options.directory);
    if (!directory) {
        return base::fail(directory.error());
    }
    const auto result = askBroker(Start::IfNeeded, "account.which", {{"directory", *directory}});
    if (!result) {
        return base::fail(result.error());
    }
    const std::string boundBy = textOf(*result, "bound_by");
    return print(asJson ? jsonText(*result)
                        : shown(textOf(*result, "account")) + (boundBy.empty()
                                                                   ? "  (there is no other account)\n"
                                                                   : "  (" + shown(boundBy) + " is bound to it)\n"))
        .map([] { return 0; });
}

void addDirectory(CLI::App& verb, FolderOptions& options) {
    verb.add_option("directory", options.directory, "A folder; this one when left out")->type_name("DIRECTORY");
}

} // namespace

client::Result<std::string> realDirectory(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real) {
        return base::fail(usageError(shown(path) + " is no folder"));
    }
    return std::string(real.get());
}

void addAccountFolder(CLI::App& group, Invocation& invocation) {
    CLI::App* bindVerb = group.add_subcommand("bind", "Make a folder choose an account for the programs in it");
    auto bound = std::make_shared<FolderOptions>();
    bindVerb->add_option("directory", bound->directory, "The folder")->type_name("DIRECTORY")->required();
    bindVerb->add_option("account", bound->account, "Name of the account")->type_name(kAccountArgument)->required();
    addJsonFlag(*bindVerb, invocation);
    bindVerb->footer(
        helpFooter({"keybearer account bind ~/work work", "keybearer account bind . private"}, {0, 2, 6, 8}));
    onRun(*bindVerb, invocation, bound, bind);

    CLI::App* unbindVerb = group.add_subcommand("unbind", "Take a folder's choice back");
    auto unbound = std::make_shared<FolderOptions>();
    addDirectory(*unbindVerb, *unbound);
    addJsonFlag(*unbindVerb, invocation);
    unbindVerb->footer(helpFooter({"keybearer account unbind ~/work"}, {0, 2, 6, 8}));
    onRun(*unbindVerb, invocation, unbound, unbind);

    CLI::App* whichVerb = group.add_subcommand("which", "Which account `keybearer token` means in a folder, and why");
    auto asked = std::make_shared<FolderOptions>();
    addDirectory(*whichVerb, *asked);
    addJsonFlag(*whichVerb, invocation);
    whichVerb->footer(helpFooter({"keybearer account which", "keybearer account which ~/work --json"}, {0, 2, 8}));
    onRun(*whichVerb, invocation, asked, which);
}

} // namespace keybearer::cli
