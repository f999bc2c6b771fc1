#!/usr/bin/env python3
"""Every C++ file is as clang-format 14 leaves it."""
import subprocess

import tree

FORMATTER = "clang-format-14"

paths = [str(path) for path in tree.sources()]
result = subprocess.run([FORMATTER, "--dry-run", "-Werror", *paths], capture_output=True, text=True, check=False)
wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "error:" in line})
problems = [f"{path.removeprefix(f'{tree.ROOT}/')}: run {FORMATTER} -i on it" for path in wrong]
tree.finish(problems or ([result.stderr] if result.returncode else []))
