"""README.md against the tests: every module has one or a reason, and every test has a module."""
import importlib
import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROWS = re.compile(r"^\| ((?:oidcc|fapi\d)-\S+) \| .+? \| (.+) \|$", re.M)


def test_name(module):
    return "test_" + module.replace("-", "_")


class TableTest(unittest.TestCase):
    def setUp(self):
        self.rows = ROWS.findall((HERE / "README.md").read_text(encoding="utf-8"))
        self.tests = {path.name: re.findall(r"def (test_(?:oidcc|fapi)\w+)", path.read_text("utf-8"))
                      for path in HERE.glob("test_*.py")}

    def test_every_module_stands_in_the_tables_once(self):
        modules = [module for module, _ in self.rows]
        self.assertEqual(len(modules), len(set(modules)))
        # The 57 of OpenID Connect, and of FAPI what is listed.
        self.assertEqual(sum(module.startswith("oidcc-client-test") for module in modules), 57)

    def test_every_module_has_a_test_or_a_reason(self):
        for module, where in self.rows:
            with self.subTest(module):
                if where.startswith("does not apply: "):
                    for name in re.findall(r"[\w./]+\.py", where):
                        self.assertTrue((HERE / name).exists(), name)
                    self.assertNotIn(test_name(module), sum(self.tests.values(), []))
                else:
                    self.assertEqual(self.tests[where].count(test_name(module)), 1)

    def test_every_test_is_named_after_a_module_and_says_what_it_checks(self):
        modules = {test_name(module) for module, where in self.rows if where.endswith(".py")}
        for name, tests in self.tests.items():
            for test in tests:
                with self.subTest(test):
                    self.assertTrue(test in modules or any(test.startswith(f"{module}_w") for module in modules), test)
                    self.assertTrue(self.summary(name, test))

    def summary(self, file, test):
        """First line of a test's documentation."""
        cases = vars(importlib.import_module(file.removesuffix(".py"))).values()
        (method,) = {getattr(case, test) for case in cases if isinstance(case, type) and hasattr(case, test)}
        return (method.__doc__ or "").strip()
