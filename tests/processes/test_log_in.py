"""Two gunicorn workers count failures together; foundations.md C, row 16."""

from __future__ import annotations

import http.client
import re
from contextlib import closing
from urllib.parse import urlencode

import pytest

from integrations.providers.litmos.sandbox import Sandbox
from tests.processes.installation import Installation, free_port

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]
EMAIL, PASSWORD = "alice@acme.example", "correct horse battery"


@pytest.fixture
def installation(tmp_path):
    with Sandbox(users=1, teams=1, courses=1).serve() as served:
        made = Installation(tmp_path, Sandbox(users=1, teams=1, courses=1), served.url)
        try:
            made.migrate()
            made.manage("collectstatic", "-v0", "--no-input")
            words = ("--admin-email", EMAIL, "--password", PASSWORD)
            made.manage("create_account", "--name", "Acme", *words)
            yield made
        finally:
            made.close()


class Visitor:
    """Opens a connection for each request, so that either worker may get it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, body: str = "", **headers: str) -> tuple[int, str, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, "/login/", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Set-Cookie", ""), answer.read().decode()

    def is_there(self) -> bool:
        try:
            return self.ask("GET")[0] == 200
        except OSError:
            return False

    def try_password(self, password: str, forwarded: str) -> int:
        _, cookie, page = self.ask("GET")
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]
        form = {"login": EMAIL, "password": password, "csrfmiddlewaretoken": token}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie.split(";")[0],
            "X-Forwarded-For": forwarded,
        }
        return self.ask("POST", urlencode(form), **headers)[0]


def test_row_16_failures_are_counted_across_two_workers(installation):
    port = free_port()
    bind = ("--bind", f"127.0.0.1:{port}", "--workers", "2", "--no-control-socket")
    installation.start("gunicorn", "portal.wsgi", *bind)
    visitor = Visitor(port)
    installation.wait_until(visitor.is_there, "the web process")
    codes = [visitor.try_password("not this one", f"10.0.0.{number}") for number in range(9)]
    assert codes == [200] * 5 + [429] * 4
    assert visitor.try_password(PASSWORD, "10.0.1.1") == 429
