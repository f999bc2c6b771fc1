#include "daemon/identity/interpreter.h"

#include "ipc/base/ascii.h"

#include <algorithm>
#include <array>
#include <optional>

namespace keybearer::identity {
namespace {

using Kind = Interpreter::Kind;

constexpr std::string_view kShellFlags = "abefghiklmnprtuvxBCDEGHIPTVX";
/// zsh's options have letters of all kinds; these have another meaning: b c o s.
constexpr std::string_view kZshFlags = "adefghijklmnpqrtuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

// From the manuals: python(1) 3.11, node(1) 20, perlrun(1) 5.36, ruby(1) 3.1, php(1) 8.2, lua(1) 5.4, java(1) 17,
// bash(1) 5.2, dash(1), zsh(1) 5.9, fish(1) 3.6, tcsh(1). What an option loads besides the script is not checked, so
// such a command line has no checkable script.
constexpr std::array kInterpreters{
    Interpreter{.names = "python* pypy*",
                .flags = "bBdEhiIOPqRsSuvVx?",
                .valued = "WX",
                .code = "c",
                .elsewhere = "m",
                .wordFlags = "--help --help-all --help-env --help-xoptions --version",
                .wordValued = "--check-hash-based-pycs"},
    Interpreter{.names = "node nodejs",
                .flags = "chiv",
                .code = "ep",
                .elsewhere = "r",
                .wordFlags = "--check --interactive --inspect --inspect-brk --no-warnings --no-deprecation "
                             "--enable-source-maps --trace-warnings --trace-deprecation --trace-uncaught "
                             "--throw-deprecation --pending-deprecation --preserve-symlinks "
                             "--preserve-symlinks-main --expose-gc --expose_gc --experimental-vm-modules "
                             "--experimental-wasm-modules --experimental-strip-types --use-openssl-ca "
                             "--use-bundled-ca --use-system-ca",
                .wordEquals = "--inspect* --max-* --max_* --stack-size --stack_size --stack-trace-limit "
                              "--unhandled-rejections --title --input-type --conditions --dns-result-order",
                .wordCode = "--eval --print -pe",
                .wordElsewhere = "--require --import --loader --experimental-loader --test --run"},
    Interpreter{.names = "perl*",
                .flags = "acfgnpstTuUvwWX",
                .numbered = "0l",
                .attached = "CFix",
                .valued = "I",
                .code = "eE",
                .elsewhere = "mMSd"},
    Interpreter{.names = "ruby*",
                .flags = "acdlnpsvwyUh",
                .numbered = "0W",
                .attached = "Fix",
                .valued = "EI",
                .code = "e",
                .elsewhere = "rS",
                .wordFlags = "--disable-* --enable-* --jit* --yjit* --verbose --version --help --copyright --debug",
                .wordEquals = "--disable --enable --encoding --external-encoding --internal-encoding"},
    // Behind `php --` stand words for a script on standard input.
    Interpreter{.names = "php*",
                .flags = "aCehilmnqsvw",
                .valued = "cdz",
                .code = "rBRE",
                .wordElsewhere = "--",
                .wordFile = "-f --file"},
    Interpreter{.names = "lua*", .flags = "iEvW", .code = "e", .elsewhere = "l"},
    Interpreter{.names = "tclsh*"},
    Interpreter{.names = "java",
                .wordFlags = "-D* -X* -ea* -da* -esa -dsa -enableassertions* -disableassertions* -server -client "
                             "-verbose* -showversion --show-version --enable-preview",
                .wordValued = "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules "
                              "--add-opens --add-exports --add-reads --enable-native-access",
                .wordElsewhere = "-m --module -javaagent* -agentlib* -agentpath* -Xbootclasspath*",
                .wordFile = "-jar",
                .namesFiles = false},
    Interpreter{.names = "bash rbash",
                .kind = Kind::Shell,
                .flags = kShellFlags,
                .valued = "oO",
                .code = "c",
                .wordFlags = "--login --noediting --noprofile --norc --posix --restricted --verbose --debugger "
                             "--dump-strings --dump-po-strings --pretty-print --help --version",
                .wordValued = "--rcfile --init-file"},
    Interpreter{.names = "sh dash ash ksh mksh", .kind = Kind::Shell, .flags = kShellFlags, .valued = "o", .code = "c"},
    Interpreter{.names = "zsh",
                .kind = Kind::Shell,
                .flags = kZshFlags,
                .valued = "o",
                .code = "c",
                .wordFlags = "--login --interactive",
                .wordValued = "--emulate"},
    Interpreter{.names = "fish",
                .kind = Kind::Shell,
                .flags = "hilnNPv",
                .valued = "dDfop",
                .code = "c",
                .elsewhere = "C",
                .wordFlags = "--interactive --login --no-execute --no-config --private --version --help",
                .wordValued = "--debug --debug-output --features --profile --profile-startup",
                .wordCode = "--command",
                .wordElsewhere = "--init-command"},
    Interpreter{.names = "csh tcsh", .kind = Kind::Shell, .flags = "defilmnqvVxX", .code = "c"},
    // They run whatever they are told to, in ways that are too many to read; among them the dynamic loader, which is a
    // program, too.
    Interpreter{.names =
                    "busybox toybox ld-linux* ld-musl* ld-2* qemu-* wine* gdb lldb rr deno bun electron* dotnet mono* "
                    "pwsh wish* expect* R julia guile* gawk* mawk nawk original-awk make",
                .kind = Kind::Opaque},
};

bool has(std::string_view letters, char letter) {
    return letters.find(letter) != std::string_view::npos;
}

bool hasWord(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::string_view one = list.substr(0, list.find(' '));
        list.remove_prefix(std::min(one.size() + 1, list.size()));
        if (one.ends_with('*') ? word.starts_with(one.substr(0, one.size() - 1)) : word == one) {
            return true;
        }
    }
    return false;
}

enum class Meaning {
    Next,     // to the next word
    SkipOne,  // over the option's value
    IsCode,   // code on the command line
    IsInput,  // standard input
    IsFile,   // the next word is the file
    IsLoaded, // code from elsewhere
    IsOdd,
};

/// A whole word; nullopt: it is one of letters.
std::optional<Meaning> readWord(const Interpreter& row, std::string_view word) {
    const std::string_view name = word.substr(0, word.find('='));
    const bool hasValue = name.size() < word.size();
    // What loads code comes first: `-Xbootclasspath` is no mere `-X*`.
    if (hasWord(row.wordElsewhere, name)) {
        return Meaning::IsLoaded;
    }
    if (hasWord(row.wordCode, name)) {
        return Meaning::IsCode;
    }
    if (hasWord(row.wordFile, name)) {
        return hasValue ? Meaning::IsOdd : Meaning::IsFile;
    }
    if (hasWord(row.wordValued, name)) {
        return hasValue ? Meaning::Next : Meaning::SkipOne;
    }
    if (hasWord(row.wordFlags, name) || (hasValue && hasWord(row.wordEquals, name))) {
        return Meaning::Next;
    }
    return word.starts_with("--") ? std::optional(Meaning::IsOdd) : std::nullopt;
}

/// Letters behind - or, for a shell, +.
Meaning readLetters(const Interpreter& row, std::string_view word) {
    const bool isShell = row.kind == Kind::Shell;
    Meaning meaning = Meaning::Next;
    for (std::size_t i = 1; i < word.size(); ++i) {
        const char letter = word[i];
        if (has(row.code, letter)) {
            if (word.front() != '-') {
                return Meaning::IsOdd;
            }
            if (!isShell) {
                return Meaning::IsCode;
            }
            meaning = Meaning::IsCode; // a shell's letters go on behind it
        } else if (has(row.elsewhere, letter)) {
            return Meaning::IsLoaded;
        } else if (isShell && letter == 's') {
            meaning = meaning == Meaning::IsCode ? meaning : Meaning::IsInput;
        } else if (has(row.numbered, letter)) {
            while (i + 1 < word.size() && base::isDigit(word[i + 1])) {
                ++i;
            }
        } else if (has(row.attached, letter)) {
            return meaning;
        } else if (has(row.valued, letter)) {
            const bool isLast = i + 1 == word.size();
            if (isShell && (!isLast || meaning == Meaning::IsInput)) {
                return Meaning::IsOdd; // shells differ in whether the value may follow in the word
            }
            return isLast && meaning == Meaning::Next ? Meaning::SkipOne : meaning;
        } else if (!has(row.flags, letter)) {
            return Meaning::IsOdd;
        }
    }
    return meaning;
}

Code ofFile(std::string_view path) {
    return path.empty() ? Code{} : Code{CodeFrom::File, std::string(path)};
}

} // namespace

