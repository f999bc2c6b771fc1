#!/usr/bin/env python3
"""Files and functions stay short enough to read at once. What is longer is listed here with its reason."""
import re

import tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
# A unit test is one table of inputs after another, to be read row by row.
MAX_UNIT_TEST_LINES = 800

# "path": why it is longer
LONG_FILES: dict[str, str] = {}
# "path:first line of the function as it stands": why it is longer
LONG_FUNCTIONS: dict[str, str] = {}

SUFFIXES = (".h", ".cpp", ".py", ".sh", ".mjs", ".cmake")
# A function's body opens at the end of a line that closes a parameter list and begins no type, namespace or list.
_OPENS_FUNCTION = re.compile(r"\)\s*(?:const|noexcept|override|final|mutable|&|->\s*[\w:<>,&* ]+|\s)*(?::[^;{]*)?\{$")
_NO_FUNCTION = re.compile(r"^\s*(?:namespace|class|struct|enum|union|extern|if|for|while|switch|else|do|try|case|default)\b|=\s*\{$")


def long_functions(path, text):
    lines = tree.code(text).split("\n")
    for number, line in enumerate(lines):
        stripped = line.rstrip()
        if not stripped.endswith("{") or _NO_FUNCTION.search(line):
            continue
        start = number
        # A signature over several lines: its last line may begin anywhere.
        while start > 0 and lines[start - 1].strip() and not re.search(r"[;{}:]\s*$", lines[start - 1]):
            start -= 1
        signature = " ".join(part.strip() for part in lines[start:number + 1])
        # Brackets that do not match: the second half of an `if` with an initializer.
        if (_NO_FUNCTION.search(lines[start]) or not _OPENS_FUNCTION.search(signature)
                or signature.count("(") != signature.count(")")):
            continue
        indent = len(lines[start]) - len(lines[start].lstrip())
        end = next((later for later in range(number + 1, len(lines))
                    if re.match(rf" {{{indent}}}\}}", lines[later])), number)
        if end - start + 1 > MAX_FUNCTION_LINES and not lines[start].rstrip().endswith("_data() {"):
            yield start + 1, f"{tree.name(path)}:{text.splitlines()[start].strip()}", end - start + 1


def check():
    problems = []
    for path in tree.files(*SUFFIXES):
        text = path.read_text(encoding="utf-8")
        count = text.count("\n")
        allowed = MAX_UNIT_TEST_LINES if tree.name(path).startswith("tests/unit/") else MAX_FILE_LINES
        if count > allowed and tree.name(path) not in LONG_FILES:
            problems.append(f"{tree.name(path)}: {count} lines; {allowed} are allowed")
        if path.suffix in (".h", ".cpp"):
            problems += [f"{tree.name(path)}:{line}: a function of {count} lines; {MAX_FUNCTION_LINES} are allowed"
                         for line, key, count in long_functions(path, text) if key not in LONG_FUNCTIONS]
    return problems


tree.finish(check())
