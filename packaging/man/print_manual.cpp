// Prints what the manual pages say of the command line and of the protocol, as mdoc(7): `print-manual
// verbs|methods|errors`.

#include "app/cli/app.h"
#include "ipc/protocol/errors.h"
#include "ipc/protocol/methods.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace keybearer;

/// Text of lines that begin with no macro; the marks of Markdown are left out. A sentence begins a line.
std::string text(std::string_view from) {
    std::string out;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const char c = from[i];
        if (c == ' ' && i > 0 && from[i - 1] == '.' && i + 1 < from.size() && from[i + 1] >= 'A' &&
            from[i + 1] <= 'Z') {
            out += '\n';
            continue;
        }
        switch (c) {
        case '\\': out += "\\e"; break;
        case '-': out += "\\-"; break;
        case '`': break;
        case '\'': out += "\\(aq"; break;
        case '^': out += "\\(ha"; break;
        case '~': out += "\\(ti"; break;
        default: out += c;
        }
    }
    return !out.empty() && out.front() == '.' ? "\\&" + out : out;
}

/// One word of a macro's line.
std::string word(std::string_view from) {
    return "\"" + text(from) + "\"";
}

void line(std::string& out, const std::string& content) {
    if (!content.empty()) {
        out += content + "\n";
    }
}

/// What stands below "Examples:" in a verb's help.
void addExamples(std::string& out, const std::string& footer) {
    const std::size_t end = footer.find("\n\nExit codes:");
    const std::size_t begin = footer.find("Examples:\n");
    if (begin != 0 || end == std::string::npos) {
        return;
    }
    line(out, ".Bd -literal -offset indent");
    std::size_t at = footer.find('\n') + 1;
    while (at <= end) {
        const std::size_t stop = std::min(footer.find('\n', at), end);
        std::string example = footer.substr(at, stop - at);
        example.erase(0, example.find_first_not_of(' '));
        line(out, text(example));
        at = stop + 1;
    }
    line(out, ".Ed");
}

void addOption(std::string& out, const CLI::Option& option) {
    std::string item = ".It";
    const char* separator = "";
    for (const std::string& name : option.get_snames()) {
        item += " Fl " + name;
        separator = " ,";
    }
    for (const std::string& name : option.get_lnames()) {
        item += std::string(separator) + " Fl " + word("-" + name);
        separator = " ,";
    }
    if (option.get_items_expected_max() != 0) {
        item += " Ar " + word(option.get_type_name());
    }
    line(out, item);
    line(out, text(option.get_description()) + ".");
}

/// Else it only holds others together.
bool doesSomething(const CLI::App& verb) {
    return verb.get_subcommands({}).empty() || std::ranges::any_of(verb.get_options(), [](const CLI::Option* option) {
               return !option->check_lname("help");
           });
}

void addVerb(std::string& out, const CLI::App& verb, const std::string& path) {
    if (!path.empty() && doesSomething(verb)) {
        line(out, ".Ss keybearer " + path);
        line(out, text(verb.get_description()) + ".");
        std::string arguments;
        std::string options;
        for (const CLI::Option* option : verb.get_options()) {
            if (option->get_positional()) {
                line(arguments, ".It Ar " + word(option->get_type_name()));
                line(arguments, text(option->get_description()) + ".");
            } else if (!option->check_lname("help")) {
                addOption(options, *option);
            }
        }
        if (!arguments.empty() || !options.empty()) {
            out += ".Bl -tag -width Ds -compact\n" + arguments + options + ".El\n";
        }
        addExamples(out, verb.get_footer());
    }
    for (const CLI::App* each : verb.get_subcommands({})) {
        addVerb(out, *each, path.empty() ? each->get_name() : path + " " + each->get_name());
    }
}

std::string verbs() {
    cli::Invocation unused;
    std::string out;
    addVerb(out, *cli::buildTree(unused, nullptr), {});
    return out;
}

std::string methods() {
    std::string out;
    for (const protocol::Method& method : protocol::methods()) {
        line(out, ".Ss " + std::string(method.name));
        line(out, text(method.summary));
        line(out, "Guard: " + std::string(protocol::toString(method.guard)) + ".");
        line(out, ".Bl -tag -width Ds -compact");
        for (const protocol::Param& param : method.params) {
            line(out, ".It Ar " + word(param.name) + " Pq " +
                          word(std::string(protocol::toString(param.type)) + (param.required ? ", required" : "")));
            line(out, text(param.meaning));
        }
        for (const protocol::Field& field : method.result) {
            line(out, ".It -> Va " + word(field.name) + " Pq " + word(field.type));
            line(out, text(field.meaning));
        }
        line(out, ".El");
    }
    return out;
}

std::string errors() {
    std::string out;
    for (const protocol::ErrorInfo& error : protocol::kErrors) {
        line(out, ".It Er " + word(error.name) + " Pq " +
                      word(std::to_string(error.code) + ", exit " + std::to_string(error.exitCode)));
        line(out, text(error.meaning));
    }
    return out;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc == 2 ? argv[1] : "";
    const std::string printed = what == "verbs"     ? verbs()
                                : what == "methods" ? methods()
                                : what == "errors"  ? errors()
                                                    : std::string();
    std::fputs(printed.c_str(), stdout);
    return printed.empty() ? 2 : 0;
}
