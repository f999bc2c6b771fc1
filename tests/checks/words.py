#!/usr/bin/env python3
"""Words that must not be in the tree: paths of one machine, package registries, promises instead of work."""
import re

import tree

TEXT = (".h", ".cpp", ".py", ".sh", ".mjs", ".cmake", ".txt", ".md", ".toml", ".json", ".yml", ".service", ".socket", "")
RULES = (
    (re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+)/\w"), "a path of one machine", ("tests/lab/fresh.sh",)),
    (re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"), "a promise instead of work", ()),
    (re.compile(r"/tmp/build-|/tmp/brief"), "a path of one machine", ()),
)
LOCK_FILES = re.compile(r"(?:^|/)(?:package-lock\.json|Cargo\.lock|go\.sum|poetry\.lock|yarn\.lock)$")
REGISTRY = re.compile(r'"resolved"|https?://')
LOCK_ALLOWED = re.compile(r'"url": "https?://(?:opencollective\.com|github\.com|feross\.org)')


def text_files():
    yield from (path for path in tree.files() if path.suffix in TEXT)
    yield from (path for path in tree.ROOT.iterdir() if path.is_file() and path.suffix in TEXT)


def check():
    problems = []
    for path in text_files():
        name = tree.name(path)
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            for pattern, meaning, allowed in RULES:
                if pattern.search(line) and name not in allowed and path.name != "words.py":
                    problems.append(f"{name}:{number}: {meaning}: {line.strip()}")
            if LOCK_FILES.search(name) and REGISTRY.search(line) and not LOCK_ALLOWED.search(line):
                problems.append(f"{name}:{number}: an address in a lock file: {line.strip()}")
    return problems


tree.finish(check())
