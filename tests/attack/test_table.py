"""README.md against the tests: every line has one or a reason, and what is named exists."""
import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROWS = re.compile(r"^\| ([LTB]\d\d) \| .+? \| (.+) \|$", re.M)
APPLY = [f"L{n:02}" for n in range(1, 29)] + [f"T{n:02}" for n in range(1, 23)] \
    + [f"B{n:02}" for n in (*range(1, 21), 22, 23, 24)]


class TableTest(unittest.TestCase):
    def setUp(self):
        self.rows = ROWS.findall((HERE / "README.md").read_text(encoding="utf-8"))

    def test_every_line_stands_in_the_table_once(self):
        self.assertEqual([number for number, _ in self.rows], APPLY)

    def test_what_the_table_names_exists(self):
        for number, where in self.rows:
            with self.subTest(number):
                named = re.findall(r"[\w./]+\.py|\btst_\w+|\bfuzz_\w+", where)
                self.assertTrue(named or where.startswith("does not apply:"), where)
                for name in named:
                    if name.endswith(".py"):
                        self.assertTrue((HERE / name).exists(), name)
                    else:
                        folder = "unit" if name.startswith("tst_") else "fuzz"
                        self.assertTrue((HERE.parent / folder / f"{name}.cpp").exists(), name)

    def test_a_test_here_bears_the_number_of_its_line(self):
        names = {path.name: set(re.findall(r"[LTB]\d\d(?=_)", " ".join(re.findall(r"def (test_\w+)", path.read_text("utf-8")))))
                 for path in HERE.glob("test_*.py")}
        for number, where in self.rows:
            for name in re.findall(r"(?<![/\w])test_\w+\.py", where):
                with self.subTest(number):
                    self.assertIn(number, names[name])

    def test_every_numbered_test_stands_in_the_table(self):
        table = dict(self.rows)
        for path in HERE.glob("test_*.py"):
            for number in re.findall(r"(?<=_)[LTB]\d\d(?=_)", " ".join(re.findall(r"def (test_\w+)", path.read_text("utf-8")))):
                with self.subTest(number):
                    self.assertIn(path.name, table[number])
