#include "app/cli/app.h"

#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "ipc/base/edit_distance.h"
#include "ipc/base/text.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <numeric>

namespace keybearer::cli {
namespace {

constexpr std::string_view kOverview =
    R"(Keybearer: one login, every tool. It signs you in with your browser, keeps the tokens in
your keychain and hands each program the access token that it asks for.

  keybearer login PROVIDER    sign in                     keybearer status    see what is there
  keybearer token ACCOUNT     print an access token       keybearer doctor    find out what is wrong
  keybearer provider set P    store a provider's key      keybearer run -p P -- CMD    hand it to a program

Verbs: )";

struct ExitMeaning {
    int code;
    const char* meaning;
};

constexpr std::array kExitMeanings{
    ExitMeaning{0, "done"},
    ExitMeaning{1, "failed; the message says why"},
    ExitMeaning{2, "the command line or a name in it is wrong"},
    ExitMeaning{4, "a sign-in or a key is needed, or the sign-in failed or was cancelled"},
    ExitMeaning{5, "refused by policy, or asked too often"},
    ExitMeaning{6, "the keychain is locked, missing or did not work"},
    ExitMeaning{7, "the provider cannot be reached, or answered with an error"},
    ExitMeaning{8, "no broker answers"},
};

/// Help without the marks of a parser: "ACCOUNT" where CLI11 would write "account ACCOUNT REQUIRED".
class HelpFormatter final : public CLI::Formatter {
public:
    HelpFormatter() {
        column_width(32);
        label("Positionals", "Arguments");
        label("SUBCOMMAND", "VERB");
    }
    std::string make_option_name(const CLI::Option* option, bool positional) const override {
        return positional ? option->get_type_name() : option->get_name(false, true);
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        const bool takesValue = option->nonpositional() && option->get_items_expected_max() != 0;
        return takesValue ? " " + option->get_type_name() : std::string();
    }
};

std::vector<std::string> verbNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands({})) {
        names.push_back(verb->get_name());
    }
    return names;
}

std::string joined(const std::vector<std::string>& words, const char* separator) {
    return std::accumulate(words.begin(), words.end(), std::string(), [&](const std::string& a, const std::string& b) {
        return a.empty() ? b : a + separator + b;
    });
}

std::string fullName(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name() : fullName(*app.get_parent()) + " " + app.get_name();
}

/// `place` is where the word stands: "keybearer daemon".
client::Error unknown(const char* what, const std::string& word, const std::vector<std::string>& candidates,
                      const std::string& place) {
    const auto meant = nearest(word, candidates);
    return usageError("\"" + place + "\" has no " + what + " \"" + shown(word, 40) + "\"" +
                      (meant ? "; did you mean \"" + *meant + "\"?" : "; run: " + place + " --help"));
}

/// The verb, or group of verbs, at which parsing stopped.
const CLI::App& deepest(const CLI::App& app) {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? app : deepest(*parsed.back());
}

/// Says which word was not understood, and never repeats a value: it may be a secret that somebody put there.
client::Error strayArgument(const CLI::App& verb) {
    const std::vector<std::string> rest = verb.remaining();
    const auto option =
        std::ranges::find_if(rest, [](const std::string& word) { return word.size() > 1 && word[0] == '-'; });
    if (option != rest.end()) {
        std::vector<std::string> names;
        for (const CLI::Option* known : verb.get_options()) {
            for (const std::string& name : known->get_lnames()) {
                names.push_back("--" + name);
            }
        }
        return unknown("option", option->substr(0, option->find('=')), names, fullName(verb));
    }
    return usageError("too many words; run: " + fullName(verb) + " --help");
}

/// The arguments that must be there and are not.
std::vector<std::string> missingArguments(const CLI::App& verb) {
    std::vector<std::string> names;
    for (const CLI::Option* option : verb.get_options()) {
        if (option->get_required() && option->count() == 0) {
            names.push_back(option->get_positional() ? option->get_type_name() : option->get_name());
        }
    }
    return names;
}

client::Error usageFrom(const CLI::App& root, const CLI::ParseError& error) {
    const CLI::App& verb = deepest(root);
    const std::vector<std::string> below = verbNames(verb);
    const std::vector<std::string> rest = verb.remaining();
    const bool wantsVerb = rest.empty() ? verb.get_require_subcommand_min() > 0 : !rest.front().starts_with('-');
    if (!below.empty() && wantsVerb) {
        return rest.empty() ? usageError("\"" + fullName(verb) + "\" wants one of: " + joined(below, ", "))
                            : unknown("verb", rest.front(), below, fullName(verb));
    }
    if (!rest.empty()) {
        return strayArgument(verb);
    }
    if (const auto missing = missingArguments(verb); !missing.empty() && error.get_name() == "RequiredError") {
        return usageError("\"" + fullName(verb) + "\" wants " + joined(missing, " and ") + "; run: " + fullName(verb) +
                          " --help");
    }
    return usageError(std::string(error.what()) + "; run: " + fullName(verb) + " --help");
}

