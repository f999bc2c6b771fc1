"""Whom the broker believes over TLS: at a login, at a refresh, and in what doctor says."""
import json
import os
import subprocess

from kbtest import KeybearerTest, Provider, browse, certificates, userinfo, wait_until

# The certificate that the server shows, the provider's ca_file, and words of the reason.
REFUSED = (
    ("server", None, ("does not trust", "Throw-away test CA")),
    ("server", "inspection.pem", ("does not trust", "Throw-away test CA")),
    ("wronghost", "ca.pem", ("another host name",)),
    ("selfsigned", "ca.pem", ("self-signed",)),
    ("expired", "ca.pem", ("has expired", "clock")),
)
INSPECTED = tuple((name, ca_file, ("Example Corp Inspection CA", "inspects", "ca_file"))
                  for name in ("inspected", "inspectedchain") for ca_file in ("ca.pem", None))
BELIEVED = (("server", "ca.pem"), ("inspected", "inspection.pem"), ("inspectedchain", "inspection.pem"),
            ("selfsigned", "selfsigned.pem"))

# Mounts the folder $1 over the system's certificates; $2 is who runs the command, "same" where the namespace's root is root.
WITH_STORE = """mount --bind "$1" /etc/ssl/certs || exit
user=$2
shift 2
[ "$user" = same ] && exec "$@"
exec unshare --user --map-user="$user" --map-group="$user" "$@"
"""


