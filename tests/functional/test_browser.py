"""A login in a real browser: Chromium without a window."""
import json
import shlex
import sqlite3

from kbtest import KeybearerTest, userinfo, wait_until

CHAIN_END = 0x20000000  # Chromium's ui::PAGE_TRANSITION_CHAIN_END


class BrowserTest(KeybearerTest):
    def chromium(self, extra=""):
        """A BROWSER script; the page that Chromium ends on is written to the file `page`."""
        script = self.home.path / "chromium-browser"
        self.page = self.home.path / "page.html"
        profile = self.home.path / "chromium"
        script.write_text(
            "#!/bin/sh\n"
            f"export HOME={shlex.quote(str(self.home.user))}\n"
            "chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --no-proxy-server "
            f"--user-data-dir={profile} --virtual-time-budget=5000 {extra} --dump-dom \"$1\" >{self.page}.part 2>{self.page}.err\n"
            f"mv {self.page}.part {self.page}\n", encoding="utf-8")
        script.chmod(0o755)
        return script

    def history(self):
        """The addresses that Chromium shows in its history: the ends of chains of redirects."""
        history = self.home.path / "chromium" / "Default" / "History"
        with sqlite3.connect(f"file:{history}?mode=ro&immutable=1", uri=True) as connection:
            rows = connection.execute("SELECT urls.url FROM visits JOIN urls ON urls.id = visits.url WHERE transition & ?",
                                      (CHAIN_END,))
            return [row[0] for row in rows]

    def test_a_login_in_chromium(self):
        self.start_broker()
        result = self.ok("login", "lab", "--json", BROWSER=self.chromium())
        self.assertEqual(json.loads(result.out)["subject"], "alice")
        wait_until(self.page.exists, "the page", seconds=30)
        page = self.page.read_text(encoding="utf-8")
        self.assertIn("<main class=\"success\">", page)
        self.assertIn("Lab", page)
        self.assertEqual(userinfo(f"{self.provider.issuer}/me", self.token())["sub"], "alice")
        self.assertFalse(any(secret in page for secret in self.provider.tokens()))

    def test_the_history_shows_no_code(self):
        self.start_broker()
        self.ok("login", "lab", BROWSER=self.chromium())
        wait_until(self.page.exists, "the page", seconds=30)
        (url,) = self.history()
        self.assertTrue(url.startswith("http://127.0.0.1:"), url)
        self.assertNotIn("?", url)
        self.assertFalse(any(secret in url for secret in self.provider.tokens()))

    def test_a_refusal_is_shown(self):
        self.start_broker()
        self.provider.set(decision="deny")
        self.fails(4, "login", "lab", BROWSER=self.chromium())
        wait_until(self.page.exists, "the page", seconds=30)
        self.assertNotIn("<main class=\"success\">", self.page.read_text(encoding="utf-8"))
