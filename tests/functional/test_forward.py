"""keybearer forward: another machine gets short tokens of named accounts over ssh, and they end with the connection."""
import base64
import json
import subprocess

from kbtest import CLI, RpcClient, userinfo
from kbtest.shell import Shell
from kbtest.ssh import ForwardTest

KEY = "sk-proj-0123456789abcdef-canary"


class TokenTest(ForwardTest):
    def test_a_token_is_the_sessions_own_and_ends_with_it(self):
        local = self.token("work")
        ran = self.over_there("keybearer token work; keybearer token work", secret_output=True)
        self.assertEqual(ran.code, 0, str(ran))
        token, again = ran.out.split()
        self.assertEqual(token, again)
        self.assertNotEqual(token, local)
        me = f"{self.provider.issuer}/me"
        self.assertEqual(userinfo(me, token), 401)
        self.assertEqual(len(self.revoked()), 1)
        # This server ends the whole sign-in with an access token, as RFC 7009 section 2.1 lets it: nobody is left with a
        # dead token.
        self.assertEqual(userinfo(me, local), 401)
        self.assertIn("sign in again: keybearer login work", ran.err)
        self.fails(4, "token", "work")
        self.assertEqual(self.sessions(), [])
        self.assertEqual(self.remote.folders(), [])
        self.assertEqual(list((self.home.path / "run").glob("fw_*")), [])
        self.assertEqual(list((self.home.path / "run").glob("ssh.*")), [])

    def test_rows_and_leases_name_host_and_session(self):
        self.over_there("keybearer token work >/dev/null")
        (begun,) = [row for row in self.audit("forward.begin") if "client_key" in row]
        (released,) = [row for row in self.audit("token.release") if row.get("host")]
        self.assertEqual((released["host"], released["client_key"]), ("remote", begun["client_key"]))
        (ended,) = [row for row in self.audit("forward.end") if "client_key" in row]
        self.assertEqual((ended["host"], ended["client_key"]), ("remote", begun["client_key"]))
        leases = self.person.call("lease.list")["leases"]
        (lease,) = [lease for lease in leases if lease["client"] == f"host:remote#{begun['client_key']}"]
        self.assertEqual((lease["credential"], lease["state"]), ("work", "revoked"))

    def test_what_was_not_named_is_refused_like_what_is_not_there(self):
        ran = self.over_there("for a in home nobody; do keybearer token $a; echo $?; done; keybearer status --json; "
                              "keybearer account list; echo $?; keybearer login lab; echo $?; keybearer resolve openai; echo $?")
        self.assertEqual(ran.code, 0, str(ran))
        first, second = [line for line in ran.err.splitlines() if "was not forwarded" in line][:2]
        self.assertEqual(first.replace("home", "nobody"), second)
        self.assertNotIn('"home"', ran.out)
        self.assertIn('"work"', ran.out)
        self.assertEqual([line for line in ran.out.splitlines() if line.isdigit()], ["5"] * 5)

    def test_an_address_tells_nothing_of_accounts_that_were_not_forwarded(self):
        there, nowhere = self.provider.issuer + "/rs", self.provider.issuer + "/nowhere"
        self.sign_in(self.person, there, account="corp")
        self.person.call("account.bind", account="corp", directory="/srv/corp")
        begun = self.person.call("forward.begin", host="h", scopes=["account:work"])
        client = RpcClient(begun["socket"])
        self.addCleanup(client.close)
        client.call("system.authenticate", key=begun["key"])
        for method, more in (("token.get", {}), ("dpop.proof", {"htm": "GET", "htu": there})):
            said = []
            for address in (there, nowhere):
                with self.assertRpcError("denied") as refused:
                    client.call(method, account=address, **more)
                said.append((str(refused.exception).replace(address, "ADDRESS"), refused.exception.data))
            self.assertEqual(said[0], said[1])
            self.assertNotIn("corp", str(said))
        self.assertEqual(client.call("token.get", directory="/srv/corp")["account"], "work")
        self.assertTrue(self.token(there))

    def test_the_only_account_needs_no_name(self):
        ran = self.over_there("keybearer token", secret_output=True)
        self.assertEqual(ran.code, 0, str(ran))
        self.assertIn("name the account", self.over_there("keybearer token", "-a", "home").err)

    def test_scopes_are_as_they_were_given(self):
        ran = self.over_there("keybearer token work --scope email --scope openid >/dev/null && keybearer token work --scope profile",
                              "--scope", "email", "--scope", "openid")
        self.assertEqual(ran.code, 5, str(ran))

    def test_a_stored_key_that_is_named(self):
        self.person.call("credential.set", provider="openai", fields={"api_key": KEY})
        self.person.call("credential.set", provider="openai", name="other", fields={"api_key": KEY + "-2"})
        ran = self.forward("-p", "openai", command=["sh", "-c", "keybearer resolve openai; keybearer resolve openai --name other"],
                           secret_output=True)
        self.assertEqual((ran.code, ran.out.strip()), (5, KEY), str(ran))

    def test_no_refresh_token_ever_arrives(self):
        script = ("""python3 - <<'EOF'
import json, os, socket
one = socket.socket(socket.AF_UNIX)
one.connect(os.environ["KEYBEARER_SOCKET"])
lines = one.makefile("rb")
key = open(os.environ["KEYBEARER_CLIENT_KEY_FILE"]).read().strip()
for method, params in (("system.authenticate", {"key": key}), ("system.status", {}), ("token.get", {"account": "work"}),
                       ("token.get", {"account": "work", "refresh": True}), ("provider.list", {}), ("account.list", {}),
                       ("provider.status", {}), ("vault.export", {"passphrase": "x"}), ("forward.list", {}),
                       ("credential.resolve", {"provider": "openai"})):
    one.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\\n")
    print(lines.readline().decode(), end="")
EOF""")
        ran = self.over_there(script, secret_output=True)
        self.assertEqual(len(ran.out.splitlines()), 10, str(ran))
        refresh = [entry["value"] for entry in self.provider._ask("tokens") if entry["kind"] == "RefreshToken"]
        self.assertGreater(len(refresh), 2)
        self.assertTrue(any(entry["value"] in ran.out for entry in self.provider._ask("tokens") if entry["kind"] == "AccessToken"))
        for token in refresh:
            self.assertNotIn(token, ran.out)


