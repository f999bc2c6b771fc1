"""A proxy of a network that lets nothing out by itself."""
import base64
import contextlib
import select
import socket
import socketserver
import threading

_PART = 65536
_LONGEST_HEAD = 16384


class _Connection(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):  # either side may go at any time
            if self._is_let_through():
                self._tunnel()

    def _is_let_through(self):
        """Reads the request's head. Byte by byte: what follows it belongs to the tunnel."""
        head = b""
        while not head.endswith(b"\r\n\r\n") and len(head) < _LONGEST_HEAD and (byte := self.request.recv(1)):
            head += byte
        line, _, fields = head.decode("latin-1").partition("\r\n")
        proxy = self.server.proxy
        proxy.asked.append(line)
        if proxy.refusal is not None:
            if proxy.refusal:
                self._answer(proxy.refusal)
            return False
        if proxy.password and f"Proxy-Authorization: Basic {proxy.credentials()}\r\n" not in fields:
            self._answer("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="network"\r\n')
            return False
        if not line.startswith("CONNECT "):
            self._answer("501 Not Implemented")
            return False
        self.port = int(line.split(" ")[1].rpartition(":")[2])
        return True

    def _answer(self, status, fields=""):
        self.request.sendall(f"HTTP/1.1 {status}\r\n{fields}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())

    def _tunnel(self):
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            other = {self.request: server, server: self.request}
            while True:
                for end in select.select([*other, self.server.proxy.bell], [], [])[0]:
                    if end not in other or not (part := end.recv(_PART)):
                        return
                    self.server.proxy.passed += part
                    other[end].sendall(part)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = True


class Proxy:
    """HTTP CONNECT (RFC 9110 section 9.3.6) to this machine's ports, whatever the name: the lab's servers are here. `refusal`
    and `password` may be changed at any time."""

    USER = "person"

    def __init__(self):
        self.asked = []  # the first line of each request
        self.passed = bytearray()  # all that went through, in both directions
        self.refusal = None  # the status that every request gets; "" closes the connection instead
        self.password = None  # without it, requests are refused
        self.bell, self._ring = socket.socketpair()  # readable at the end
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.proxy = self
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.address}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def credentials(self):
        return base64.b64encode(f"{self.USER}:{self.password}".encode()).decode()

    def stop(self):
        self._ring.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.bell.close()
