#!/usr/bin/env python3
"""What g++ 12 destroys twice: an aggregate temporary in a `co_await` expression, and either side of a `?:` with one."""
import re

import tree

_CONDITIONAL = re.compile(r"\?[^;?]*\bco_await\b")
_AGGREGATE = re.compile(r"\bco_await\b[^;{}]*\([^;{}]*\b[A-Z]\w*\{")


def faults():
    for path in tree.sources(top=("daemon",)):
        text = tree.code(path.read_text(encoding="utf-8"))
        for match in re.finditer(r"[^;{}]*\bco_await\b[^;]*;", text):
            line = text.count("\n", 0, match.start() + match.group().index("co_await")) + 1
            where = f"{tree.name(path)}:{line}"
            if _CONDITIONAL.search(match.group()):
                yield f"{where}: co_await on a side of ?:, which g++ 12 destroys twice; write if and else"
            elif _AGGREGATE.search(match.group()):
                yield f"{where}: an aggregate temporary in a co_await expression, which g++ 12 destroys twice; name it first"


tree.finish([*faults()])
