#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/prompt.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <array>
#include <cstdlib>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct AllowOptions {
    std::string credential;
    std::array<std::string, 4> client; ///< by kClientKinds
    std::vector<std::string> scopes;
    std::string audience;
    std::string reason;
    int days = 0;
    int perMinute = 0;
};

struct ClientOption {
    const char* kind;
    const char* option;
    const char* help;
    const char* placeholder;
};
constexpr std::array<ClientOption, 4> kClientKinds{
    ClientOption{"program", "--program", "For this executable", kFileArgument},
    ClientOption{"script", "--script", "For this script, whatever runs it", kFileArgument},
    ClientOption{"terminal", "--terminal", "For this shell, where a person types into it", kFileArgument},
    ClientOption{"sandboxed", "--sandboxed", "For this Flatpak or Snap application", "NAME"},
};

/// A shell may be asked for what is meant to be read by it alone; a person types, a program does not.
client::Result<void> confirm(const std::string& what) {
    auto terminal = Terminal::open();
    if (!terminal) {
        return base::fail(failure("no_terminal",
                                  "a grant is confirmed at a terminal; without one, write it into config.toml as "
                                  "[[grant]]",
                                  2));
    }
    const auto line = terminal->readLine(what + "\nType yes to allow it: ");
    if (!line || *line != "yes") {
        return base::fail(failure("denied", "nothing was allowed", 5));
    }
    return {};
}

client::Result<json> allowParams(const AllowOptions& options) {
    json params{{"credential", options.credential}};
    for (std::size_t i = 0; i < kClientKinds.size(); ++i) {
        if (options.client[i].empty()) {
            continue;
        }
        if (params.contains("kind")) {
            return base::fail(usageError("a grant is for one program; make another for the next"));
        }
        params["kind"] = kClientKinds[i].kind;
        params["path"] = options.client[i];
    }
    if (!params.contains("kind")) {
        return base::fail(usageError("say for whom: --program, --script, --terminal or --sandboxed"));
    }
    if (!options.scopes.empty()) {
        params["scopes"] = options.scopes;
    }
    if (!options.audience.empty()) {
        params["audience"] = options.audience;
    }
    if (!options.reason.empty()) {
        params["reason"] = options.reason;
    }
    if (options.days > 0) {
        params["seconds"] = std::int64_t{options.days} * 86'400;
    }
    if (options.perMinute > 0) {
        params["per_minute"] = options.perMinute;
    }
    return params;
}

Outcome allowGrant(const AllowOptions& options, bool asJson) {
    auto params = allowParams(options);
    if (!params) {
        return base::fail(params.error());
    }
    const std::string path = shown(textOf(*params, "path"), 300);
    if (const auto confirmed = confirm(path + " will get " + shown(options.credential) + " without being asked about.");
        !confirmed) {
        return base::fail(confirmed.error());
    }
    const auto made = askBroker(Start::IfNeeded, "grant.allow", *params);
    if (!made) {
        return base::fail(made.error());
    }
    return print(asJson ? jsonText(*made) : "Allowed as " + shown(textOf(*made, "grant_id")) + ".\n").map([] {
        return 0;
    });
}

Outcome listGrants(const AllowOptions&, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "grant.list");
    if (!result || asJson) {
        return result ? print(jsonText(*result)).map([] { return 0; }) : Outcome(base::fail(result.error()));
    }
    Table table({"Grant", "Program", "May have", "Until", "Uses", "Last used", "Made by"});
    const std::int64_t now = currentTime();
    for (const json& grant : listOf(*result, "grants")) {
        const auto until = numberOf(grant, "until");
        const auto used = numberOf(grant, "last_used_at");
        const bool isShort = textOf(grant, "span") == "session" || textOf(grant, "span") == "once";
        table.add({{textOf(grant, "grant_id")},
                   {textOf(grant, "path")},
                   {textOf(grant, "credential")},
                   {isShort ? textOf(grant, "span")
                    : until ? localTime(*until)
                            : "always"},
                   {std::to_string(numberOf(grant, "uses").value_or(0))},
                   {used ? relativeTime(*used, now) : "never"},
                   {textOf(grant, "created_by")}});
    }
    return print(table.empty() ? "No program is allowed anything.\n" : table.render(colourOnStdout())).map([] {
        return 0;
    });
}

struct ProposeOptions {
    bool apply = false;
};

Outcome proposeGrants(const ProposeOptions& options, bool asJson) {
    const auto proposed = askBroker(Start::IfNeeded, "grant.propose");
    if (!proposed) {
        return base::fail(proposed.error());
    }
    const std::size_t count = listOf(*proposed, "grants").size();
    if (!options.apply || count == 0) {
        const std::string toml = textOf(*proposed, "toml");
        for (const json& one : listOf(*proposed, "not_possible")) {
            note("Nothing can be proposed for " + shown(textOf(one, "client"), 300) + ", which wants " +
                 shown(textOf(one, "wants")) + ": it cannot be told again later.\n");
        }
        return print(asJson         ? jsonText(*proposed)
                     : toml.empty() ? "Nothing was asked for. Let programs work for a while: keybearer policy observe\n"
                                    : toml)
            .map([] { return 0; });
    }
    note(textOf(*proposed, "toml"));
    if (const auto confirmed = confirm(std::to_string(count) + " grants."); !confirmed) {
        return base::fail(confirmed.error());
    }
    const auto made = askBroker(Start::IfNeeded, "grant.accept");
    if (!made) {
        return base::fail(made.error());
    }
    return print(asJson ? jsonText(*made) : "Allowed. Now: keybearer policy ask\n").map([] { return 0; });
}

