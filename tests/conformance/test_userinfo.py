"""Modules of the OpenID Connect relying party plans that are about userinfo (OpenID Connect Core 5.3)."""
import urllib.parse

from module import ModuleTest

NO_NAMES = {"email": None, "preferred_username": None, "name": None}


class UserinfoTest(ModuleTest):
    """The ID token has no name for the person, so that userinfo is asked."""

    def sign_in_without_names(self, **userinfo):
        self.provider.reset()
        self.provider.fault("/token", "idtoken", claims=NO_NAMES)
        if userinfo:
            self.provider.fault("/me", "patch", patch=userinfo)
        _, ended = self.sign_in(self.client)
        self.assertEqual(ended["state"], "done", ended)
        self.assertEqual(ended["subject"], "alice")
        (account,) = self.client.call("account.list")["accounts"]
        self.assertEqual(account["label"] or None, ended["label"])
        return ended["label"]

    def test_oidcc_client_test_userinfo_invalid_sub(self):
        """Userinfo about another subject than the ID token's is discarded."""
        self.assertEqual(self.sign_in_without_names(email="other@example.com"), "other@example.com")
        for subject in ("aliceinvalid", "Alice", "", None, 7):
            with self.subTest(subject=subject):
                self.assertIsNone(self.sign_in_without_names(sub=subject, email="mallory@example.com"))
                self.assertEqual(len(self.provider.requests("/me", "GET")), 1)

    def test_oidcc_client_test_scope_userinfo_claims(self):
        """The client asks for claims by scope, and uses what userinfo says."""
        self.assertEqual(self.sign_in_without_names(), "alice@example.com")
        (request,) = self.provider.requests("/auth", "GET")
        scope = urllib.parse.parse_qs(urllib.parse.urlsplit(request["url"]).query)["scope"][0].split()
        self.assertLessEqual({"openid", "profile", "email"}, set(scope))
        self.assertEqual(self.sign_in_without_names(email=None), "alice")  # the preferred_username

    def test_oidcc_client_test_userinfo_bearer_header(self):
        """The access token is in the Authorization header, and nowhere else (RFC 6750 section 2.1)."""
        self.sign_in_without_names()
        (request,) = self.provider.requests("/me")
        self.assertEqual((request["method"], request["url"], request["auth"], request["status"]), ("GET", "/me", "Bearer", 200))
