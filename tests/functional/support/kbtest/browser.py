"""What a browser does in a login, without a window."""
import http.cookiejar
import urllib.error
import urllib.request


class Page:
    def __init__(self, url, status, headers, body):
        self.url = url
        self.status = status
        self.headers = headers
        self.body = body


def browse(url, cookie=None, timeout=30):
    """Follows every redirect and keeps cookies, as a browser does; the page at the end."""
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())]
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
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), stop,
                                         urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    try:
        opener.open(url, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
    if not stop.stopped_at:
        raise AssertionError("the server did not redirect to the client")
    return stop.stopped_at
