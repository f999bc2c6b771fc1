#pragma once
/// \file
/// Programs that run other people's code, and where on their command line they are told which. Pure, fuzzed.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace keybearer::identity {

enum class CodeFrom {
    File,      ///< of a file: Code::path
    Inline,    ///< written on the command line (sh -c, python -c, perl -e)
    Elsewhere, ///< found or loaded by the interpreter itself (python -m, node --require, a Java class)
    Input,     ///< standard input, by its word
    Nothing,   ///< nothing is named: it talks to somebody, or reads standard input
    Unknown,   ///< the command line has something that we do not know
};

struct Code {
    CodeFrom from = CodeFrom::Unknown;
    std::string path; ///< as it stands there: from the folder in which the interpreter was started
};

/// A row of the table of interpreters. Lists of words are separated by one space; `x*` stands for all that begin so.
struct Interpreter {
    std::string_view names; ///< of the executable, less a version behind it
    enum class Kind { Script, Shell, Opaque } kind = Kind::Script;
    std::string_view flags = {};         ///< letters that stand alone
    std::string_view numbered = {};      ///< letters with digits behind them, or none
    std::string_view attached = {};      ///< letters whose value, if any, is what follows in the word
    std::string_view valued = {};        ///< letters with a value: what follows in the word, else the next word
    std::string_view code = {};          ///< letters of code on the command line
    std::string_view elsewhere = {};     ///< letters that load code from elsewhere
    std::string_view wordFlags = {};     ///< whole words that stand alone
    std::string_view wordEquals = {};    ///< whole words with a value behind a =
    std::string_view wordValued = {};    ///< whole words with a value: behind a =, else the next word
    std::string_view wordCode = {};      ///< as `code`
    std::string_view wordElsewhere = {}; ///< as `elsewhere`
    std::string_view wordFile = {};      ///< whole words before the file
    bool namesFiles = true;              ///< the first word that is no option is the file; else it is code elsewhere
};

/// The row for an executable of this name; nullptr when it is no interpreter that we know. A name alone: whoever calls
/// another program python3 makes it look less trustworthy, not more.
[[nodiscard]] const Interpreter* findInterpreter(std::string_view executableName);

/// What `argv`, the interpreter's own name first, says. `isCut`: there was more of it.
[[nodiscard]] Code codeOf(const Interpreter& interpreter, std::span<const std::string> argv, bool isCut);

} // namespace keybearer::identity
