"""The wheel that pip installs."""

from __future__ import annotations

import csv
import importlib.util
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path
from typing import Any

import keybearer

FOLDER = Path(__file__).resolve().parents[1]


def backend() -> Any:
    spec = importlib.util.spec_from_file_location("build_package", FOLDER / "build_package.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PackageTest(unittest.TestCase):
    def test_the_wheel_has_the_whole_library_and_records_it(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            name = backend().build_wheel(folder)
            self.assertEqual(name, f"keybearer-{keybearer.__version__}-py3-none-any.whl")
            with zipfile.ZipFile(Path(folder, name)) as archive:
                names = archive.namelist()
                record = archive.read(f"keybearer-{keybearer.__version__}.dist-info/RECORD").decode()
        for path in FOLDER.glob("keybearer/*.*"):
            self.assertIn(f"keybearer/{path.name}", names)
        self.assertEqual([row[0] for row in csv.reader(record.splitlines())], names)

    def test_the_source_archive_can_be_built_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(Path(folder, backend().build_sdist(folder))) as archive:
                names = {Path(name).name for name in archive.getnames()}
        self.assertLessEqual({"pyproject.toml", "build_package.py", "README.md", "PKG-INFO", "client.py"}, names)


if __name__ == "__main__":
    unittest.main()
