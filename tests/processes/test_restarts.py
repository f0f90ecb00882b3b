"""Any part is killed while a sync is at work: the engine starts it again, and nothing is lost."""

import os
import signal
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.processes.installation import free_port

pytestmark = [pytest.mark.processes, pytest.mark.services, pytest.mark.timeout(300)]


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


class Parts:
    """What docker-compose.yml runs, each started again by hand where its engine would."""

    def __init__(self, installation, own_redis, port: int) -> None:
        self.installation, self.redis, self.port = installation, own_redis, port
        bind = ("--bind", f"127.0.0.1:{port}", "--no-control-socket")
        self.starts: dict[str, Callable] = {
            "worker": installation.worker,
            "beat": installation.beat,
            "web": lambda: installation.start("gunicorn", "portal.wsgi", *bind),
        }
        self.running = {name: start() for name, start in self.starts.items()}

    def kill_and_start(self, name: str) -> None:
        if name == "redis":
            self.redis.kill()
            self.redis.start()
            self.installation.wait_until(self.redis.answers, "Redis", 20)
            return
        assert self.running[name].is_running(), f"{name} had ended by itself"
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()
        self.running[name] = self.starts[name]()

    def kill_database_sessions(self) -> None:
        """What a restart of PostgreSQL does to those who are connected."""
        self.installation.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_whatever_is_killed_comes_back_and_nothing_is_lost(installation, as_application, own_redis):
    web_port = free_port()
    parts = Parts(installation, own_redis, web_port)
    installation.wait_until(lambda: is_ready(web_port), "web")
    installation.sandbox.latency = 0.4
    installation.sync()
    for name in ("worker", "redis", "beat", "web"):
        installation.wait_until(lambda: installation.run()["status"] == "RUNNING", "the sync")
        parts.kill_and_start(name)
    parts.kill_database_sessions()
    installation.sandbox.latency = 0
    ended = installation.wait_for_the_end(150)
    assert ended["status"] == "SYNCED"
    installation.wait_until(lambda: is_ready(web_port), "web")

    after = installation.state()
    installation.sync()
    again = installation.wait_for_the_end()
    assert again["status"] == "SYNCED"
    assert [name for name in again["counts"] if name.endswith(".APPLIED")] == []
    assert installation.state() == after
    everybody = {user["Email"].lower() for user in installation.sandbox.tenant.users.values()}
    assert {email.lower() for email, *_ in after["people"]} <= everybody
    assert len(after["courses"]) == len(installation.sandbox.tenant.courses)
