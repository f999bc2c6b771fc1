#!/usr/bin/env python3
"""Counts single test functions in ctest's log: prints "PASSED FAILED SKIPPED".

Qt Test says "Totals: 5 passed, 0 failed, ..."; unittest says "Ran 5 tests" and "FAILED (failures=1, errors=2)"; node says
"# pass 5", go "--- PASS: ", cargo "test result: ok. 5 passed; 0 failed"; any other entry counts as one. An entry that failed counts as at least one failure, whatever its output says.
"""
import re
import sys

_QT = re.compile(r"^Totals: (\d+) passed, (\d+) failed, (\d+) skipped", re.M)
_RAN = re.compile(r"^Ran (\d+) tests?", re.M)
_OUTCOME = re.compile(r"^(?:OK|FAILED) \((.*)\)$", re.M)
_NODE = re.compile(r"^# (pass|fail|skipped) (\d+)$", re.M)
_GO = re.compile(r"^\s*--- (PASS|FAIL|SKIP): ", re.M)
_CARGO = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.M)
_ENTRY = re.compile(r"^\d+/\d+ Test: ", re.M)


def unittest_counts(output):
    outcome = " ".join(_OUTCOME.findall(output))

    def total(*names):
        return sum(int(number) for number in re.findall(rf"(?:{'|'.join(names)})=(\d+)", outcome))

    failed, skipped = total("failures", "errors", "unexpected successes"), total("skipped")
    ran = sum(int(number) for number in _RAN.findall(output))
    return max(ran - failed - skipped, 0), failed, skipped


def entry_counts(output):
    # A program that could not be started is logged with an empty command, and as passed.
    good = "\nTest Passed." in output and '\nCommand: ""\n' not in output
    passed, failed, skipped = int(good), 0, 0
    if totals := _QT.findall(output):
        passed, failed, skipped = (sum(int(row[column]) for row in totals) for column in range(3))
    elif _RAN.search(output):
        passed, failed, skipped = unittest_counts(output)
    elif rows := _CARGO.findall(output):
        passed, failed, skipped = (sum(int(row[column]) for row in rows) for column in range(3))
    elif words := _GO.findall(output):
        passed, failed, skipped = (words.count(word) for word in ("PASS", "FAIL", "SKIP"))
    elif rows := _NODE.findall(output):
        passed, failed, skipped = (sum(int(number) for word, number in rows if word == wanted)
                                   for wanted in ("pass", "fail", "skipped"))
    return passed, failed if good else max(failed, 1), skipped


def main():
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        entries = _ENTRY.split(log.read())[1:]
    counts = [entry_counts(entry) for entry in entries] or [(0, 1, 0)]
    print(*(sum(row[column] for row in counts) for column in range(3)))


if __name__ == "__main__":
    main()
