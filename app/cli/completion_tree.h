#pragma once
/// \file
/// The command-line tree, flattened into the places at which a shell completes.

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace keybearer::cli {

/// What may stand at an argument's place.
struct ArgumentKind {
    enum class Source { Nothing, Accounts, Providers, Files, Choices };

    Source source = Source::Nothing;
    std::vector<std::string> choices;
};

struct CompletedWord {
    std::string name; ///< a verb, or an option with its dashes
    std::string description;
    bool takesValue = false;
    ArgumentKind value;
};

struct Place {
    std::string path; ///< "", "/login", "/account/list"
    std::vector<CompletedWord> verbs;
    std::vector<CompletedWord> options;
    ArgumentKind argument; ///< the first positional one
};

/// Every verb and group of verbs, parents first.
[[nodiscard]] std::vector<Place> placesOf(const CLI::App& root);

} // namespace keybearer::cli