class TlsTest(KeybearerTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.folder = certificates(self.home)
        self.provider = Provider(self.home, "--tls-dir", self.folder)
        self.addCleanup(self.provider.stop)
        self.addCleanup(self._assert_no_secret_was_left)
        self.broker = None

    def begin(self, ca_file="ca.pem", certificate="server", before=()):
        """A broker whose provider has this ca_file, in the place of the one before."""
        self.provider.reset()
        self.provider.show_certificate(certificate)
        self.home.write_provider("lab", self.provider.issuer, ca_file=ca_file and str(self.folder / ca_file))
        if self.broker:
            self.broker.stop()
        self.broker = self.start_broker(before)

    def log_in(self, trusted="ca.pem"):
        """`keybearer login` with a browser that trusts this file."""
        return self.ok("login", "lab", SSL_CERT_FILE=self.folder / trusted)

    def doctor(self, code=0):
        """The checks by their names, which the text for a person must show, too."""
        result = self.cli("doctor", "lab", "--json")
        shown = self.cli("doctor", "lab")
        self.assertEqual((result.code, shown.code), (code, code), f"{result}\n{shown}")
        checks = {check["name"]: check for check in json.loads(result.out)["checks"]}
        for check in checks.values():
            self.assertIn(check["message"], shown.out)
            self.assertIn(check["fix"] or "", shown.out)
        return checks

    def refresh(self):
        return self.token("lab", "--refresh")

    def accounts(self):
        return json.loads(self.ok("account", "list", "--json").out)["accounts"]

    def assertWorks(self, token):
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", token)["sub"], "alice")

    def assertWholeWayWorks(self, trusted="ca.pem"):
        self.log_in(trusted)
        first = self.token()
        second = self.refresh()
        self.assertNotEqual(first, second)
        self.assertWorks(second)
        self.assertEqual({check["result"] for check in self.doctor().values()}, {"ok"})
        self.ok("logout", "lab")

    def assertNothingKept(self):
        self.assertEqual((self.accounts(), self.keyring.kept()), ([], 0))
        with self.assertRpcError("unknown_account"):
            self.rpc().call("token.get", account="lab")

    def assertRefused(self, *words):
        """The login fails for this reason before anything is sent, and doctor gives the same reason and a mend."""
        said = self.fails(7, "login", "lab", "--timeout", "20").err
        check = self.doctor(code=1)["discovery"]
        self.assertEqual(check["result"], "fail")
        self.assertTrue(check["fix"])
        for word in words:
            self.assertIn(word, said)
            self.assertIn(word, check["message"])
        self.assertEqual(self.provider.requests(), [])
        self.assertNothingKept()


class LoginTest(TlsTest):
    def test_a_certificate_of_an_authority_that_the_provider_names(self):
        for certificate, ca_file in BELIEVED:
            with self.subTest(certificate=certificate, ca_file=ca_file):
                self.begin(ca_file, certificate)
                self.assertWholeWayWorks(ca_file)

    def test_what_is_not_believed(self):
        for certificate, ca_file, words in REFUSED:
            with self.subTest(certificate=certificate, ca_file=ca_file):
                self.begin(ca_file, certificate)
                self.assertRefused(*words)

    def test_a_network_that_inspects_tls_is_named(self):
        for certificate, ca_file, words in INSPECTED:
            with self.subTest(certificate=certificate, ca_file=ca_file):
                self.begin(ca_file, certificate)
                self.assertRefused(*words)

    def test_a_code_is_not_sent_to_a_server_that_changed_meanwhile(self):
        self.begin()
        for certificate, word in (("wronghost", "another host name"), ("inspected", "inspects")):
            with self.subTest(certificate):
                self.provider.show_certificate("server")
                client = self.rpc()
                login = self.begin_login(client)
                self.provider.show_certificate(certificate)
                page = browse(login["authorization_url"])
                ended = self.login_end(client, login)
                self.assertEqual((ended["state"], ended["error"]["kind"]), ("failed", "provider_unreachable"), ended)
                self.assertIn(word, ended["error"]["message"])
                self.assertIn("Sign-in failed", page.body)
                self.assertEqual(self.provider.requests("/token"), [])
                self.assertNothingKept()


class CaFileTest(TlsTest):
    def test_a_file_that_is_none(self):
        """Nobody falls back to the system's certificates alone without saying so."""
        (self.folder / "empty.pem").touch()
        (self.folder / "text.pem").write_text("no certificate\n", encoding="ascii")
        (self.folder / "folder.pem").mkdir()
        for name, word in (("missing.pem", "cannot be read"), ("folder.pem", "cannot be read"),
                           ("empty.pem", "holds no PEM certificate"), ("text.pem", "holds no PEM certificate"),
                           ("ca.key", "holds no PEM certificate")):
            with self.subTest(name):
                self.begin(name)
                said = self.fails(2, "login", "lab", "--timeout", "20").err
                check = self.doctor(code=1)["discovery"]
                self.assertEqual(check["result"], "fail")
                for text in (said, check["message"]):
                    self.assertIn(word, text)
                    self.assertIn(str(self.folder / name), text)
                self.assertEqual(self.provider.requests(), [])
                self.assertNothingKept()

    def test_a_file_that_is_mended_is_read_anew(self):
        (self.folder / "mine.pem").write_bytes((self.folder / "inspection.pem").read_bytes())
        self.begin("mine.pem")
        self.assertRefused("Throw-away test CA")
        (self.folder / "mine.pem").write_bytes((self.folder / "ca.pem").read_bytes())
        self.assertWholeWayWorks()


class SystemStoreTest(TlsTest):
    def with_store(self):
        """A command that runs another where ca.pem is all that the system trusts."""
        root = os.geteuid() == 0
        namespace = ["unshare", "--mount"] if root else ["unshare", "--user", "--map-root-user", "--mount"]
        if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("this machine lets its users have no namespaces, so its certificates cannot be others")
        store = self.home.path / "store"
        store.mkdir()
        (store / "lab.pem").write_bytes((self.folder / "ca.pem").read_bytes())
        subprocess.run(["openssl", "rehash", store], check=True, capture_output=True)
        return [*namespace, "sh", "-c", WITH_STORE, "sh", store, "same" if root else os.geteuid()]

    def test_an_authority_of_the_system_needs_no_ca_file(self):
        before = self.with_store()
        for ca_file in (None, "inspection.pem"):  # a ca_file adds to the system's
            with self.subTest(ca_file):
                self.begin(ca_file, before=before)
                self.assertWholeWayWorks()
        self.begin(None, "inspected", before)
        self.assertRefused("Example Corp Inspection CA")


class RefreshTest(TlsTest):
    def test_a_certificate_that_turns_bad_costs_no_login(self):
        self.begin()
        self.log_in()
        token = self.token()
        sent = len(self.provider.requests("/token"))
        for certificate, word in (("expired", "has expired"), ("wronghost", "another host name"),
                                  ("selfsigned", "self-signed"), ("inspected", "inspects")):
            with self.subTest(certificate):
                self.provider.show_certificate(certificate)
                self.assertIn(word, self.fails(7, "token", "lab", "--refresh").err)
                with self.assertRpcError("provider_unreachable"):
                    self.rpc().call("token.get", account="lab", refresh=True)
                self.assertEqual(self.token(), token)  # it is good for a while yet
                self.assertEqual([row["status"] for row in self.accounts()], ["signed_in"])
        self.assertEqual(len(self.provider.requests("/token")), sent)
        self.provider.show_certificate("server")
        fresh = self.refresh()
        self.assertNotEqual(fresh, token)
        self.assertWorks(fresh)
        self.assertEqual(len(self.provider.requests("/auth")), 1)

    def test_nor_does_it_after_a_restart(self):
        self.begin()
        self.log_in()
        self.begin(certificate="expired")
        self.assertIn("has expired", self.fails(7, "token", "lab").err)
        self.provider.show_certificate("server")
        self.assertWorks(wait_until(lambda: self.cli("token", "lab", secret_output=True).out.strip(), "the server's return"))