class SignInTest(ForwardTest):
    def test_a_sign_in_happens_where_the_person_is(self):
        self.provider.revoke_all()
        script = ("keybearer token work --refresh >/dev/null; echo $?; keybearer token work >/dev/null; "
                  "for i in $(seq 100); do keybearer token work 2>/dev/null && break; sleep 0.1; done")
        ran = self.over_there(script, secret_output=True)
        first, token = ran.out.split()
        self.assertEqual(first, "4", str(ran))
        self.assertTrue(token)
        self.assertIn("is asked for on the machine that this session comes from", ran.err)
        self.assertEqual(ran.err.count("finish it in your browser"), 1)

    def test_the_owner_is_told_once(self):
        begun = self.person.call("forward.begin", host="h", scopes=["account:work"])
        client = RpcClient(begun["socket"])
        self.addCleanup(client.close)
        client.call("system.authenticate", key=begun["key"])
        self.provider.revoke_all()
        for _ in range(3):
            with self.assertRpcError("login_required"):
                client.call("token.get", account="work", refresh=True)
        event = self.person.call("forward.wait", session_id=begun["session_id"], wait=30)
        self.assertEqual((event["kind"], event["account"], event["provider"]), ("login_required", "work", "work"))
        self.assertEqual(self.person.call("forward.wait", session_id=begun["session_id"])["kind"], "nothing")
        with self.assertRpcError("invalid_value"):
            self.rpc().call("forward.wait", session_id=begun["session_id"])
        for method, params in (("account.login", {"provider": "lab"}), ("forward.end", {"session_id": begun["session_id"]})):
            with self.subTest(method), self.assertRpcError("denied"):
                client.call(method, **params)


