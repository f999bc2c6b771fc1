#include "app/cli/broker.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct VersionOptions {};

Outcome version(const VersionOptions&, bool asJson) {
    const auto hello = askBroker(Start::Never, "system.hello");
    if (asJson) {
        return print(jsonText({{"version", KEYBEARER_VERSION}, {"broker", hello ? *hello : json()}})).map([] {
            return 0;
        });
    }
    const std::string broker = hello ? shown(textOf(*hello, "version")) : std::string("does not run");
    return print("keybearer  " KEYBEARER_VERSION "\nkeybearerd " + broker + "\n").map([] { return 0; });
}

} // namespace

void addVersion(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("version", "Print the version of this program, and of the broker if it runs");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer version", "keybearer version --json"}, {0}));
    onRun(*verb, invocation, std::make_shared<VersionOptions>(), version);
}

} // namespace keybearer::cli
