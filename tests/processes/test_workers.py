"""Several workers, a broker that is away, and the key that must appear nowhere."""

import os
import socket
import subprocess
import time
from contextlib import closing

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def test_two_workers_on_one_run_do_its_work_once(installation, sandbox):
    installation.worker()
    installation.worker()
    sandbox.calls.clear()
    installation.sync()
    run_id = installation.query("SELECT max(id) FROM integrations_syncrun")[0][0]
    installation.manage("shell", "-c", WAKE.format(run_id=run_id))

    run = installation.wait_for_the_end()

    assert run["status"] == "SYNCED"
    assert run["calls"] == len(sandbox.calls) == 1 + 1 + 1 + 6 + 1
    people = installation.query("SELECT count(*), count(DISTINCT email_key) FROM targets_target")
    created = run["counts"]["PERSON.CREATE.APPLIED"]
    assert people == [(created, created)]
    assert installation.query("SELECT count(*) FROM integrations_sentmail") == [(1,)]


WAKE = "from integrations.tasks import step\nfor _ in range(10): step.delay(run_id={run_id})"


def test_night_runs_by_itself_from_beat_to_mail(installation):
    installation.worker()
    installation.beat()
    installation.execute("UPDATE integrations_connection SET is_active = true")
    installation.execute(
        "UPDATE integrations_connection SET next_auto_sync_at = '2026-01-01 00:00:00'"
    )
    installation.wait_until(
        lambda: installation.query("SELECT 1 FROM integrations_syncrun"), "a run by night"
    )
    run = installation.wait_for_the_end()

    assert run["status"] == "SYNCED"
    assert installation.query("SELECT trigger FROM integrations_syncrun") == [("AUTO",)]
    mails = installation.query("SELECT recipient, attempts FROM integrations_sentmail")
    assert mails == [("boss@acme.example", 1)]
    assert len(list((installation.folder / "var" / "mail").iterdir())) == 1


@pytest.mark.services
def test_broker_down_at_save_the_tick_finds_the_run(installation):
    """The row is the queue: a step that could not be queued waits for the next tick."""
    port = _free_port()
    installation.environment["CELERY_BROKER_URL"] = f"redis://127.0.0.1:{port}/0"
    begin = time.monotonic()
    installation.connect()
    assert time.monotonic() - begin < 30
    assert installation.run()["status"] == "QUEUED"

    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    installation.processes.append(redis)
    installation.execute("UPDATE integrations_syncrun SET created_at = '2026-01-01 00:00:00'")
    installation.worker()
    installation.beat()

    assert installation.wait_for_the_end()["status"] == "SYNCED"


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_key_appears_nowhere(installation, sandbox):
    """Set, tested, synced, refused: then every place where it might have been left is searched."""
    installation.worker()
    installation.sync()
    assert installation.wait_for_the_end()["status"] == "SYNCED"
    sandbox.faults.set("401")
    installation.sync()
    assert installation.wait_for_the_end()["error_code"] == "key_refused"
    refused = installation.manage("connect", *CONNECT, stdin=sandbox.api_key, check=False)
    assert refused.returncode != 0

    dump = installation.manage("dumpdata", "--all").stdout
    installation.manage("collectstatic", "--noinput")
    pages = installation.manage("shell", "-c", PAGES).stdout
    assert "Litmos" in pages
    found = [
        str(file)
        for file in installation.folder.rglob("*")
        if file.is_file() and sandbox.api_key.encode() in file.read_bytes()
    ]
    assert found == []
    for text in (dump, pages, refused.stdout, refused.stderr, installation.logs()):
        assert sandbox.api_key not in text
    if not installation.is_embedded:
        assert sandbox.api_key.encode() not in _redis_dump()


CONNECT = ("--account", "Acme", "--provider", "litmos", "--region", "rehearsal", "--groups", "all")
PAGES = """
from django.test import Client
from accounts.models import User
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(User.objects.get())
store = "/administration/integrations/"
for address in ("", "litmos/setup/", "litmos/runs/", "litmos/runs/1/", "litmos/runs/2/"):
    print(client.get(store + address).content.decode())
"""


def _redis_dump() -> bytes:
    from redis import Redis

    redis = Redis.from_url(os.environ["REDIS_URL"])
    found = b""
    for number in range(16):
        redis.select(number)
        for key in redis.scan_iter():
            found += key + (redis.dump(key) or b"")
    return found
