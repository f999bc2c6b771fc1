#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/login_session.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

Outcome login(const LoginOptions& options, bool asJson) {
    LoginSession session(options, asJson);
    const auto done = session.run();
    if (!done) {
        return base::fail(done.error());
    }
    if (asJson) {
        return print(jsonText(*done)).map([] { return 0; });
    }
    if (const std::string credential = textOf(*done, "credential"); !credential.empty()) {
        return print(shown(session.provider()) + " has made a key, which is stored as " + shown(credential) +
                     ". Try: keybearer explain " + shown(session.provider()) + "\n")
            .map([] { return 0; });
    }
    const std::string label = textOf(*done, "label").empty() ? textOf(*done, "subject") : textOf(*done, "label");
    const std::string account = shown(textOf(*done, "account"));
    return print("Signed in to " + shown(session.provider()) + (label.empty() ? "" : " as " + shown(label)) +
                 " (account " + account + "). Try: keybearer token " + account + "\n")
        .map([] { return 0; });
}

} // namespace

void addLogin(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("login", "Sign in with your browser");
    auto options = std::make_shared<LoginOptions>();
    verb->add_option("provider", options->provider,
                     "A provider's name, an issuer's URL, or that of an MCP server or another API")
        ->type_name(kProviderArgument)
        ->required();
    verb->add_option("--account", options->account, "Name for the account, or for the key that the provider makes")
        ->type_name("NAME");
    verb->add_option("--client-id", options->clientId, "Your own client, registered with the provider")
        ->type_name("ID");
    verb->add_option("--client-secret-file", options->clientSecretFile,
                     "File with the client secret, for a provider that insists on one; \"-\" is standard input")
        ->type_name(kFileArgument);
    verb->add_option("--redirect", options->redirect, "Redirect URI that your client is registered with")
        ->type_name("URI");
    verb->add_option("--scope", options->scopes, "Scope to ask for; repeat it for more than one")
        ->type_name("SCOPE")
        ->expected(1)
        ->take_all();
    verb->add_option("--issuer", options->issuer, "Which authorization server, where an API's URL leads to several")
        ->type_name("URL");
    verb->add_flag("--no-browser", options->noBrowser, "Print the address and leave opening it to you");
    verb->add_flag("--device", options->device, "Sign in on any device, by entering a code there")
        ->excludes("--no-browser")
        ->excludes("--redirect");
    verb->add_flag("--fresh", options->fresh, "Begin anew: a sign-in to the same account that is under way ends");
    verb->add_option("--timeout", options->timeout, "Seconds until the sign-in is given up (300)")
        ->type_name("SECONDS")
        ->check(CLI::Range(10, 3600).description(""));
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer login https://id.example.com --account work",
                             "keybearer login https://mcp.example.com/mcp",
                             "keybearer login https://id.example.com --client-id ID --client-secret-file -",
                             "keybearer login https://id.example.com --no-browser      (prints the address instead)",
                             "keybearer login work --device      (shows a code to enter on another device)"},
                            {0, 2, 4, 6, 7, 8}));
    onRun(*verb, invocation, options, login);
}

} // namespace keybearer::cli