void labelVerbs(CLI::App& app) {
    for (CLI::App* verb : app.get_subcommands({})) {
        verb->group("Verbs");
        labelVerbs(*verb);
    }
}

int showOverview() {
    std::vector<std::string> names;
    for (const Verb& verb : kVerbs) {
        names.emplace_back(verb.name);
    }
    const auto printed = print(std::string(kOverview) + joined(names, " ") +
                               "\n\"keybearer VERB --help\" explains each, with examples and exit codes.\n");
    return printed ? 0 : report(printed.error(), false);
}

int parseAndRun(const Verb* verb, std::span<char* const> arguments, bool asJson) {
    Invocation invocation;
    const auto tree = buildTree(invocation, verb);
    // What stands behind "--" is another program's command line: nothing in it is ours to understand.
    const auto mark = std::ranges::find(arguments, std::string_view("--"));
    if (mark != arguments.end()) {
        invocation.command.assign(mark + 1, arguments.end());
    }
    try {
        tree->parse(static_cast<int>(mark - arguments.begin()), arguments.data());
    } catch (const CLI::CallForHelp&) {
        const auto printed = print(tree->help());
        return printed ? 0 : report(printed.error(), false);
    } catch (const CLI::CallForVersion& version) {
        const auto printed = print(std::string(version.what()) + "\n");
        return printed ? 0 : report(printed.error(), false);
    } catch (const CLI::ParseError& error) {
        return report(usageFrom(*tree, error), asJson);
    }
    const Outcome outcome = invocation.run();
    return outcome ? *outcome : report(outcome.error(), invocation.json);
}

} // namespace

std::unique_ptr<CLI::App> buildTree(Invocation& invocation, const Verb* verb) {
    auto root = std::make_unique<CLI::App>("Keybearer: one login, every tool.", "keybearer");
    root->formatter(std::make_shared<HelpFormatter>());
    root->set_help_flag("-h,--help", "Show this help");
    root->set_version_flag("--version", "keybearer " KEYBEARER_VERSION, "Show the version of this program");
    root->footer("\"keybearer VERB --help\" explains each verb, with examples and exit codes.");
    root->require_subcommand(1);
    for (const Verb& each : kVerbs) {
        if (verb == nullptr || verb->name == each.name) {
            each.add(*root, invocation);
        }
    }
    labelVerbs(*root);
    return root;
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t bestDistance = word.size() / 3 + 2;
    if (word.empty() || word.size() > 40) {
        return best;
    }
    for (const std::string& candidate : candidates) {
        const std::size_t away = candidate.starts_with(word) ? 1 : base::editDistance(word, candidate);
        if (away < bestDistance) {
            bestDistance = away;
            best = candidate;
        }
    }
    return best;
}

std::string helpFooter(std::initializer_list<std::string_view> examples, std::initializer_list<int> exitCodes) {
    std::string out = "Examples:\n";
    for (const std::string_view example : examples) {
        out += "  ";
        out += example;
        out += "\n";
    }
    out += "\nExit codes:";
    for (const ExitMeaning& row : kExitMeanings) {
        if (std::ranges::find(exitCodes, row.code) != exitCodes.end()) {
            out += "\n  " + std::to_string(row.code) + "  " + row.meaning;
        }
    }
    return out;
}

void addJsonFlag(CLI::App& verb, Invocation& invocation) {
    verb.add_flag("--json", invocation.json, "Print JSON for programs; an error too");
}

int run(std::span<char* const> arguments) {
    if (arguments.size() < 2) {
        return showOverview();
    }
    const auto words = arguments.subspan(1);
    const bool asJson = std::ranges::any_of(words, [](const char* word) { return std::string_view(word) == "--json"; });
    if (!std::ranges::all_of(words, [](const char* word) { return base::isUtf8(word); })) {
        return report(usageError("an argument is not UTF-8 text; use a UTF-8 locale"), asJson);
    }
    const std::string word = arguments[1];
    const auto verb = std::ranges::find(kVerbs, word, &Verb::name);
    if (verb == kVerbs.end() && !word.starts_with('-')) {
        std::vector<std::string> names;
        for (const Verb& each : kVerbs) {
            names.emplace_back(each.name);
        }
        return report(unknown("verb", word, names, "keybearer"), asJson);
    }
    return parseAndRun(verb == kVerbs.end() ? nullptr : &*verb, arguments, asJson);
}

} // namespace keybearer::cli