struct RevokeOptions {
    std::string grant;
};

Outcome revokeGrant(const RevokeOptions& options, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "grant.revoke", {{"grant_id", options.grant}});
    if (!result) {
        return base::fail(result.error());
    }
    return print(asJson ? jsonText(*result) : "Taken back.\n").map([] { return 0; });
}

struct PolicyOptions {
    std::string policy;
};

Outcome policy(const PolicyOptions& options, bool asJson) {
    if (options.policy == "allow") {
        if (const auto confirmed = confirm("Every program of this user will get every token and key."); !confirmed) {
            return base::fail(confirmed.error());
        }
    }
    const auto result = options.policy.empty() ? askBroker(Start::IfNeeded, "policy.get")
                                               : askBroker(Start::IfNeeded, "policy.set", {{"policy", options.policy}});
    if (!result) {
        return base::fail(result.error());
    }
    return print(asJson ? jsonText(*result)
                        : shown(textOf(*result, "policy")) + "  (" + shown(textOf(*result, "source")) + ")\n")
        .map([] { return 0; });
}

void addAllow(CLI::App& group, Invocation& invocation) {
    CLI::App* verb = group.add_subcommand("allow", "Allow a program a credential without being asked");
    auto options = std::make_shared<AllowOptions>();
    verb->add_option("credential", options->credential,
                     "account:NAME or key:TENANT/PROVIDER/NAME; * at the end stands for all")
        ->type_name("CREDENTIAL")
        ->required();
    for (std::size_t i = 0; i < kClientKinds.size(); ++i) {
        verb->add_option(kClientKinds[i].option, options->client[i], kClientKinds[i].help)
            ->type_name(kClientKinds[i].placeholder);
    }
    verb->add_option("--scope", options->scopes, "This scope only; repeat it for more than one")
        ->type_name("SCOPE")
        ->expected(1)
        ->take_all();
    verb->add_option("--audience", options->audience, "This audience only")->type_name("NAME");
    verb->add_option("--days", options->days, "How long it holds; for good when left out")
        ->type_name("DAYS")
        ->check(CLI::Range(1, 3650).description(""));
    verb->add_option("--per-minute", options->perMinute, "Releases a minute at most")
        ->type_name("COUNT")
        ->check(CLI::Range(1, 100000).description(""));
    verb->add_option("--reason", options->reason, "A note for yourself")->type_name("TEXT");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer grant allow account:work --program /usr/bin/git",
                             "keybearer grant allow 'key:default/openai/*' --script ~/bin/ask.py --days 30"},
                            {0, 2, 5, 6, 8}));
    onRun(*verb, invocation, options, allowGrant);
}

} // namespace

void addGrant(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("grant", "What programs are allowed");
    group->require_subcommand(1);
    group->footer(helpFooter({"keybearer grant list", "keybearer grant propose"}, {0, 2, 5, 6, 8}));
    CLI::App* list = group->add_subcommand("list", "Show what programs are allowed");
    addJsonFlag(*list, invocation);
    list->footer(helpFooter({"keybearer grant list"}, {0, 2, 8}));
    onRun(*list, invocation, std::make_shared<AllowOptions>(), listGrants);
    addAllow(*group, invocation);
    CLI::App* propose = group->add_subcommand("propose", "Show the least grants for what programs have asked for");
    auto proposed = std::make_shared<ProposeOptions>();
    propose->add_flag("--apply", proposed->apply, "Make them");
    addJsonFlag(*propose, invocation);
    propose->footer(helpFooter(
        {"keybearer policy observe", "keybearer grant propose", "keybearer grant propose --apply"}, {0, 2, 5, 6, 8}));
    onRun(*propose, invocation, proposed, proposeGrants);
    CLI::App* revoke = group->add_subcommand("revoke", "Take a grant back, at once");
    auto revoked = std::make_shared<RevokeOptions>();
    revoke->add_option("grant", revoked->grant, "From grant list")->type_name("GRANT")->required();
    addJsonFlag(*revoke, invocation);
    revoke->footer(helpFooter({"keybearer grant revoke g_1a2b3c4d5e6f"}, {0, 2, 8}));
    onRun(*revoke, invocation, revoked, revokeGrant);
}

void addPolicy(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("policy", "Show or decide what holds for programs");
    auto options = std::make_shared<PolicyOptions>();
    verb->add_option("policy", options->policy, "ask, observe, allow or deny; shows it when left out")
        ->type_name("POLICY");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer policy", "keybearer policy ask"}, {0, 2, 5, 8}));
    onRun(*verb, invocation, options, policy);
}

} // namespace keybearer::cli
