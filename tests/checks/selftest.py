#!/usr/bin/env python3
"""The checks find what they are there for: each is run on a small tree with a fault in it; and so does the counting."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LONG = "int g(int a,\n      int b) {\n" + "    a++;\n" * 62 + "}\n"


class ChecksTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for folder in ("app", "daemon/oauth", "ipc/base", "packaging", "resources"):
            (self.root / folder).mkdir(parents=True)
        shutil.copytree(HERE, self.root / "tests" / "checks", ignore=shutil.ignore_patterns("__pycache__"))

    def check(self, name, path, text, *expected):
        """Clean before the file is there; afterwards every expected text is in the output."""
        script = self.root / "tests" / "checks" / f"{name}.py"
        self.assertEqual(self.run_script(script), (0, ""))
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")
        code, output = self.run_script(script)
        self.assertEqual(code, 1, output)
        self.assertEqual(len(output.splitlines()), len(expected), output)
        for part in expected:
            self.assertIn(part, output)

    def run_script(self, *command):
        result = subprocess.run([sys.executable, "-B", *command], capture_output=True, text=True, check=False)
        return result.returncode, result.stdout + result.stderr

    def test_layers_reads_includes(self):
        self.check("layers", "daemon/oauth/x.cpp", '#include "daemon/rpc/x.h"\n#include "ipc/base/y.h"\n',
                   'x.cpp:1: daemon/oauth may not include "daemon/rpc/x.h"')

    def test_layers_keeps_qt_out(self):
        self.check("layers", "ipc/base/x.h", "#include <QString>\n#include <string>\n", "free of Qt")

    def test_layers_reads_links(self):
        self.check("layers", "ipc/base/CMakeLists.txt", "keybearer_library(base SOURCES x LINKS keybearer_oauth) # keybearer_rpc\n",
                   "may not link keybearer_oauth")

    def test_layers_knows_every_folder(self):
        self.check("layers", "daemon/newcomer/x.h", "\n", "not in the table")

    def test_coroutines(self):
        self.check("coroutines", "daemon/oauth/x.cpp",
                   "QCoro::Task<> f() {\n    co_await g(Kind{1});\n    x = y ? co_await g(1) : h;\n    co_await h(Kind(1));\n"
                   "    if (co_await g(1)) {}\n    if (const bool b = co_await g(1); b) {}\n}\n",
                   "x.cpp:2: an aggregate temporary", "x.cpp:3: co_await on a side",
                   "x.cpp:5: co_await in a condition")

    def test_format(self):
        self.check("format", "daemon/oauth/x.cpp", "int  x ;\n", "daemon/oauth/x.cpp")

    def test_sizes_of_files(self):
        self.check("sizes", "daemon/oauth/x.cpp", "int x;\n" * 401, "401 lines")

    def test_sizes_of_functions(self):
        self.check("sizes", "daemon/oauth/x.cpp", "namespace a {\n" + LONG + "}\n", "x.cpp:2: a function of 65 lines")

    def test_words_of_machines(self):
        self.check("words", "daemon/oauth/x.cpp", "// see /ho" "me/me/notes\n", "a path of one machine")

    def test_words_of_promises(self):
        self.check("words", "daemon/oauth/x.cpp", "// TO" "DO\n", "a promise")

    def test_words_of_locks(self):
        self.check("words", "tests/lab/package-lock.json", '"resolved": "https://registry.example/x"\n', "an address in a lock file")

    def test_secrets(self):
        self.check("secrets", "ipc/base/x.h",
                   "struct A { std::string m_refreshToken; std::string tokenType; QString password = {}; };\n"
                   "void f(const std::string& secret, std::string_view token); // std::string verifier;\n",
                   "m_refreshToken", "password", "secret")

    def translations(self, source):
        """Clean translations of a window with two texts."""
        texts = self.root / "resources" / "translations"
        texts.mkdir()
        shutil.copy(HERE.parents[1] / "resources" / "translations" / "update", texts)
        for folder in ("app/model", "app/tray"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "app/tray/x.cpp").write_text(source, encoding="utf-8")
        subprocess.run([texts / "update"], check=True, capture_output=True)
        for path in texts.glob("*.ts"):
            text = path.read_text(encoding="utf-8")
            for source_text, german in (("&amp;Go to %1", "&amp;Gehe zu %1"), ("Stop", "Halt")):
                text = text.replace(f'<source>{source_text}</source>\n        <translation type="unfinished"></translation>',
                                    f"<source>{source_text}</source>\n        <translation>{german}</translation>")
            path.write_text(text, encoding="utf-8")
        self.assertEqual(self.run_script(self.root / "tests/checks/translations.py"), (0, ""))
        return texts / "keybearer_de.ts"

    def test_translations(self):
        call = 'QString f() {{ return QCoreApplication::translate("X", "{}"); }}\n'
        source = "#include <QCoreApplication>\n" + call.format("&Go to %1") + call.format("Stop")
        german = self.translations(source)
        whole = german.read_text(encoding="utf-8")
        for fault, expected in (((whole.replace("Gehe zu %1", "Gehe")), "has other values"),
                                ((whole.replace("&amp;Gehe", "Gehe")), "shortcut"),
                                ((whole.replace("<translation>Halt", '<translation type="unfinished">Halt')), "not translated"),
                                ((whole.replace("Stop", "Begin")), "is missing")):
            with self.subTest(expected):
                german.write_text(fault, encoding="utf-8")
                code, output = self.run_script(self.root / "tests/checks/translations.py")
                self.assertEqual(code, 1)
                self.assertIn(expected, output)


class CountTest(unittest.TestCase):
    ENTRY = '1/9 Testing: x\n1/9 Test: x\nCommand: "{command}"\nOutput:\n-----\n{output}\n<end of output>\n-----\nTest {verdict}.\n'

    def count(self, output, verdict="Passed", command="/bin/x"):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write(self.ENTRY.format(output=output, verdict=verdict, command=command))
            log.flush()
            result = subprocess.run([sys.executable, HERE.parent / "count.py", log.name], capture_output=True, text=True,
                                    check=True)
        return result.stdout.strip()

    def test_qt_test(self):
        self.assertEqual(self.count("Totals: 5 passed, 0 failed, 1 skipped, 0 blacklisted, 1ms"), "5 0 1")
        self.assertEqual(self.count("Totals: 3 passed, 2 failed, 0 skipped, 0 blacklisted, 1ms", "Failed"), "3 2 0")

    def test_unittest(self):
        self.assertEqual(self.count("Ran 7 tests in 0.1s\n\nOK (skipped=2)"), "5 0 2")
        self.assertEqual(self.count("Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)", "Failed"), "3 3 1")

    def test_an_entry_that_failed_is_one_failure_at_least(self):
        self.assertEqual(self.count("Totals: 3 passed, 0 failed, 0 skipped, 0 blacklisted, 1ms", "Failed"), "3 1 0")
        self.assertEqual(self.count("Segmentation fault", "Failed"), "0 1 0")

    def test_an_entry_that_could_not_start(self):
        self.assertEqual(self.count("", command=""), "0 1 0")

    def test_other_programs_count_as_one(self):
        self.assertEqual(self.count(""), "1 0 0")


if __name__ == "__main__":
    unittest.main()
