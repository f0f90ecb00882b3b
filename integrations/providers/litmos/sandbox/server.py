"""HTTP/1.1 with kept connections, on the loopback address only."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any

from .exchange import BASE, Request, Response

HOST = "127.0.0.1"
LARGEST_BODY = 4_000_000
IDLE_SECONDS = 60
AT_ONCE = struct.pack("ii", 1, 0)

Respond = Callable[[Request, Callable[[float], object]], Response]


class Serving:
    """A running server: `url` is the base address of the API."""

    def __init__(self, respond: Respond, port: int) -> None:
        self._server = _Server(respond, port)
        self.host, self.port = HOST, int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"litmos-sandbox-{self.port}",
            daemon=True,
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}{BASE}"

    def stop(self) -> None:
        self._server.ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._thread.join()

    def __enter__(self) -> Serving:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, respond: Respond, port: int) -> None:
        self.respond = respond
        self.ending = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would look its own name up in the DNS.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        for connection in tuple(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A caller that hangs up is none of our business; anything else is a mistake in here.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_SECONDS
    server: _Server

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self.send(Response(413, reason="Request Entity Too Large"))
            return
        body = self.rfile.read(length)
        request = Request.read(self.command, self.path, dict(self.headers), body)
        self.send(self.server.respond(request, self.server.ending.wait))

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 named by the base class

    def send(self, response: Response) -> None:
        fault, value = response.wire
        if fault == "gzipbomb":
            response.body = _bomb(int(value or 200))
            response.headers["Content-Encoding"] = "gzip"
        self.send_head(response)
        if fault in ("reset", "shortbody"):
            self.break_off(response.body[: len(response.body) // 2], is_reset=fault == "reset")
        elif fault == "drip":
            self.drip(response.body, float(value or 0.2))
        else:
            self.wfile.write(response.body)

    def send_head(self, response: Response) -> None:
        self.send_response(response.status, one_line(response.reason) or None)
        self.send_header("Cache-Control", "private")
        if response.content_type:
            self.send_header("Content-Type", response.content_type)
        for name, value in response.headers.items():
            self.send_header(name, one_line(value))
        self.send_header("X-Powered-By", "ASP.NET")
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()

    def break_off(self, part: bytes, *, is_reset: bool) -> None:
        self.close_connection = True
        self.wfile.write(part)
        self.wfile.flush()
        if is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            os.close(self.connection.detach())

    def drip(self, body: bytes, seconds: float) -> None:
        self.close_connection = True
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            self.wfile.flush()
            if self.server.ending.wait(seconds):
                return

    def version_string(self) -> str:
        return "Microsoft-IIS/7.5"

    def log_message(self, format: str, *args: object) -> None:
        """The calls are kept by the sandbox; nothing goes to standard error."""


def one_line(text: str) -> str:
    return "".join(letter for letter in text if " " <= letter <= "~")


@lru_cache(maxsize=2)
def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blank = b" " * 1_000_000
    parts = [packer.compress(b"["), *(packer.compress(blank) for _ in range(megabytes))]
    return b"".join((*parts, packer.compress(b"]"), packer.flush()))
