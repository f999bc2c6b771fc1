"""What a browser does in a login, without a window."""
import http.client
import http.cookiejar
import socket
import ssl
import urllib.error
import urllib.request


class _LabConnection(http.client.HTTPSConnection):
    def connect(self):
        self.sock = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


class _LabHandler(urllib.request.HTTPSHandler):
    def https_open(self, req):
        return self.do_open(_LabConnection, req, context=self._context)


def lab_https():
    """Opens https addresses of the lab: whatever the name, the server is here, and any certificate will do. What a program
    under test believes is a question to that program."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _LabHandler(context=context)


class Page:
    def __init__(self, url, status, headers, body):
        self.url = url
        self.status = status
        self.headers = headers
        self.body = body


def browse(url, cookie=None, timeout=30):
    """Follows every redirect and keeps cookies, as a browser does; the page at the end."""
    handlers = [urllib.request.ProxyHandler({}), lab_https(), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())]
    request = urllib.request.Request(url, headers={"User-Agent": "Mozilla/5.0 (headless test)"})
    if cookie:
        request.add_header("Cookie", cookie)
    try:
        answer = urllib.request.build_opener(*handlers).open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Page(answer.url, answer.status, answer.headers, answer.read().decode("utf-8", "replace"))


class _Stop(urllib.request.HTTPRedirectHandler):
    def __init__(self, prefix):
        self.prefix = prefix
        self.stopped_at = None

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.startswith(self.prefix):
            self.stopped_at = newurl
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def callback_url(url, redirect_uri, timeout=30):
    """Follows the login up to the redirect to the client, and returns that address without asking for it."""
    stop = _Stop(redirect_uri)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), lab_https(), stop,
                                         urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    try:
        opener.open(url, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
    if not stop.stopped_at:
        raise AssertionError("the server did not redirect to the client")
    return stop.stopped_at
