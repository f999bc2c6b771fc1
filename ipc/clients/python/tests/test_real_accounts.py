"""Signing in, and tokens that are bound to a key, against a real broker and an authorization server (tests/clients/lab)."""

from __future__ import annotations

import json
import subprocess
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Dict, Mapping, Optional, Tuple

import keybearer
from real_broker import bin_dir

LAB = Path(__file__).resolve().parents[4] / "tests" / "clients" / "lab"


class SignedInTest(unittest.TestCase):
    facts: Dict[str, str]
    browser: IO[str]
    client: keybearer.Client

    @classmethod
    def setUpClass(cls) -> None:
        bin_dir()
        lab = subprocess.Popen([str(LAB)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(lab.wait)
        assert lab.stdin is not None and lab.stdout is not None
        cls.addClassCleanup(lab.stdin.close)
        cls.addClassCleanup(lab.stdout.close)
        cls.browser = lab.stdin
        cls.facts = json.loads(lab.stdout.readline())

    def setUp(self) -> None:
        self.client = keybearer.connect(self.facts["socket"], environment={}, start=False)
        self.addCleanup(self.client.close)

    def browse(self, url: str) -> None:
        self.browser.write(url + "\n")
        self.browser.flush()

    def ask(self, headers: Mapping[str, str]) -> Tuple[int, Optional[str]]:
        """The status of the resource, and the nonce that it wants."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(self.facts["resource"], headers=dict(headers)), timeout=20) as said:
                return said.status, said.headers.get("DPoP-Nonce")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("DPoP-Nonce")

    def test_a_sign_in_and_a_bound_token(self) -> None:
        with self.client.login(self.facts["provider"], attended=True) as login:
            self.assertEqual((login.account, login.joined), (self.facts["account"], False))
            self.assertIsNone(login.wait(0))
            self.browse(login.url())
            done = login.wait()
        self.assertEqual(done and (done.account, done.subject), (self.facts["account"], "alice"))

        token = self.client.token(self.facts["account"])
        self.assertEqual(token.token_type, "DPoP")
        self.assertEqual(self.ask({"Authorization": f"Bearer {token.access_token}"})[0], 401)

        resource, account = self.facts["resource"], self.facts["account"]
        status, nonce = self.ask(self.client.dpop_proof("GET", resource, account).headers())
        self.assertEqual(status, 401)
        self.assertEqual(self.ask(self.client.dpop_proof("GET", resource, account, nonce=nonce).headers())[0], 200)
        self.assertEqual(self.ask(self.client.dpop_proof("POST", resource, account, nonce=nonce).headers())[0], 401)

    def test_what_is_refused(self) -> None:
        for kind, arguments in (("unknown_provider", {"provider": "nobody"}),
                                ("invalid_value", {"provider": self.facts["provider"], "flow": "pigeon"})):
            with self.assertRaises(keybearer.KeybearerError) as raised:
                self.client.login(**arguments)
            self.assertEqual(raised.exception.kind, kind)

    def test_a_sign_in_ends_with_its_connection(self) -> None:
        first = self.client.login(self.facts["provider"], attended=True)
        first.close()
        with self.client.login(self.facts["provider"], attended=True) as second:
            self.assertFalse(second.joined)
            with self.client.login(self.facts["provider"], attended=True) as third:
                self.assertTrue(third.joined)
                self.assertEqual(third.issuer, second.issuer)


if __name__ == "__main__":
    unittest.main()
