"""A Portal of real processes to look at with a browser: Acme is synced, other accounts are new."""

from __future__ import annotations

import http.client
import os
import signal
from contextlib import closing
from pathlib import Path

from integrations.providers.litmos.sandbox import Sandbox
from tests.processes.installation import Installation, Process, free_port

EMAIL, PASSWORD = "alice@acme.example", "correct horse battery"
ADMINISTRATOR = ("--admin-email", EMAIL, "--password", PASSWORD)


class Portal(Installation):
    """`sandbox` is behind the region Rehearsal, `crowded`, with 251 teams, behind Crowded, and `emptied`,
    whose people a test may let go, behind Emptied."""

    FIRST_REDIS = 1

    def __init__(self, folder: Path, sandboxes: dict[str, Sandbox], urls: dict[str, str]) -> None:
        super().__init__(folder, sandboxes["Rehearsal"], urls["Rehearsal"])
        self.crowded, self.emptied = sandboxes["Crowded"], sandboxes["Emptied"]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.accounts = 0
        regions = ",".join(f"{name}={url}" for name, url in urls.items())
        self.environment |= {
            "PORTAL_URL": self.url,
            "LITMOS_EXTRA_REGIONS": regions,
            "PORTAL_COMPLETION_SECONDS": "4",
            # The broker of files hands out about two messages a second.
            "PORTAL_TICK_SECONDS": "3" if self.is_embedded else "1",
        }

    def set_up(self) -> None:
        self.migrate()
        self.manage("collectstatic", "-v0", "--no-input")
        self.manage("create_account", "--name", "Acme", *ADMINISTRATOR)
        self.execute("UPDATE accounts_account SET account_manager_email = 'boss@acme.example'")
        self.start(*self._web())
        self.work = self.worker()
        self.beat()
        self.connect()
        assert self.wait_for_the_end()["status"] == "SYNCED"
        self.wait_until(self._answers, "the web process")

    def _web(self) -> tuple[str, ...]:
        bind = ("--bind", f"127.0.0.1:{self.port}")
        threads = ("--worker-class", "gthread", "--threads", "4")
        return ("gunicorn", "portal.wsgi", *bind, *threads, "--no-control-socket")

    def _answers(self) -> bool:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request("GET", "/login/")
                return connection.getresponse().status == 200
            except OSError:
                return False

    def new_account(self) -> str:
        """An account of Alice's with no integration; each test has its own."""
        self.accounts += 1
        name = f"Globex {self.accounts}"
        self.manage("create_account", "--name", name, *ADMINISTRATOR)
        self.execute(
            "UPDATE accounts_account SET account_manager_email = 'boss@globex.example'"
            f" WHERE name = '{name}'"
        )
        return name

    def sync_once(self) -> str:
        """One more sync of Acme; returns how it ended."""
        self.sync()
        return self.wait_for_the_end()["status"]

    def numbers(self, sql: str) -> list[int]:
        return [row[0] for row in self.query(sql)]


def stop(process: Process) -> None:
    os.killpg(process.pid, signal.SIGSTOP)


def go_on(process: Process) -> None:
    os.killpg(process.pid, signal.SIGCONT)
