#include "app/cli/broker.h"
#include "app/cli/child.h"
#include "app/cli/duration.h"
#include "app/cli/failure.h"
#include "app/cli/forward_plan.h"
#include "app/cli/forward_run.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct ForwardVerb : ForwardOptions {
    bool list = false;
    std::string end;
};

Outcome listForwards(bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "forward.list");
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    Table table({"Session", "Host", "What", "Uses", "Ends"});
    for (const json& session : listOf(*result, "sessions")) {
        table.add({Cell{textOf(session, "session_id")}, Cell{textOf(session, "host")},
                   Cell{joinedOf(session, "scopes", ", ")},
                   Cell{std::to_string(numberOf(session, "use_count").value_or(0))},
                   Cell{relativeTime(numberOf(session, "expires_at").value_or(0), currentTime())}});
    }
    return print(table.empty() ? "Nothing is forwarded.\n" : table.render(colourOnStdout())).map([] { return 0; });
}

Outcome endForward(const std::string& id, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "forward.end", {{"session_id", id}});
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    std::string text = "The session has ended.\n";
    for (const json& tokens : listOf(*result, "tokens")) {
        const auto until = numberOf(tokens, "until");
        const bool isAll = numberOf(tokens, "not_revoked").value_or(0) == 0;
        text += "  " + shown(textOf(tokens, "account")) + ": " +
                (isAll ? std::string("its tokens were revoked")
                       : "not all of its tokens were revoked: " + shown(textOf(tokens, "detail")) +
                             (until ? "; they end at " + localTime(*until) : std::string())) +
                (tokens.value("sign_in_ended", json()) == true ? "; the provider ended the sign-in with them" : "") +
                "\n";
    }
    return print(text).map([] { return 0; });
}

/// Beside this machine's own programs, but with nothing of the broker's except this session.
Outcome forwardToContainer(const std::vector<std::string>& command, const std::string& name, ForwardLink& link) {
    std::vector<std::string> environment;
    for (const char* const* entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (!text.starts_with("KEYBEARER_SOCKET=") && !text.starts_with("KEYBEARER_CLIENT_KEY=") &&
            !text.starts_with("KEYBEARER_CLIENT_KEY_FILE=")) {
            environment.emplace_back(text);
        }
    }
    environment.push_back("KEYBEARER_SOCKET=" + link.socket());
    environment.push_back("KEYBEARER_CLIENT_KEY=" + std::string(link.key().reveal()));
    ForwardRun run(link, name);
    const auto begun = launch({command, environment});
    base::wipe(environment.back());
    if (!begun) {
        return base::fail(begun.error());
    }
    Running program(*begun);
    run.follow(program);
    run.end();
    return exitCodeOf(program.status());
}

Outcome forward(const ForwardVerb& options, const std::vector<std::string>& command, bool asJson) {
    if (options.list || !options.end.empty()) {
        return options.list ? listForwards(asJson) : endForward(options.end, asJson);
    }
    const bool isContainer = !options.container.empty();
    if (isContainer == !options.host.empty()) {
        return base::fail(
            usageError("say where to: keybearer forward -a ACCOUNT HOST, or --container NAME -- COMMAND"));
    }
    if (!isDestination(isContainer ? options.container : options.host)) {
        return base::fail(usageError("a host is what ssh takes: no spaces, and no '-' at its beginning"));
    }
    if (isContainer && command.empty()) {
        return base::fail(usageError("say what to run: keybearer forward --container NAME -a ACCOUNT -- COMMAND"));
    }
    const auto scopes = forwardedScopes(options);
    if (!scopes) {
        return base::fail(scopes.error());
    }
    std::optional<std::int64_t> lifetime;
    if (!options.lifetime.empty()) {
        const auto parsed = parseDuration(options.lifetime);
        if (!parsed) {
            return base::fail(usageError("--for takes a time such as 30m, 8h or a number of seconds"));
        }
        lifetime = parsed->count();
    }
    const auto paths = base::currentPaths();
    if (!paths) {
        return base::fail(failure("invalid_environment", paths.error(), 2));
    }
    auto link = ForwardLink::begin(isContainer ? options.container : options.host, *scopes, lifetime);
    if (!link) {
        return base::fail(link.error());
    }
    return isContainer ? forwardToContainer(command, options.container, *link)
                       : forwardOverSsh(options, command, paths->runtimeDir, *link);
}

} // namespace

void addForward(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand(
        "forward", "Let a remote shell, or a container, get short tokens, as long as it is open and no longer");
    auto options = std::make_shared<ForwardVerb>();
    const auto several = [](CLI::Option* option, const char* type) {
        option->type_name(type)->expected(1)->take_all()->allow_extra_args(false);
    };
    verb->add_option("host", options->host, "Where to: what ssh(1) takes")->type_name("HOST");
    several(verb->add_option("-a,--account", options->accounts, "An account whose tokens it gets; repeat it for more"),
            kAccountArgument);
    several(
        verb->add_option("-p,--provider", options->providers,
                         "A provider whose stored key it gets: PROVIDER, or PROVIDER/NAME. Unlike a token, a key that "
                         "was given out does not end with the connection"),
        kProviderArgument);
    several(verb->add_option("--scope", options->scopes, "Only this part of the granted scopes; repeat it for more"),
            "SCOPE");
    verb->add_option("--for", options->lifetime, "How long at most: 30m, 8h, ... (8h; no more than 24h)")
        ->type_name("TIME");
    several(verb->add_option("-o,--ssh-option", options->sshOptions, "An option for ssh, as its -o takes it"),
            "OPTION");
    verb->add_option(
            "--container", options->container,
            "Runs COMMAND here, with KEYBEARER_SOCKET and KEYBEARER_CLIENT_KEY for the container that it starts")
        ->type_name("NAME");
    verb->add_flag("--list", options->list, "Show what is forwarded now");
    verb->add_option("--end", options->end, "End a session of --list")->type_name("SESSION");
    addJsonFlag(*verb, invocation);
    verb->footer(
        helpFooter({"keybearer forward -a work build1.example.com", "keybearer forward -a work build1 -- make deploy",
                    "keybearer forward -a work --scope read --for 30m --container tests -- unshare -n ./run-tests",
                    "keybearer forward --list"},
                   {0, 2, 4, 5, 6, 8}) +
        "\n  otherwise that of the command; 255 when ssh fails");
    verb->callback([&invocation, options] {
        invocation.run = [&invocation, options] { return forward(*options, invocation.command, invocation.json); };
    });
}

} // namespace keybearer::cli
