"""Tokens that are bound to a key, and signing in, against a scripted broker."""

from __future__ import annotations

import inspect
import threading
from typing import Any, Dict, Mapping, Optional
import unittest

import keybearer
from fake_broker import answered, step
from played import PlayedTestCase

URL = "https://api.example/notes"
BEGUN = {
    "login_id": "login-1", "joined": True, "screen_locked": True, "account": "work", "provider": "demo",
    "issuer": "https://as.example", "resource": "https://api.example/", "scopes": ["openid"],
    "authorization_url": "https://as.example/one", "redirect_uri": None, "user_code": "ABCD",
    "verification_uri": "https://as.example/device", "url_expires_at": 1767225600, "expires_at": 1767225900,
}


def begin() -> Dict[str, Any]:
    return step(answered(BEGUN), method="account.login", params={"provider": "demo"})


def status(state: str, *, known: str = "waiting_for_browser", wait: int = 60, **more: Any) -> Dict[str, Any]:
    params = {"login_id": "login-1", "known_state": known, "wait": wait}
    return step(answered({"state": state, "account": "work", **more}), method="account.login_status", params=params)


class AccountsTest(PlayedTestCase):
    def begun(self, *script: Dict[str, Any]) -> keybearer.Login:
        login: keybearer.Login = self.entered_into(self.play([], [begin(), *script]).login("demo"))
        return login

    def failure(self, login: keybearer.Login) -> keybearer.KeybearerError:
        with self.assertRaises(keybearer.KeybearerError) as raised:
            login.wait()
        return raised.exception

    def test_a_proof_has_the_headers_and_shows_no_secret(self) -> None:
        answer = {"access_token": "canary", "token_type": "DPoP", "proof": "canary.too", "account": "a"}
        params = {"account": "a", "htm": "GET", "htu": URL}
        proof = self.play([step(answered(answer), method="dpop.proof", params=params)]).dpop_proof("GET", URL, "a")
        self.assertEqual(proof.headers(), {"Authorization": "DPoP canary", "DPoP": "canary.too"})
        self.assertIsInstance(proof, keybearer.Token)
        self.assertNotIn("canary", f"{proof} {proof!r}")

    def test_an_answer_without_a_proof_or_a_token(self) -> None:
        answers: Mapping[str, Any]
        for answers in ({"access_token": "at"}, {"proof": "p"}):
            client = self.play([step(answered(answers), method="dpop.proof", params={"account": "a", "htm": "GET", "htu": URL})])
            with self.assertRaises(keybearer.KeybearerError) as raised:
                client.dpop_proof("GET", URL, "a")
            self.assertEqual(raised.exception.kind, "connection_lost")

    def test_what_a_sign_in_says(self) -> None:
        login = self.begun()
        self.assertEqual({**BEGUN, "scopes": ("openid",), "login_id": None}, {
            **{name: getattr(login, name) for name in BEGUN if name != "login_id"}, "login_id": None,
        })
        self.assertEqual(repr(login), "<keybearer.Login work>")
        login.close()
        self.assertEqual(repr(login), "<keybearer.Login work (closed)>")

    def test_a_sign_in_that_fails(self) -> None:
        error = {"kind": "provider_error", "message": "it does not like us"}
        failed = self.failure(self.begun(status("exchanging"), status("failed", known="exchanging", error=error)))
        self.assertEqual((failed.kind, failed.message), ("provider_error", "it does not like us"))

    def test_a_sign_in_that_nobody_finished(self) -> None:
        self.assertEqual(self.failure(self.begun(status("cancelled"))).kind, "login_cancelled")

    def test_an_answer_without_a_state(self) -> None:
        self.assertEqual(self.failure(self.begun(status(""))).kind, "connection_lost")

    def test_waiting_in_pieces(self) -> None:
        login = self.begun(status("exchanging", wait=0), status("done", known="exchanging"))
        self.assertIsNone(login.wait(0))
        done: Optional[keybearer.SignedIn] = login.wait()
        self.assertEqual(done, keybearer.SignedIn("work", None, None, None, None))

    def test_the_address_once_more(self) -> None:
        again = {"authorization_url": "https://as.example/two", "url_expires_at": None}
        login = self.begun(step(answered(again), method="account.login_url", params={"login_id": "login-1"}))
        self.assertEqual(login.url(), "https://as.example/two")
        self.assertEqual((login.authorization_url, login.url_expires_at), ("https://as.example/two", None))

    def test_an_address_from_another_machine(self) -> None:
        params = {"login_id": "login-1", "url": "http://127.0.0.1/callback?code=1"}
        login = self.begun(step(answered({"state": "exchanging"}), method="account.login_callback", params=params))
        login.callback(params["url"])

    def test_a_close_ends_a_wait(self) -> None:
        login = self.begun(step(method="account.login_status", params=status("")["params"]))
        thread = threading.Thread(target=lambda: (self.broker.wait_for("account.login_status"), login.close()))
        thread.start()
        self.assertEqual(self.failure(login).kind, "connection_lost")
        thread.join()

    def test_the_functions_of_the_module_take_the_same(self) -> None:
        for name in ("token", "dpop_proof", "login", "auth_resolve", "auth_lease"):
            parameters = [
                [*inspect.signature(getattr(where, name)).parameters] for where in (keybearer, keybearer.Client)
            ]
            self.assertEqual(["self", *parameters[0]], parameters[1], name)


if __name__ == "__main__":
    unittest.main()
