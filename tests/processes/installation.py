"""A whole Portal of its own for one test: real processes, a real database, a real broker.

The database and broker are those of the pass: SQLite and files, or PostgreSQL and Redis.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import redis

from integrations.providers.litmos.sandbox import Sandbox
from tests import migrated
from tests.processes import sqlite_reading

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 90
KEY_ACCOUNT = "Acme"


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Loaded:
    """Starts processes that need not load the Portal again (tests/processes/loaded.py)."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = dict(environment)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.loaded"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, words: tuple[str, ...], extra: dict[str, str], log: Path) -> Process:
        streams = [os.devnull, str(log), str(log)]
        asked = [words[0], words[1:], self.environment | extra, streams]
        return Process(self._ask(*asked, is_server=True)[0])

    def run(self, words: tuple[str, ...], stdin: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder, name) for name in ("in", "out", "err")]
            streams[0].write_text(stdin)
            paths = [str(each) for each in streams]
            status = self._ask("manage", words, self.environment, paths, is_server=False)[1]
            told = (each.read_text() for each in streams[1:])
            return subprocess.CompletedProcess(words, status, *told)

    def _ask(self, *given: Any, is_server: bool) -> list[int]:
        self._process.stdin.write(json.dumps([*given, is_server]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


class Process:
    """One that another process has started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def wait(self, timeout: float | None = None) -> None:
        if not select.select([self._handle], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)

    def is_running(self) -> bool:
        return not select.select([self._handle], [], [], 0)[0]


class Installation:
    #: Tests themselves have 11 to 14.
    FIRST_REDIS = 5

    def __init__(self, folder: Path, sandbox: Sandbox, base_url: str) -> None:
        self.folder, self.sandbox, self.base_url = folder, sandbox, base_url
        self.processes: list[Process] = []
        self.database = os.environ.get("DATABASE_URL", "")
        self.is_embedded = not self.database.startswith("postgres")
        self.environment = self._environment()
        self._loaded: Loaded | None = None
        self._closing = ExitStack()

    @staticmethod
    def plain_environment() -> dict[str, str]:
        dropped = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL")
        kept = {key: value for key, value in os.environ.items() if key not in dropped}
        return kept | {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_MODE": "embedded"}

    def _environment(self) -> dict[str, str]:
        chosen = {
            "PORTAL_VAR": str(self.folder / "var"),
            "EMAIL_URL": "filemail://",
            "LITMOS_EXTRA_REGIONS": f"Rehearsal={self.base_url}",
            "LITMOS_RATE": "100000/60",
            "PORTAL_LEASE_SECONDS": "3",
            "PORTAL_TICK_SECONDS": "1",
        }
        return self.plain_environment() | chosen | ({} if self.is_embedded else self._services())

    def _services(self) -> dict[str, str]:
        name = f"portal_process_{secrets.token_hex(6)}"
        server = self.database.rsplit("/", 1)[0]
        migrated.copy_postgres(server, name)
        redis_url = f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{self.redis_number()}"
        with redis.from_url(redis_url) as broker:
            broker.flushdb()
        self.database = f"{server}/{name}"
        return {"DATABASE_URL": self.database, "REDIS_URL": redis_url}

    def redis_number(self) -> int:
        """Of this test process alone, and not of the session's Portal for the browser: two that share
        a broker take each other's messages, and one count of log-ins."""
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        return self.FIRST_REDIS + worker % 4

    @property
    def loaded(self) -> Loaded:
        """Anew where the environment has changed."""
        if self._loaded is None or self._loaded.environment != self.environment:
            self._loaded = Loaded(self.environment)
            self._closing.callback(self._loaded.close)
        return self._loaded

    def manage(
        self, *words: str, stdin: str = "", check: bool = True
    ) -> subprocess.CompletedProcess:
        done = self.loaded.run(words, stdin)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self, *words: str, **extra: str) -> Process:
        """A process in a group of its own, so that a kill takes its children too."""
        log = self.folder / f"{len(self.processes)}-{words[-1].strip('-')}.log"
        self.processes.append(self.loaded.start(words, extra, log))
        return self.processes[-1]

    def worker(self, app: str = "portal", **extra: str) -> Process:
        queues = ("-Q", "control,sync,mail", "-c", "1", "--without-gossip", "--without-mingle")
        return self.start("celery", "-A", app, "worker", *queues, **extra)

    def beat(self) -> Process:
        return self.start("celery", "-A", "portal", "beat")

    def kill(self, process: Process) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def set_up(self) -> None:
        """Acme, connected to the rehearsal Litmos, not synced yet."""
        self.migrate()
        self.manage("create_account", "--name", KEY_ACCOUNT, "--admin-email", "alice@acme.example")
        self.execute("UPDATE accounts_account SET account_manager_email = 'boss@acme.example'")
        self.connect("--inactive")

    def migrate(self) -> None:
        if self.is_embedded:
            migrated.copy_sqlite(self.folder / "var" / "portal.sqlite3")

    def connect(self, *options: str) -> None:
        words = ("--account", KEY_ACCOUNT, "--provider", "litmos", "--region", "rehearsal")
        choice = ("--content", "users", "--groups", "all")
        self.manage("connect", *words, *choice, *options, stdin=self.sandbox.api_key)

    def sync(self) -> None:
        self.manage("sync", "--account", KEY_ACCOUNT, "--provider", "litmos")

    def query(self, sql: str) -> list[tuple]:
        if self.is_embedded:
            return sqlite_reading.query(self.folder / "var" / "portal.sqlite3", sql)
        with psycopg.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        if self.is_embedded:
            sqlite_reading.execute(self.folder / "var" / "portal.sqlite3", sql)
            return
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(sql)

    def run(self) -> dict[str, Any]:
        names = "status, phase, epoch, calls, error_code, counts, is_told"
        rows = self.query(f"SELECT {names} FROM integrations_syncrun ORDER BY id DESC LIMIT 1")
        found = dict(zip(names.split(", "), rows[0], strict=True))
        if isinstance(found["counts"], str):
            found["counts"] = json.loads(found["counts"])
        return found

    def wait_until(
        self, condition: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS
    ) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come: {self.run()}\n{self.logs()}"
            time.sleep(0.01)

    def wait_for_the_end(self, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        self.wait_until(
            lambda: self.run()["status"] not in ("QUEUED", "RUNNING") and self.run()["is_told"],
            "the end of the run",
            seconds,
        )
        return self.run()

    def logs(self) -> str:
        return "\n".join(file.read_text()[-3000:] for file in sorted(self.folder.glob("*.log")))

    def state(self) -> dict[str, Any]:
        """What a customer sees: groups with people, by active or not, and the names."""
        seats = self.query(
            "SELECT g.name, t.email, m.is_active FROM targets_groupmembership m"
            " JOIN groups_group g ON g.id = m.group_id JOIN targets_target t ON t.id = m.target_id"
        )
        people = self.query("SELECT email, name, city, timezone, manager FROM targets_target")
        courses = self.query("SELECT name, is_active FROM integrations_course")
        return {
            "seats": sorted((group, email, bool(active)) for group, email, active in seats),
            "people": sorted(people),
            "courses": sorted((name, bool(active)) for name, active in courses),
        }

    def close(self) -> None:
        for process in self.processes:
            self.kill(process)
        self._closing.close()
        if not self.is_embedded:
            server, name = self.database.rsplit("/", 1)
            migrated.command(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
