#include "app/cli/completion_script.h"

#include "app/cli/completion_tree.h"

namespace keybearer::cli {
namespace {

using Source = ArgumentKind::Source;

constexpr const char* kAccountNames = "account list --names";
constexpr const char* kProviderNames = "provider list --names";

/// One word in single quotes, for a POSIX shell.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

/// One word in single quotes, for fish, where a backslash escapes inside them too.
std::string fishQuoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + "'";
}

std::string joinedWords(const std::vector<std::string>& words, const char* separator) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : separator) + word;
    }
    return out;
}

/// "'/login'|'/account'|...": the paths that lead to a verb.
std::string verbPaths(const std::vector<Place>& places, const char* separator) {
    std::vector<std::string> paths;
    for (const Place& place : places) {
        if (!place.path.empty()) {
            paths.push_back(quoted(place.path));
        }
    }
    return joinedWords(paths, separator);
}

struct ShellWords {
    std::string names;                                    ///< runs keybearer; the verb follows
    std::string files;                                    ///< completes a file
    std::string (*list)(const std::vector<std::string>&); ///< offers words
};

std::string offer(const ArgumentKind& kind, const ShellWords& shell) {
    switch (kind.source) {
    case Source::Nothing: return ":";
    case Source::Accounts: return shell.names + kAccountNames;
    case Source::Providers: return shell.names + kProviderNames;
    case Source::Files: return shell.files;
    case Source::Choices: return shell.list(kind.choices);
    }
    return {};
}

/// The cases in which the word before the cursor is an option that wants a value.
std::string valueCases(const std::vector<Place>& places, const ShellWords& shell) {
    std::string out;
    for (const Place& place : places) {
        for (const CompletedWord& option : place.options) {
            if (option.takesValue) {
                out += "        " + quoted(place.path + " " + option.name) + ") " + offer(option.value, shell) +
                       "; return ;;\n";
            }
        }
    }
    return out;
}

std::string bashWords(const std::vector<std::string>& words) {
    return "_keybearer_words " + joinedWords(words, " ");
}

std::vector<std::string> namesOf(const std::vector<CompletedWord>& words) {
    std::vector<std::string> out;
    for (const CompletedWord& word : words) {
        out.push_back(word.name);
    }
    return out;
}

std::string bashScript(const std::vector<Place>& places) {
    const ShellWords shell{"_keybearer_names \"${words[0]}\" ", "compopt -o default", bashWords};
    std::string cases;
    for (const Place& place : places) {
        cases += "    " + quoted(place.path) + ") if [[ $cur == -* ]]; then " + bashWords(namesOf(place.options)) +
                 "; else " + (place.verbs.empty() ? offer(place.argument, shell) : bashWords(namesOf(place.verbs))) +
                 "; fi ;;\n";
    }
    return R"sh(# bash completion for keybearer, written by "keybearer completion bash"
_keybearer_words() {
    local word
    for word in "$@"; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$head"}")
    done
}
_keybearer_names() {
    local word
    while IFS= read -r word; do
        _keybearer_words "$word"
    done < <("$@" 2>/dev/null)
}
_keybearer() {
    local line=${COMP_LINE:0:COMP_POINT} place= i last cur head= breaks
    local -a words
    COMPREPLY=()
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    last=$((${#words[@]} - 1))
    cur=${words[last]}
    # Readline replaces only what follows the last of its word breaks.
    breaks=${COMP_WORDBREAKS//[^@:=]/}
    [[ -n $breaks ]] && head=${cur%"${cur##*[$breaks]}"}
    for ((i = 1; i < last; i++)); do
        case "$place/${words[i]}" in
        )sh" +
           verbPaths(places, "|") +
           R"sh() place=$place/${words[i]} ;;
        esac
    done
    case "$place ${words[last - 1]}" in
)sh" + valueCases(places, shell) +
           R"sh(    esac
    case "$place" in
)sh" + cases +
           R"sh(    esac
}
complete -F _keybearer keybearer
)sh";
}

