from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from integrations.providers.litmos.sandbox import Sandbox
from integrations.providers.litmos.sandbox.exchange import Request, Response

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


class Asker:
    """Calls a sandbox without a socket, with the key and the source in place."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(self, target: str, method: str = "GET", body: bytes = b"", **headers) -> Response:
        joint = "&" if "?" in target else "?"
        sent = {"apikey": self.sandbox.api_key, "accept": "application/json"}
        if method != "GET":
            sent["content-type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        address = f"/v1.svc/{target}{joint}source=tests"
        request = Request.read(method, address, sent, body)
        return self.sandbox.respond(request, lambda seconds: None)


@pytest.fixture
def make() -> Callable[..., Sandbox]:
    return lambda **options: Sandbox(**{"rate": None, "now": lambda: NOW, **options})


@pytest.fixture
def empty(make) -> Sandbox:
    """Nobody and nothing in it."""
    return make(users=0, teams=0, courses=0)


@pytest.fixture
def ask(empty) -> Asker:
    return Asker(empty)
