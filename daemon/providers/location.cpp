#include "daemon/providers/location.h"

#include "ipc/base/ascii.h"

#include <algorithm>

namespace keybearer::providers {
namespace {

constexpr std::size_t kMaxIdentifier = 64;
constexpr std::size_t kMaxArgument = 4096;

bool isIdentifier(std::string_view text) {
    return !text.empty() && text.size() <= kMaxIdentifier && !base::isDigit(text.front()) &&
           std::ranges::all_of(text, [](char c) { return base::isAlnum(c) || c == '_'; });
}

/// Names of accounts and of AWS profiles; both are checked where they are looked up.
bool isLabel(std::string_view text) {
    return text.size() <= kMaxIdentifier && std::ranges::all_of(text, base::isVisible);
}

/// The problem, empty when there is none.
std::string argumentProblem(ArgumentRule rule, std::string_view argument) {
    switch (rule) {
    case ArgumentRule::Nothing: return argument.empty() ? "" : "nothing stands behind the ::";
    case ArgumentRule::Name:
    case ArgumentRule::Variable:
        return isIdentifier(argument) ? "" : "a name of letters, digits and _ stands behind the ::";
    case ArgumentRule::Account:
        return isLabel(argument) && !argument.empty() ? "" : "the name of an account stands behind the ::";
    case ArgumentRule::Profile: return isLabel(argument) ? "" : "a profile's name, or nothing, stands behind the ::";
    case ArgumentRule::Path:
        return argument.starts_with('/') && argument.size() <= kMaxArgument &&
                       std::ranges::none_of(argument, base::isControl)
                   ? ""
                   : "an absolute path stands behind the ::";
    case ArgumentRule::Command:
        return !argument.empty() && argument.size() <= kMaxArgument && std::ranges::none_of(argument, base::isControl)
                   ? ""
                   : "a program and its arguments stand behind the ::";
    }
    return "unknown";
}

} // namespace

const LocationRow& rowOf(LocationKind kind) {
    return *std::ranges::find(kLocations, kind, &LocationRow::kind);
}

base::Result<std::vector<std::string>, std::string> splitWords(std::string_view text) {
    std::vector<std::string> words;
    bool inWord = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == 0 && c == ' ') {
            inWord = false;
            continue;
        }
        if (!inWord) {
            words.emplace_back();
            inWord = true;
        }
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else if (c == '\\' && quote != '\'') {
            if (++i == text.size()) {
                return base::fail(std::string("nothing stands behind the last \\"));
            }
            words.back() += text[i];
        } else {
            words.back() += c;
        }
    }
    if (quote != 0) {
        return base::fail(std::string("a quotation mark is not closed"));
    }
    return words;
}

base::Result<Location, std::string> parseLocation(std::string_view text) {
    Location location;
    const std::size_t colons = std::min(text.find("::"), text.size());
    std::string_view kind = text.substr(0, colons);
    if (const std::size_t equals = kind.find('='); equals != std::string_view::npos) {
        location.field = kind.substr(0, equals);
        kind.remove_prefix(equals + 1);
        if (!isIdentifier(location.field)) {
            return base::fail(std::string("a field's name stands before the ="));
        }
    }
    const auto* const row = std::ranges::find(kLocations, kind, &LocationRow::name);
    // "none" alone is how one says it
    if (row == kLocations.end() || (colons == text.size() && row->kind != LocationKind::None)) {
        std::string message = "a location is one of";
        for (const LocationRow& known : kLocations) {
            message.append(" ").append(known.name).append(known.kind == LocationKind::None ? "" : "::");
        }
        return base::fail(std::move(message));
    }
    location.kind = row->kind;
    location.argument = text.substr(std::min(colons + 2, text.size()));
    const std::string name(row->name);
    if (const std::string problem = argumentProblem(row->argument, location.argument); !problem.empty()) {
        return base::fail(name + "::: " + problem);
    }
    if (!row->fillsAField && !location.field.empty()) {
        return base::fail(name + ":: brings its fields by their own names; leave the field before the = out");
    }
    if (row->argument == ArgumentRule::Command) {
        auto words = splitWords(location.argument);
        if (!words || words->empty() || words->front().empty()) {
            return base::fail(name + "::: " + (words ? "a program's name comes first" : words.error()));
        }
        location.words = std::move(*words);
    }
    return location;
}

} // namespace keybearer::providers
