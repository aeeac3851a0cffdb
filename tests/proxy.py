"""A proxy that ends TLS in front of a desk, and visitors who come through it from addresses of their own."""

import http.client
import re
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

#: Self-signed, for desk.example.org, with its key: good for nothing outside these tests.
CERTIFICATE = Path(__file__).parent / "data" / "tls" / "desk.example.org.pem"
NAME = "desk.example.org"
ADDRESS = "127.0.0.2"


@contextmanager
def proxy_to(port: int, scheme: str) -> Iterator[int]:
    """Listens and calls from `ADDRESS`; gives the port it listens on."""

    class Forwarder(BaseHTTPRequestHandler):
        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            chain = [*self.headers.get_all("X-Forwarded-For", []), self.client_address[0]]
            kept = {
                name: self.headers[name] for name in self.headers if not name.lower().startswith("x-forw")
            }
            headers = kept | {"X-Forwarded-For": ", ".join(chain), "X-Forwarded-Proto": scheme}
            desk = http.client.HTTPConnection("127.0.0.1", port, source_address=(ADDRESS, 0), timeout=60)
            desk.request(self.command, self.path, body, headers)
            answer = desk.getresponse()
            content = answer.read()
            desk.close()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in {"connection", "transfer-encoding"}:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = forward  # noqa: N815 -- the names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((ADDRESS, 0), Forwarder)
    if scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class Visitor:
    """A browser as far as redirects and cookies go, to whom the desk's name leads to the proxy."""

    def __init__(self, address: str, ports: dict[str, int]) -> None:
        context = ssl.create_default_context(cafile=CERTIFICATE)

        class Plain(http.client.HTTPConnection):
            def connect(self) -> None:
                self.sock = socket.create_connection((ADDRESS, ports["http"]), 60, (address, 0))

        class Safe(http.client.HTTPSConnection):
            def connect(self) -> None:
                wire = socket.create_connection((ADDRESS, ports["https"]), 60, (address, 0))
                self.sock = context.wrap_socket(wire, server_hostname=NAME)

        class PlainHandler(urllib.request.HTTPHandler):
            def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Plain, req)  # type: ignore[arg-type, return-value]

        class SafeHandler(urllib.request.HTTPSHandler):
            def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(Safe, req)  # type: ignore[arg-type, return-value]

        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            PlainHandler(),
            SafeHandler(),
            urllib.request.HTTPCookieProcessor(CookieJar()),
        )
        self.at = ""
        self.page = ""

    def go(self, address: str, form: dict[str, str] | None = None, **headers: str) -> str:
        """Follow it to where it ends; ten redirects are too many."""
        data = urlencode(form).encode() if form else None
        request = urllib.request.Request(address, data, {"Referer": self.at, **headers})  # noqa: S310 -- our own
        with self.opener.open(request, timeout=60) as answer:
            self.page, self.at = answer.read().decode(), answer.geturl()
        return self.at

    def log_in(self, username: str, password: str) -> str:
        """By the form of the page, which this visitor has open."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
        assert token, self.page
        form = {"csrfmiddlewaretoken": token[1], "username": username, "password": password}
        return self.go(self.at, form)
