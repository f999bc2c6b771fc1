#include "app/cli/failure.h"
#include "app/cli/run.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

namespace keybearer::cli {
namespace {

constexpr const char* kBridge = "keybearer-mcp-bridge";

/// Beside this program, where an installation and a build have it. Empty when /proc does not say where that is.
std::string bridgePath() {
    std::string path(PATH_MAX, '\0');
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    path.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return path.empty() ? path : path.substr(0, path.rfind('/') + 1) + kBridge;
}

/// The bridge has an event loop and HTTP, which this program does not: it takes this one's place, with its standard
/// streams, so that the broker still finds whoever started it behind it.
client::Error becomeBridge(std::vector<std::string> arguments) {
    const std::string path = bridgePath();
    arguments.insert(arguments.begin(), kBridge);
    std::vector<char*> words;
    for (std::string& argument : arguments) {
        words.push_back(argument.data());
    }
    words.push_back(nullptr);
    ::execv(path.c_str(), words.data());
    return failure("command_not_run", "cannot run " + std::string(kBridge) + ": " + std::strerror(errno), 126);
}

struct BridgeOptions {
    std::string url;
    std::string account;
    std::string resource;
    std::string caFile;
};

Outcome bridge(const BridgeOptions& options) {
    std::vector<std::string> arguments;
    for (const auto& [name, value] :
         {std::pair("--account", &options.account), std::pair("--resource", &options.resource),
          std::pair("--ca-file", &options.caFile)}) {
        if (!value->empty()) {
            arguments.push_back(std::string(name) + "=" + *value);
        }
    }
    arguments.insert(arguments.end(), {"--", options.url});
    return base::fail(becomeBridge(std::move(arguments)));
}

void addBridge(CLI::App& group, Invocation& invocation) {
    CLI::App* verb = group.add_subcommand(
        "bridge", "Let a client that knows no OAuth use a remote server: stdio here, HTTP with a fresh token there");
    auto options = std::make_shared<BridgeOptions>();
    verb->add_option("url", options->url, "The server's address, as its makers give it")->type_name("URL")->required();
    verb->add_option("--account", options->account,
                     "The account whose tokens it gets; the one for that address when left out")
        ->type_name(kAccountArgument);
    verb->add_option("--resource", options->resource,
                     "What the tokens are for, where the account's provider lists several")
        ->type_name("URL");
    verb->add_option("--ca-file", options->caFile,
                     "File with further root certificates that the server's may come from")
        ->type_name(kFileArgument);
    verb->footer(helpFooter({"keybearer mcp bridge https://mcp.example.com/mcp",
                             "keybearer mcp bridge https://mcp.example.com/mcp --account work"},
                            {0, 1, 2}));
    verb->callback([&invocation, options] { invocation.run = [options] { return bridge(*options); }; });
}

void addServerRun(CLI::App& group, Invocation& invocation) {
    CLI::App* verb =
        group.add_subcommand("run", "Run a local server with the keys of some providers in its environment");
    auto options = std::make_shared<RunOptions>();
    // What the client has been given to come to the broker is not the server's.
    options->withheld = {"KEYBEARER_CLIENT_KEY", "KEYBEARER_CLIENT_KEY_FILE"};
    verb->add_option("provider", options->providers, "The providers whose keys it gets")
        ->type_name(kProviderArgument)
        ->required();
    addPlaces(*verb, *options);
    verb->footer(helpFooter({"keybearer mcp run github -- npx -y SERVER-PACKAGE",
                             "keybearer mcp run openai anthropic --tenant acme -- python3 server.py"},
                            {0, 2, 4, 5, 6, 8}));
    verb->callback([&invocation, options] {
        invocation.run = [&invocation, options]() -> Outcome {
            if (invocation.command.empty()) {
                return base::fail(usageError("say what to run: keybearer mcp run PROVIDER -- COMMAND"));
            }
            return runWithCredentials(*options, invocation.command);
        };
    });
}

} // namespace

void addMcp(CLI::App& root, Invocation& invocation) {
    CLI::App* group = root.add_subcommand("mcp", "Give servers of the Model Context Protocol what they need");
    group->require_subcommand(1);
    group->footer(helpFooter(
        {"keybearer mcp run github -- npx -y SERVER-PACKAGE", "keybearer mcp bridge https://mcp.example.com/mcp"},
        {0, 2, 5, 6, 8}));
    addServerRun(*group, invocation);
    addBridge(*group, invocation);
}

} // namespace keybearer::cli