const Interpreter* findInterpreter(std::string_view executableName) {
    const std::size_t version = executableName.find_last_not_of("0123456789.") + 1;
    const std::string_view name = executableName.substr(0, version);
    const auto found = std::ranges::find_if(kInterpreters, [&](const Interpreter& row) {
        return hasWord(row.names, name) || hasWord(row.names, executableName);
    });
    return found == kInterpreters.end() ? nullptr : &*found;
}

Code codeOf(const Interpreter& interpreter, std::span<const std::string> argv, bool isCut) {
    if (interpreter.kind == Kind::Opaque || argv.empty()) {
        return {};
    }
    const bool isShell = interpreter.kind == Kind::Shell;
    bool isInput = false;
    for (std::size_t i = 1; i < argv.size(); ++i) {
        const std::string_view word = argv[i];
        const bool isEnd = (word == "--" && !hasWord(interpreter.wordElsewhere, word)) || (isShell && word == "-");
        const bool isOption = word.size() > 1 && (word.front() == '-' || (isShell && word.front() == '+'));
        if (isEnd || !isOption) {
            i += isEnd ? 1 : 0;
            if (i == argv.size() && !isInput) {
                break;
            }
            if (isInput || (!isShell && argv[i] == "-")) {
                return {CodeFrom::Input, {}};
            }
            return interpreter.namesFiles ? ofFile(argv[i]) : Code{CodeFrom::Elsewhere, {}};
        }
        const auto meaning = readWord(interpreter, word);
        switch (meaning ? *meaning : readLetters(interpreter, word)) {
        case Meaning::Next: break;
        case Meaning::SkipOne: ++i; break;
        case Meaning::IsCode: return {CodeFrom::Inline, {}};
        case Meaning::IsInput: isInput = true; break;
        case Meaning::IsFile: return i + 1 < argv.size() ? ofFile(argv[i + 1]) : Code{};
        case Meaning::IsLoaded: return {CodeFrom::Elsewhere, {}};
        case Meaning::IsOdd: return {};
        }
    }
    if (isCut) {
        return {};
    }
    return {isInput ? CodeFrom::Input : CodeFrom::Nothing, {}};
}

} // namespace keybearer::identity
