#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct SettingsOptions {
    std::string name;
    std::string value;
};

std::string valueText(const json& setting) {
    const json value = setting.value("value", json());
    return value.is_boolean() ? value.dump() : textOf(setting, "value");
}

std::string settingsTable(const json& result) {
    Table table({"Setting", "Value", "Source", "Choices"});
    for (const json& setting : listOf(result, "settings")) {
        const std::string choices = joinedOf(setting, "choices", ", ");
        table.add({{textOf(setting, "name")},
                   {valueText(setting)},
                   {textOf(setting, "source")},
                   {choices.empty() ? "true, false" : choices}});
    }
    return table.render(colourOnStdout());
}

Outcome settings(const SettingsOptions& options, bool asJson) {
    if (!options.name.empty() && options.value.empty()) {
        return base::fail(usageError("say what it shall be, as in: keybearer settings lock.on_suspend true"));
    }
    const auto result = options.name.empty() ? askBroker(Start::IfNeeded, "settings.get")
                                             : askBroker(Start::IfNeeded, "settings.set",
                                                         {{"name", options.name}, {"value", options.value}});
    if (!result) {
        return base::fail(result.error());
    }
    return print(asJson ? jsonText(*result) : settingsTable(*result)).map([] { return 0; });
}

} // namespace

void addSettings(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("settings", "Show or change what config.toml leaves open");
    auto options = std::make_shared<SettingsOptions>();
    verb->add_option("name", options->name, "One of them; all are shown when left out")->type_name("NAME");
    verb->add_option("value", options->value, "What it shall be")->type_name("VALUE");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer settings", "keybearer settings lock.on_suspend true"}, {0, 2, 5, 6, 8}));
    onRun(*verb, invocation, options, settings);
}

} // namespace keybearer::cli
