#!/usr/bin/env python3
"""A secret has a type (ipc/base/secret.h): no plain string may be called token, secret, password, passphrase or verifier."""
import re

import tree

# Types that own their bytes; a view of a revealed secret owns nothing.
_STRING = r"(?:QString|QByteArray|std::string)"
_NAME = r"\w*(?:token|secret|password|passphrase|verifier)"
DECLARATION = re.compile(rf"\b(?:const\s+)?{_STRING}\s*(?:const)?\s*[&*]{{0,2}}\s*\b({_NAME})\s*(?=[;,)={{])", re.I)

# "path:name": why it may be plain
ALLOWED = {
    "app/cli/token.cpp:secret": "the string inside the answer's JSON, wiped in place",
    "daemon/oauth/pkce.cpp:token": "random text on its way into a Secret; state and nonce are no secrets",
}


def check():
    problems = []
    for path in tree.sources(top=("app", "daemon", "ipc")):
        text = tree.code(path.read_text(encoding="utf-8"))
        for match in DECLARATION.finditer(text):
            if f"{tree.name(path)}:{match.group(1)}" in ALLOWED:
                continue
            line = text.count("\n", 0, match.start()) + 1
            problems.append(f"{tree.name(path)}:{line}: {match.group(0).strip()}: use base::Secret or one of its tagged types")
    return problems


tree.finish(check())
