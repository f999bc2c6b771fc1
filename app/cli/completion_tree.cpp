#include "app/cli/completion_tree.h"

#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

namespace keybearer::cli {
namespace {

/// Placeholders are upper case ("FILE"), choices lower case ("bash|zsh|fish").
ArgumentKind kindOf(const CLI::Option& option) {
    std::string type = option.get_type_name();
    if (type == kAccountArgument) {
        return {ArgumentKind::Source::Accounts, {}};
    }
    if (type == kProviderArgument) {
        return {ArgumentKind::Source::Providers, {}};
    }
    if (type == kFileArgument) {
        return {ArgumentKind::Source::Files, {}};
    }
    if (type.find('|') != std::string::npos) {
        return {ArgumentKind::Source::Choices, CLI::detail::split(type, '|')};
    }
    return {};
}

void collect(const CLI::App& app, const std::string& path, std::vector<Place>& places) {
    Place place;
    place.path = path;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional()) {
            if (place.argument.source == ArgumentKind::Source::Nothing) {
                place.argument = kindOf(*option);
            }
            continue;
        }
        for (const std::string& name : option->get_lnames()) {
            place.options.push_back(
                {"--" + name, option->get_description(), option->get_items_expected_max() != 0, kindOf(*option)});
        }
    }
    for (const CLI::App* verb : app.get_subcommands({})) {
        place.verbs.push_back({verb->get_name(), verb->get_description(), false, {}});
    }
    places.push_back(std::move(place));
    for (const CLI::App* verb : app.get_subcommands({})) {
        collect(*verb, path + "/" + verb->get_name(), places);
    }
}

} // namespace

std::vector<Place> placesOf(const CLI::App& root) {
    std::vector<Place> places;
    collect(root, {}, places);
    return places;
}

} // namespace keybearer::cli
