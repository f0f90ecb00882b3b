"""A server that says exactly the bytes it was given, at the pace it was given."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable

Talk = Callable[[socket.socket], None]


class BadServer:
    """`talk` has the connection after the request's head was read; `requests` are those heads."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._talk, self._tls = talk, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.ending = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}/v1.svc"

    def __enter__(self) -> BadServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self._listening.close()

    def _accept(self) -> None:
        while not self.ending.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(65_536)
                    if not part:
                        return
                    head += part
                self.requests.append(head)
                self._talk(connection)
        except OSError:
            return


def saying(head: bytes, body: bytes = b"") -> Talk:
    return lambda connection: connection.sendall(head + b"\r\n\r\n" + body)


def dripping(head: bytes, drop: bytes, pause: float = 0.02) -> Talk:
    """Has no end until the other side hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(pause)

    return talk


def json_body(body: bytes, *headers: bytes) -> Talk:
    lines = (
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json; charset=utf-8",
        b"Content-Length: %d" % len(body),
        b"Connection: close",
        *headers,
    )
    return saying(b"\r\n".join(lines), body)
