"""Signing in with the window: from the icon's menu to a token."""
import json
import re
import socket
import subprocess
import urllib.parse

from kbtest import browse, userinfo, wait_until
from kbtest.gui import TrayTest
from kbtest.gui.tray import SIGN_IN, WELL

DONE = "You are signed in"


def port_of(authorization_url):
    """Where the broker listens for the browser."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(authorization_url).query)
    return urllib.parse.urlsplit(query["redirect_uri"][0]).port


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class SignInTest(TrayTest):
    def assertSignedIn(self, account="lab"):
        self.label(DONE, seconds=40)
        self.label("You are alice@example.com.")
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.rpc().call("token.get", account=account)["access_token"])
                         ["sub"], "alice")

    def close(self):
        self.button("Close").press()
        self.no_window(SIGN_IN)

    def test_from_the_menu_to_a_token(self):
        self.policy_allows()
        self.wait_tip(WELL)
        self.begin_sign_in()
        self.assertSignedIn()
        self.assertAccessible()
        self.close()
        wait_until(lambda: "lab" in self.lines(), "the account in the menu")
        self.assertEqual(self.icon.tool_tip()[0], WELL)
        self.assertEqual(self.lines(), ["All is well (disabled)", "----", "lab", "Sign in ...", "----", "Lock", "Pause", "----",
                                        "Open Keybearer", "Quit"])
        self.open_sign_in()
        first = self.app.find("list", "Providers").children[0]
        self.assertEqual(first.name, "Lab")  # what was used last

    def policy_allows(self):
        self.broker.stop()
        self.home.set_policy("allow")
        self.broker = self.start_broker()

    def test_chromium(self):
        self.policy_allows()
        self.wait_tip(WELL)
        self.desktop.browser.use_chromium()
        self.begin_sign_in(account="work")
        self.assertSignedIn("work")
        self.assertIn("You can close this", self.desktop.browser.page())

    def test_the_choice(self):
        self.open_sign_in()
        self.app.find("list item", "Lab")
        self.assertAccessible()
        self.assertEqual(self.tab_order(SIGN_IN, 4), ["Search", "Providers", "Account", "Continue", "Search"])
        search = self.app.find("text", "Search")
        search.set_text("lab")  # is in GitLab too
        wait_until(lambda: [row.name for row in self.app.all("list item") if "selected" in row.states] == ["Lab"], "the best one")
        search.set_text("there is none")
        self.app.find("text", "Issuer")
        self.assertFalse(self.button("Continue").enabled)
        self.app.find("text", "Issuer").set_text("not an address")
        self.assertFalse(self.button("Continue").enabled)
        self.app.find("text", "Issuer").set_text(self.provider.issuer)
        wait_until(lambda: self.button("Continue").enabled, "the button")
        self.app.find("text", "Client id").set_text("native-anypath")
        self.button("Continue").press()
        self.label(DONE)

    def test_the_keyboard_alone(self):
        self.open_sign_in()
        self.app.find("list item", "Lab")
        self.desktop.display.type("lab")
        wait_until(lambda: self.app.find("text", "Search").text == "lab", "what was typed")
        self.desktop.display.keys("Return")
        self.label(DONE)
        self.desktop.display.keys("Return")
        self.no_window(SIGN_IN)

    # --- waiting for the browser --------------------------------------------------------------------------------------

    def wait_for_browser(self, **how):
        self.desktop.browser.use_nothing()
        self.begin_sign_in(**how)
        url = self.desktop.browser.wait_opened()
        self.label("Finish the sign-in in your browser")
        return url

    def test_what_it_shows_meanwhile(self):
        self.wait_for_browser(account="work")
        self.label(re.escape(self.provider.issuer))
        self.label("work")
        self.label("openid, profile, email, offline_access")
        self.label(r"\d+:\d\d left")
        self.assertAccessible()
        self.assertEqual(self.tab_order(SIGN_IN, 4),
                         ["Cancel", "Use another device", "Copy the link", "Open the browser again", "Cancel"])

    def test_cancel_ends_it_at_the_broker(self):
        port = port_of(self.wait_for_browser())
        self.assertTrue(listens(port))
        self.button("Cancel").press()
        self.no_window(SIGN_IN)
        wait_until(lambda: not listens(port), "the end of the listener")

    def test_closing_the_window_cancels(self):
        port = port_of(self.wait_for_browser())
        self.desktop.display.close(self.window(SIGN_IN))
        wait_until(lambda: not listens(port), "the end of the listener")

    def test_the_browser_once_more(self):
        url = self.wait_for_browser()
        self.button("Open the browser again").press()
        self.assertEqual(self.desktop.browser.wait_opened(2), url)
        self.visit(2)
        self.label(DONE)

    def test_the_link(self):
        url = self.wait_for_browser()
        self.button("Copy the link").press()
        _, sample = self.start_sample()
        self.desktop.display.activate(self.desktop.display.find("Sample"))
        sample.find("text", "Name").focus()
        wait_until(lambda: sample.find("text", "Name").focused, "the cursor in the field")
        self.desktop.display.keys("ctrl+v")
        wait_until(lambda: sample.find("text", "Name").text == url, "the link in another program")

    def test_no_browser(self):
        self.desktop.browser.use_broken()
        self.begin_sign_in()
        self.label("No browser could be opened here. Copy the link and open it yourself.")
        self.button("Copy the link")

    def test_somebody_else_waits_for_the_same_account(self):
        self.desktop.browser.use_nothing()
        login = self.begin_login(self.rpc())
        self.begin_sign_in()
        self.label("A sign-in for this account is under way")
        self.assertEqual(self.desktop.browser.opened(), [])
        self.assertEqual(self.app.all("push button", "Open the browser again"), [])
        browse(login["authorization_url"])
        self.label(DONE)

    def test_another_program_joins(self):
        url = self.wait_for_browser()
        login = self.begin_login(self.rpc())
        self.assertEqual((login["joined"], login["authorization_url"]), (True, url))
        self.assertEqual(self.desktop.browser.opened(), [url])

    def test_the_icon_brings_the_window_back(self):
        url = self.wait_for_browser()
        self.open_sign_in()
        self.label("Finish the sign-in in your browser")
        self.assertEqual(self.desktop.browser.opened(), [url])

    # --- another device -----------------------------------------------------------------------------------------------

    def test_another_device(self):
        self.wait_for_browser()
        self.provider.fault("/device/auth", "patch", patch={"interval": 1})
        self.button("Use another device").press()
        self.label("Enter this code on another device")
        code = self.label("[A-Z0-9]{4}-[A-Z0-9]{4}").name
        self.assertAccessible()
        picture = self.home.path / "screen.png"
        self.desktop.display.screenshot(picture)
        seen = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, check=True).stdout.strip()
        self.assertTrue(seen.startswith(self.provider.issuer), seen)
        self.assertIn(code, seen)
        self.provider.decide_device(code)
        self.label(DONE)
        self.assertEqual(self.app.all("label", "[A-Z0-9]{4}-[A-Z0-9]{4}"), [])

    # --- what goes wrong ----------------------------------------------------------------------------------------------

    def test_a_client_id_that_is_missing_is_asked_for(self):
        self.home.write_provider("other", self.provider.issuer, client_id=None, register_url="https://login.example.com/apps")
        self.broker.stop()
        self.broker = self.start_broker()
        self.wait_tip(WELL)
        self.provider.fault("/.well-known/oauth-authorization-server", "patch", patch={"registration_endpoint": None})
        self.begin_sign_in("other")
        self.label("This provider wants to know the application first. Register .* at https://login.example.com/apps, .*")
        self.assertAccessible()
        wait_until(lambda: self.app.find("text", "Client id").focused, "the keyboard where it is needed")
        self.desktop.display.type("native-anypath")
        self.button("Try again").press()
        self.label(DONE)

    def test_a_person_who_says_no(self):
        self.provider.change_redirect(code=None, error="access_denied")
        self.begin_sign_in()
        self.label("The sign-in did not work")
        self.label(".*(refused|denied).*")
        wait_until(lambda: self.button("Try again").focused, "the keyboard where it is needed")
        self.desktop.display.keys("space")
        self.label(DONE)

    def test_a_provider_that_does_not_answer(self):
        self.provider.stop()
        self.begin_sign_in()
        self.label("The sign-in did not work", seconds=40)
        self.button("Close").press()
        self.no_window(SIGN_IN)

    def test_a_broker_that_dies(self):
        self.wait_for_browser()
        self.broker.kill()
        self.label("The sign-in did not work")
        self.label(".*connection to the broker.*")
        self.assertEqual(self.app.all("push button", "Copy the link"), [])
        self.wait_tip(WELL)  # it has started another one
        self.desktop.browser.use_headless()
        self.button("Try again").press()
        self.label(DONE)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual(account["account"], "lab")


class AccountThatEndedTest(TrayTest):
    accounts = ("work",)

    def test_it_is_told_and_one_click_away(self):
        self.wait_tip(WELL)
        self.provider.fault("/token", "raw", status=400, body='{"error": "invalid_grant"}')
        self.broker.stop()
        self.home.set_policy("allow")
        self.broker = self.start_broker()
        self.fails(4, "token", "work", "--refresh")
        self.wait_tip("Keybearer: A sign-in is needed")
        self.assertIn("work: sign in again ...", self.lines())
        told = self.desktop.notifications.find("Sign in to work again")
        self.assertIn("ended the session", told.body)
        self.desktop.notifications.invoke(told, "signIn")
        self.label(DONE)
        self.wait_tip(WELL)
        self.desktop.notifications.wait_closed(told)


class AccountOfAnAddressTest(TrayTest):
    """It has no provider in the catalogue, and is signed in anew by its own name."""

    def test_it_is_one_click_away_too(self):
        self.broker.stop()
        self.home.set_policy("allow")
        self.broker = self.start_broker()
        resource = self.provider.issuer + "/rs"
        self.ok("login", resource, "--account", "api")
        self.provider.fault("/token", "raw", status=400, body='{"error": "invalid_grant"}')
        self.fails(4, "token", "api", "--refresh")
        self.wait_tip("Keybearer: A sign-in is needed")
        self.desktop.notifications.invoke(self.desktop.notifications.find("Sign in to api again"), "signIn")
        self.label(DONE)
        self.wait_tip(WELL)
        (account,) = json.loads(self.ok("account", "list", "--json").out)["accounts"]
        self.assertEqual((account["account"], account["resource"]), ("api", resource))