std::string zshWords(const std::vector<std::string>& words) {
    return "compadd -- " + joinedWords(words, " ");
}

/// An array of "word:description", as _describe wants it.
std::string described(const std::vector<CompletedWord>& words) {
    std::string out;
    for (const CompletedWord& word : words) {
        out += ' ';
        out += quoted(word.name + ":" + word.description);
    }
    return "described=(" + out + " )";
}

std::string zshScript(const std::vector<Place>& places) {
    const ShellWords shell{"_keybearer_names \"${words[1]}\" ", "_files", zshWords};
    std::string cases;
    for (const Place& place : places) {
        cases += "    " + quoted(place.path) + ")\n        if [[ $PREFIX == -* ]]; then\n            " +
                 described(place.options) + "\n            _describe option described\n        else\n            " +
                 (place.verbs.empty() ? offer(place.argument, shell)
                                      : described(place.verbs) + "\n            _describe verb described") +
                 "\n        fi ;;\n";
    }
    return R"sh(#compdef keybearer
# zsh completion for keybearer, written by "keybearer completion zsh"
_keybearer_names() {
    local -a names
    names=(${(f)"$("$@" 2>/dev/null)"})
    compadd -a names
}
_keybearer() {
    local place= i
    local -a described
    for ((i = 2; i < CURRENT; i++)); do
        case "$place/${words[i]}" in
        )sh" +
           verbPaths(places, "|") +
           R"sh() place=$place/${words[i]} ;;
        esac
    done
    case "$place ${words[CURRENT - 1]}" in
)sh" + valueCases(places, shell) +
           R"sh(    esac
    case "$place" in
)sh" + cases +
           R"sh(    esac
}
if [[ ${funcstack[1]} == _keybearer ]]; then
    _keybearer "$@"
else
    compdef _keybearer keybearer
fi
)sh";
}

std::string fishValue(const ArgumentKind& kind) {
    switch (kind.source) {
    case Source::Nothing: return {};
    case Source::Accounts: return std::string(" -a '(keybearer ") + kAccountNames + " 2>/dev/null)'";
    case Source::Providers: return std::string(" -a '(keybearer ") + kProviderNames + " 2>/dev/null)'";
    case Source::Files: return " -F";
    case Source::Choices: return " -a " + fishQuoted(joinedWords(kind.choices, " "));
    }
    return {};
}

std::string fishScript(const std::vector<Place>& places) {
    std::string out = R"sh(# fish completion for keybearer, written by "keybearer completion fish"
function __keybearer_at
    set -l place ''
    for word in (commandline -opc)[2..-1]
        switch "$place/$word"
            case )sh" +
                      verbPaths(places, " ") +
                      R"sh(
                set place "$place/$word"
        end
    end
    test "$place" = "$argv[1]"
end
complete -c keybearer -f
)sh";
    for (const Place& place : places) {
        const std::string start = "complete -c keybearer -n \"__keybearer_at '" + place.path + "'\"";
        for (const CompletedWord& verb : place.verbs) {
            out += start + " -a " + verb.name + " -d " + fishQuoted(verb.description) + "\n";
        }
        for (const CompletedWord& option : place.options) {
            out += start + " -l " + option.name.substr(2) +
                   (option.takesValue ? (option.value.source == Source::Files ? " -r" : " -x") : "") +
                   fishValue(option.value) + " -d " + fishQuoted(option.description) + "\n";
        }
        if (place.argument.source != Source::Nothing) {
            out += start + fishValue(place.argument) + "\n";
        }
    }
    return out;
}

} // namespace

std::string completionScript(const CLI::App& root, Shell shell) {
    const std::vector<Place> places = placesOf(root);
    switch (shell) {
    case Shell::Bash: return bashScript(places);
    case Shell::Zsh: return zshScript(places);
    case Shell::Fish: return fishScript(places);
    }
    return {};
}

} // namespace keybearer::cli
