#!/usr/bin/env python3
"""What g++ 12 destroys twice: an aggregate temporary in a `co_await` expression, either side of a `?:` with one, and what
the condition of an `if` waits for when its body waits as well."""
import re

import tree

_CONDITIONAL = re.compile(r"\?[^;?]*\bco_await\b")
_CONDITION = re.compile(r"\b(?:if|while|switch)\s*\(")
_AGGREGATE = re.compile(r"\bco_await\b[^;{}]*\([^;{}]*\b[A-Z]\w*\{")


def _condition(text, start):
    """What stands between the parentheses, without the statement before a `;`."""
    depth, end = 1, start
    while depth and end < len(text):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return text[start:end].rsplit(";", 1)[-1]


def faults():
    for path in tree.sources(top=("daemon",)):
        text = tree.code(path.read_text(encoding="utf-8"))
        for match in _CONDITION.finditer(text):
            if re.search(r"\bco_await\b", _condition(text, match.end())):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{tree.name(path)}:{line}: co_await in a condition, which g++ 12 may destroy twice; name it first"
        for match in re.finditer(r"[^;{}]*\bco_await\b[^;]*;", text):
            line = text.count("\n", 0, match.start() + match.group().index("co_await")) + 1
            where = f"{tree.name(path)}:{line}"
            if _CONDITIONAL.search(match.group()):
                yield f"{where}: co_await on a side of ?:, which g++ 12 destroys twice; write if and else"
            elif _AGGREGATE.search(match.group()):
                yield f"{where}: an aggregate temporary in a co_await expression, which g++ 12 destroys twice; name it first"


tree.finish([*faults()])
