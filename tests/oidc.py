"""A small OpenID provider that really answers: discovery, authorization, tokens, keys, userinfo."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, SECRET = "portal", "a secret of the client"
WELL_KNOWN = "/.well-known/openid-configuration"


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """`person` is who has logged in there; the other fields are faults."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=_key)
    signing_key: Any = None
    algorithm: str = "RS256"
    is_down: bool = False
    has_id_token: bool = True
    key_name: str = "one"
    raw_token: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def answer(self, method: str, path: str, sent: dict[str, str]) -> tuple[int, Any]:
        self.asked.append((path, sent))
        if self.is_down:
            return 503, {}
        pages = {
            WELL_KNOWN: self._discovery,
            "/token": self._token,
            "/keys": self._keys,
            "/userinfo": lambda _sent: (200, self.userinfo or self.person),
        }
        return pages[path](sent) if path in pages else (404, {})

    def log_in(self, address: str) -> str:
        """What the browser is sent back to, from the address that it was sent to."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(("/authorize", sent))
        code = secrets.token_urlsafe(8)
        self.codes[code] = sent
        back = urlencode({"code": code, "state": sent["state"]})
        return f"{urlsplit(sent['redirect_uri']).path}?{back}"

    def _discovery(self, _sent: dict[str, str]) -> tuple[int, Any]:
        places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        told = {f"{name}_endpoint": f"{self.url}/{place}" for name, place in places.items()}
        return 200, told | {"issuer": self.issuer or self.url, "jwks_uri": f"{self.url}/keys"}

    def _keys(self, _sent: dict[str, str]) -> tuple[int, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return 200, {"keys": [public | {"kid": "one", "alg": "RS256", "use": "sig"}]}

    def _token(self, sent: dict[str, str]) -> tuple[int, Any]:
        if sent["client_secret"] != SECRET:
            return 401, {"error": "invalid_client", "error_description": str(sent)}
        asked = self.codes.pop(sent.get("code", ""), None)
        if asked is None or not self._is_the_same_browser(asked, sent):
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer"}
        return 200, answer | ({"id_token": self._id_token()} if self.has_id_token else {})

    @staticmethod
    def _is_the_same_browser(asked: dict[str, str], sent: dict[str, str]) -> bool:
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return challenge == asked["code_challenge"]

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        key = self.signing_key if self.signing_key is not None else self.key
        headers = {"kid": self.key_name}
        told = claims | self.person | self.claims
        told = {name: value for name, value in told.items() if value is not None}
        return self.raw_token or jwt.encode(told, key, algorithm=self.algorithm, headers=headers)


@contextmanager
def serve() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*provider.answer("GET", urlsplit(self.path).path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.answer("POST", urlsplit(self.path).path, sent))

        def _say(self, status: int, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
