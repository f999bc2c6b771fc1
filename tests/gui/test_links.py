"""What opens an address on the desktop."""
import http.server
import subprocess
import threading

from kbtest.gui import DesktopTest

PAGE = b"<!DOCTYPE html><title>A page</title><p id=it></p><script>it.textContent = 'a ' + 'script ran'</script>"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


class LinksTest(DesktopTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), thread.join(), server.server_close()))
        self.url = f"http://127.0.0.1:{server.server_port}/?a=b&c=d"

    def open(self, **env):
        return subprocess.run(["xdg-open", self.url], env={**self.desktop.env, **env}, capture_output=True, timeout=60,
                              check=False).returncode

    def test_xdg_open(self):
        self.assertEqual(self.open(), 0)
        self.assertEqual(self.desktop.browser.wait_opened(), self.url)
        self.assertEqual(self.open(BROWSER="/bin/false"), 0)  # with a display the desktop's choice counts
        self.assertEqual(self.desktop.browser.wait_opened(2), self.url)

    def test_the_variable(self):
        self.assertEqual(self.open(DISPLAY=""), 0)
        self.assertEqual(self.desktop.browser.wait_opened(), self.url)

    def test_qt(self):
        _, widgets = self.start_sample(self.url)
        widgets.find("push button", "Open page").press()
        self.assertEqual(self.desktop.browser.wait_opened(), self.url)

    def test_chromium(self):
        self.desktop.browser.use_chromium()
        self.assertEqual(self.open(), 0)
        self.assertIn("a script ran", self.desktop.browser.page())

    def test_chromium_with_a_window(self):
        self.desktop.browser.use_chromium_window()
        self.desktop.start("xdg-open", self.url)
        self.desktop.display.find("A page", seconds=40)

    def test_a_browser_that_does_not_start(self):
        self.desktop.browser.use_broken()
        self.assertNotEqual(self.open(DISPLAY=""), 0)
        self.assertEqual(set(self.desktop.browser.opened()), {self.url})

    def test_a_person_who_does_not_come(self):
        self.desktop.browser.use_nothing()
        self.assertEqual(self.open(), 0)
        self.assertEqual(self.desktop.browser.opened(), [self.url])


class SignInTest(DesktopTest):
    def test_the_command_line_opens_it(self):
        self.start_broker()
        self.ok("login", "lab")
        (url,) = self.desktop.browser.opened()
        self.assertTrue(url.startswith(self.provider.issuer), url)