class SshTest(ForwardTest):
    def test_the_commands_exit_code_words_and_input(self):
        for code in (0, 3, 255):
            with self.subTest(code):
                self.assertEqual(self.over_there(f"exit {code}").code, code)
        words = ["a b", "it's", "$HOME", "-x", "", "ü", '"']
        ran = self.forward("-a", "work", command=["printf", "<%s>", *words])
        self.assertEqual(ran.out, "".join(f"<{word}>" for word in words))
        self.assertEqual(self.over_there("cat", input="through\n").out, "through\n")

    def test_a_host_that_is_an_option_is_refused(self):
        mark = self.home.user / "mark"
        for host in (f"-oProxyCommand=touch {mark}", "", "a b", "--", "-"):
            with self.subTest(host):
                self.assertEqual(self.cli("forward", "-a", "work", "--", host).code, 2)
                self.assertEqual(self.cli("forward", "-a", "work", f"--container={host}", "--", "true").code, 2)
        self.assertFalse(mark.exists())
        self.fails(2, "forward", "remote")
        self.fails(2, "forward", "-a", "work")
        self.fails(2, "forward", "-a", "work", "--container", "x")
        self.fails(2, "forward", "-a", "nobody", "remote")

    def test_where_ssh_is_refused_nothing_stays(self):
        (self.remote.path / "authorized").write_text("")
        ran = self.over_there("true")
        self.assertEqual(ran.code, 255, str(ran))
        self.assertIn("Permission denied", ran.err)
        self.assertEqual(self.sessions(), [])
        self.assertEqual(list((self.home.path / "run").glob("ssh.*")), [])

    def test_a_shell_at_a_terminal(self):
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type(f"{CLI} forward {' '.join(self.remote.options())} -a work remote")
        shell.expect(r"[#$] $")
        shell.type(f"tty >/dev/null && {CLI} token work | wc -c; trap 'echo caught' INT; kill -INT $$")
        shell.expect(r"\n4\d\n(.|\n)*caught")
        shell.type("exit 7")
        shell.expect("ready> ")
        self.assertIn("7\n", shell.run("echo $?"))
        self.assertEqual(self.sessions(), [])

    def test_no_word_of_ssh_and_nothing_of_its_environment_holds_the_key(self):
        folder = self.home.user / "bin"
        folder.mkdir()
        seen = self.home.user / "seen"
        fake = folder / "ssh"
        fake.write_text(f'#!/bin/bash\n{{ printf "%s\\n" "$@"; env; ls -l /proc/$$/fd; }} >>{seen}\nexec /usr/bin/ssh "$@"\n')
        fake.chmod(0o755)
        env = self.env()
        ran = self.over_there("cat $KEYBEARER_CLIENT_KEY_FILE; stat -c %a $KEYBEARER_CLIENT_KEY_FILE", secret_output=True,
                              PATH=f"{folder}:{env['PATH']}", KEYBEARER_UNRELATED="x")
        key, mode = ran.out.split()
        self.assertRegex(key, r"^kb_live_[0-9A-Za-z]{49}$")
        self.assertEqual(mode, "600")
        text = seen.read_text()
        self.assertNotIn(key[8:], text)
        self.assertNotIn("\nKEYBEARER_", text)
        self.assertIn("-oControlMaster=yes", text)


class ClosedTest(ForwardTest):
    remote_config = "AllowStreamLocalForwarding no\n"

    def test_a_server_that_forwards_no_sockets_is_named(self):
        ran = self.over_there("true")
        self.assertEqual(ran.code, 255, str(ran))
        self.assertIn("AllowStreamLocalForwarding", ran.err)
        self.assertEqual(self.sessions(), [])
        self.assertEqual(self.remote.folders(), [])


class PolicyTest(ForwardTest):
    def test_under_ask_a_person_forwards_and_a_script_does_not(self):
        self.broker.stop()
        self.home.set_policy("ask")
        self.broker = self.start_broker()
        script = self.home.user / "script"
        script.write_text(f"#!/bin/sh\n{CLI} forward {' '.join(self.remote.options())} -a work remote -- true\n")
        script.chmod(0o755)
        ran = subprocess.run([script], env=self.env(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(ran.returncode, 5, ran.stderr)
        shell = Shell(self.env(), self.home.user)
        self.addCleanup(shell.stop)
        shell.type(f"{CLI} forward {' '.join(self.remote.options())} -a work remote -- keybearer token work")
        shell.expect(r"\n[\w-]{43}\n")


class BoundTokenTest(ForwardTest):
    """Tokens that are bound to a key: the other machine gets proofs, and never the key."""

    def test_a_proof_is_made_here(self):
        self.home.write_provider("lab", self.provider.issuer, dpop=True)
        self.broker.stop()
        self.broker = self.start_broker()
        self.person = self.rpc()
        self.sign_in(self.person, account="work")
        me = f"{self.provider.issuer}/me"
        ran = self.over_there(f"keybearer token work --dpop GET {me}", secret_output=True)
        self.assertEqual(ran.code, 0, str(ran))
        lines = dict(line.split(": ", 1) for line in ran.out.splitlines())
        self.assertTrue(lines["Authorization"].startswith("DPoP "))
        self.assertIn("jwk", json.loads(base64.urlsafe_b64decode(lines["DPoP"].split(".")[0] + "==")))
        self.assertEqual(len(self.revoked()), 1)
