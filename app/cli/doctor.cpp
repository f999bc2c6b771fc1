#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/local_checks.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "app/common/browser.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct DoctorOptions {
    std::string provider;
    bool network = false;
};

std::string checksText(const json& checks, bool colour) {
    Table table({"Check", "Result", "Message"});
    std::string fixes;
    for (const json& check : checks) {
        const std::string result = textOf(check, "result");
        const Style style = result == "ok" ? Style::Good : result == "warn" ? Style::Warning : Style::Bad;
        table.add({{textOf(check, "name")}, {result, style}, {textOf(check, "message")}});
        if (const std::string fix = textOf(check, "fix"); !fix.empty()) {
            fixes += "  " + shown(textOf(check, "name")) + ": " + shown(fix) + "\n";
        }
    }
    return table.render(colour) + (fixes.empty() ? "" : "\nTo mend it:\n" + fixes);
}

/// Only whoever sits here knows how a browser is opened; the broker has no display.
json browserCheck() {
    const auto commands = common::browserCommands(base::processEnvironment(), "https://example.com/");
    json check{{"name", "browser"}, {"result", "ok"}, {"fix", nullptr}, {"mend", nullptr}};
    if (commands.empty()) {
        check["result"] = "warn";
        check["message"] = "there is no way to open one here";
        check["fix"] = "keybearer login PROVIDER --device, or --no-browser; or set BROWSER";
    } else {
        check["message"] = "opened by " + commands.front().front();
    }
    return check;
}

Outcome doctor(const DoctorOptions& options, bool asJson) {
    json params{{"network", options.network}};
    if (!options.provider.empty()) {
        params["provider"] = options.provider;
    }
    auto result = askBroker(Start::IfNeeded, "doctor.run", params);
    if (!result && result.error().kind == "unknown_provider") {
        return base::fail(result.error());
    }
    if (result) {
        (*result)["checks"].push_back(browserCheck());
    } else {
        // Without a broker there are still the things that only a client can see.
        result = json{{"checks", localChecks(result.error())}};
    }
    const json& checks = listOf(*result, "checks");
    const auto printed = print(asJson ? jsonText(*result) : checksText(checks, colourOnStdout()));
    const bool failed =
        std::ranges::any_of(checks, [](const json& check) { return textOf(check, "result") == "fail"; });
    return printed.map([&] { return failed ? 1 : 0; });
}

} // namespace

void addDoctor(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand(
        "doctor",
        "Check the installation, or a provider, and say how to mend what is wrong; the report holds no secret");
    auto options = std::make_shared<DoctorOptions>();
    verb->add_option("provider", options->provider, "Check what a sign-in at this provider depends on")
        ->type_name(kProviderArgument);
    verb->add_flag("--network", options->network, "Also ask the providers of your accounts whether they answer");
    addJsonFlag(*verb, invocation);
    verb->footer(
        helpFooter({"keybearer doctor", "keybearer doctor work", "keybearer doctor --network --json"}, {0, 1, 2}));
    onRun(*verb, invocation, options, doctor);
}

} // namespace keybearer::cli
