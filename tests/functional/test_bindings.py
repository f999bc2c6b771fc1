"""Folders that choose an account: account bind, unbind and which."""
import json

from kbtest import KeybearerTest


class BindingTest(KeybearerTest):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.rpc()
        self.work = self.home.user / "work"
        self.deep = self.work / "customer" / "src"
        self.deep.mkdir(parents=True)

    def two_accounts(self):
        self.sign_in(self.client, account="work")
        self.provider.set(sub="bob")
        self.sign_in(self.client, account="private")

    def account(self, **params):
        return self.client.call("token.get", **params)["account"]

    def test_the_nearest_folder_decides(self):
        self.two_accounts()
        self.ok("account", "bind", self.work, "work")
        self.ok("account", "bind", self.deep.parent, "private")
        for directory, account in ((self.work, "work"), (self.deep, "private")):
            self.assertEqual(self.account(directory=str(directory)), account)
            self.assertEqual(self.account(directory=str(directory), account="work"), "work")
        with self.assertRpcError("unknown_account") as refused:
            self.account(directory=str(self.home.user))
        self.assertIn("account bind", str(refused.exception))
        shown = self.ok("account", "which", self.deep).out
        self.assertIn("private", shown)
        self.assertIn(str(self.deep.parent), shown)

    def test_explain_shows_which_account_and_why(self):
        self.two_accounts()
        self.ok("account", "bind", self.work, "work")
        shown = self.ok("explain", "lab", cwd=self.deep).out
        self.assertIn(f"account work  <- {self.work} is bound to it\n", shown)
        self.assertIn("account private\n", shown)
        self.assertNotIn("<-", self.ok("explain", "lab", cwd=self.home.user).out)
        rows = json.loads(self.ok("explain", "work", "--json", cwd=self.deep).out)["accounts"]  # an account's name will do
        self.assertEqual(rows, [{"account": "work", "chosen": True, "why": "bound", "bound_by": str(self.work)}])
        self.assertEqual(json.loads(self.ok("explain", "openai", "--json").out)["accounts"], [])
        self.fails(2, "explain", "nobody")

    def test_a_binding_outlives_a_rename_and_a_restart(self):
        self.two_accounts()
        self.ok("account", "bind", self.work, "work")
        self.ok("account", "rename", "work", "office")
        self.client.close()
        self.broker.stop()
        self.broker = self.start_broker()
        self.client = self.rpc()
        self.assertEqual(self.account(directory=str(self.deep)), "office")
        self.ok("logout", "office")
        with self.assertRpcError("unknown_account") as refused:
            self.account(directory=str(self.deep))
        self.assertIn("not there any more", str(refused.exception))
        self.ok("account", "unbind", self.work)
        self.assertIn("not bound", self.ok("account", "unbind", self.work).out)
        self.assertEqual(self.account(directory=str(self.deep)), "private")  # the only one

    def test_without_a_name_or_a_folder(self):
        with self.assertRpcError("unknown_account"):
            self.account()
        self.sign_in(self.client)
        self.assertEqual(self.account(), "lab")
        self.assertEqual(self.client.call("account.which")["why"], "only")

    def test_the_command_line_looks_at_its_own_folder(self):
        self.two_accounts()
        link = self.home.user / "link"
        link.symlink_to(self.work)
        self.ok("account", "bind", link, "work")  # the folder, not the link
        result = self.ok("token", "--json", secret_output=True, cwd=self.deep)
        self.assertEqual(json.loads(result.out)["account"], "work")
        self.fails(2, "token", cwd=self.home.user)
        self.fails(2, "account", "bind", self.home.user / "nowhere", "work")
        self.fails(2, "account", "bind", self.work, "nobody")

    def test_the_record_names_the_account_that_was_chosen(self):
        self.two_accounts()
        self.ok("account", "bind", self.work, "work")
        self.account(directory=str(self.deep))
        last = (self.home.path / "state" / "audit.log").read_text("ascii").splitlines()[-1]
        self.assertEqual((json.loads(last)["event"], json.loads(last)["credential"]), ("token.release", "work"))

    def test_folders_that_are_none(self):
        self.two_accounts()
        for directory in ("", "work", "/a/../b", "/a/", "/a\nb", "/" + "x" * 5000):
            with self.subTest(directory[:20]):
                with self.assertRpcError("invalid_value"):
                    self.client.call("account.bind", directory=directory, account="work")
                with self.assertRpcError("invalid_value"):
                    self.account(directory=directory)
