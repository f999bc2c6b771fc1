"""Packs the library (PEP 517) with the standard library alone, so that installing it needs no network."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, Optional

HERE = Path(__file__).resolve().parent
WHEEL = b"Wheel-Version: 1.0\nGenerator: keybearer\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(folder: str, settings: Optional[Dict[str, Any]] = None, metadata: Optional[str] = None) -> str:
    """Writes the wheel into ``folder`` and gives its file name."""
    info = f"keybearer-{version()}.dist-info"
    files = {**library(), f"{info}/METADATA": about(), f"{info}/WHEEL": WHEEL}
    record = "".join(f"{name},sha256={digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    name = f"keybearer-{version()}-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder, name), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return name


def build_sdist(folder: str, settings: Optional[Dict[str, Any]] = None) -> str:
    """Writes the source archive into ``folder`` and gives its file name."""
    top = f"keybearer-{version()}"
    files = {**library(), "PKG-INFO": about()}
    for own in ("pyproject.toml", "build_package.py", "README.md"):
        files[own] = (HERE / own).read_bytes()
    with tarfile.open(Path(folder, f"{top}.tar.gz"), "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return f"{top}.tar.gz"


def library() -> Dict[str, bytes]:
    """The files of the package by their path in the archive."""
    paths = sorted([*HERE.glob("keybearer/*.py"), HERE / "keybearer" / "py.typed"])
    return {path.relative_to(HERE).as_posix(): path.read_bytes() for path in paths}


def version() -> str:
    found = re.search(r'^__version__ = "([^"]+)"$', (HERE / "keybearer/__init__.py").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError("keybearer/__init__.py has no __version__")
    return found.group(1)


def about() -> bytes:
    readme = (HERE / "README.md").read_text("utf-8")
    return (
        f"Metadata-Version: 2.1\nName: keybearer\nVersion: {version()}\n"
        "Summary: Credentials from Keybearer, the local credential broker\n"
        f"Requires-Python: >=3.9\nDescription-Content-Type: text/markdown\n\n{readme}"
    ).encode()


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
