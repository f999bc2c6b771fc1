"""The files of the project, for the checks."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOP = ("app", "daemon", "ipc", "tests", "packaging", "resources")
_SKIPPED = {"node_modules", "build", "__pycache__", ".git"}


def files(*suffixes, top=TOP):
    """Files with one of these suffixes below the top folders, sorted; all files when none is given."""
    for folder in top:
        for path in sorted((ROOT / folder).rglob("*")):
            if not path.is_file() or _SKIPPED & set(path.relative_to(ROOT).parts):
                continue
            if not suffixes or path.suffix in suffixes:
                yield path


def sources(top=("app", "daemon", "ipc", "tests")):
    return files(".h", ".cpp", top=top)


def name(path):
    return path.relative_to(ROOT).as_posix()


def blank(match):
    """Spaces for text, so that positions stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


_COMMENTS_AND_STRINGS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def code(text):
    """The text with comments, strings and characters blanked. A digit separator is no quote."""
    return _COMMENTS_AND_STRINGS.sub(blank, re.sub(r"(?<=\d)'(?=\d)", "_", text))


def finish(problems):
    """Ends a check."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
