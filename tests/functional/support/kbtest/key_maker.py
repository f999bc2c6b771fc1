"""A provider that makes a key for whoever signs in, with the two documented endpoints of OpenRouter
(https://openrouter.ai/docs/use-cases/oauth-pkce): there is none that tests could ask."""
import base64
import hashlib
import http.server
import json
import secrets
import threading
import urllib.parse


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        maker = self.server.maker
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        maker.asked.append(query)
        code = secrets.token_urlsafe(24)
        maker.codes[code] = query["code_challenge"]
        self.send_response(302)
        self.send_header("Location", query["callback_url"] + "?" + urllib.parse.urlencode({"code": code, **maker.more}))
        self.end_headers()

    def do_POST(self):
        maker = self.server.maker
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        maker.exchanged.append((self.path, self.headers["Content-Type"], sorted(body)))
        digest = hashlib.sha256(body["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        good = body["code_challenge_method"] == "S256" and maker.codes.pop(body["code"], None) == challenge
        status, answer = maker.answer or ((200, json.dumps({"key": maker.key})) if good else (403, '{"error": {}}'))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


class KeyMaker:
    """`answer`, a status and a body, stands in the place of every exchange's."""

    def __init__(self):
        self.key = "sk-or-v1-" + secrets.token_hex(32)
        self.codes, self.asked, self.exchanged = {}, [], []
        self.more, self.answer = {}, None
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.maker = self
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def profile(self, name):
        """OpenRouter's own, at this address."""
        return (f'id = "{name}"\nextends = "openrouter"\n[provision]\nauthorize_url = "{self.url}/auth"\n'
                f'exchange_url = "{self.url}/api/v1/auth/keys"\n')
