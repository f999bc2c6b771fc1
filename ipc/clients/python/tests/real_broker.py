"""A broker of our own, from the folder that KEYBEARER_BIN_DIR names, with a new home for each test class."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Dict
from unittest import mock

import keybearer

PATIENCE = 60


def bin_dir() -> str:
    folder = os.environ.get("KEYBEARER_BIN_DIR", "")
    if not os.path.isfile(os.path.join(folder, "keybearerd")) or not os.path.isabs(folder):
        raise AssertionError("set KEYBEARER_BIN_DIR to the folder that has keybearer and keybearerd")
    return folder


class RealBrokerTest(unittest.TestCase):
    """``self.home`` is KEYBEARER_HOME, ``self.environment`` all that the broker and ``patched`` see."""

    home: str
    environment: Dict[str, str]
    policy = "allow"

    def setUp(self) -> None:
        # Short, as a socket's path is; and mkdtemp gives it mode 0700.
        self.programs = bin_dir()
        self.home = tempfile.mkdtemp(prefix="kb", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.home)
        self.environment = {
            "KEYBEARER_HOME": self.home,
            "HOME": self.home,
            "PATH": self.programs + os.pathsep + os.environ.get("PATH", os.defpath),
        }
        self.configure("")
        self.addCleanup(self.keybearer, "daemon", "stop")

    def keybearer(self, *arguments: str) -> None:
        done = subprocess.run(
            [os.path.join(self.programs, "keybearer"), *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout.decode())

    def start(self) -> None:
        """A broker with a keychain in a file."""
        self.keybearer("keychain", "migrate", "--to", "file", "--no-passphrase")

    def configure(self, text: str) -> None:
        """A config.toml, which a broker reads when it starts."""
        path = Path(self.home, "config", "config.toml")
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(f'policy = "{self.policy}"\n{text}', encoding="utf-8")
        path.chmod(0o600)

    def patched(self) -> None:
        """This process looks into ``self.environment`` alone until the test ends."""
        patch = mock.patch.dict(os.environ, self.environment, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def connect(self, **variables: str) -> keybearer.Client:
        """A client that sees these variables of providers and no others."""
        client = keybearer.Client(os.path.join(self.home, "run", "broker.sock"), environment=variables, start=False)
        self.addCleanup(client.close)
        return client
