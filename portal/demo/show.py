"""The demo from beginning to end."""

from __future__ import annotations

import http.client
import json
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from portal.demo import story
from portal.demo.place import Place
from portal.demo.supervisor import Broken, Ended, Supervisor

ROOT = Path(__file__).resolve().parents[2]
MANAGE = "manage.py"
READY_SECONDS = 60
SERVER_ERROR = 500
WORKER = ("-m", "celery", "-A", "portal", "worker", "-Q", "control,sync,mail", "-c", "2")
BEAT = ("-m", "celery", "-A", "portal", "beat", "--pidfile=")

Say = Callable[[str], None]


def show(place: Place, say: Say) -> None:
    """Blocks until Ctrl-C; raises Broken when a part fails. Every process has ended afterwards."""
    environment = place.environment(os.environ)
    with suppress(Ended), Supervisor(environment=environment, logs=place.logs, root=ROOT) as house:
        say("Preparing the database and the pages ...")
        pages = house.begin("collectstatic", [MANAGE, "collectstatic", "--no-input"])
        house.run("migrate", [MANAGE, "migrate", "--no-input"])
        api_key = _start(house, place, say)
        told = _sync(house, api_key, say)
        house.finish(pages)
        _open_web(house, place)
        say(story.ready(place, api_key, told))
        while True:
            house.pause()
    say("Everything has ended.")


def _start(house: Supervisor, place: Place, say: Say) -> str:
    """Returns the rehearsal key."""
    say("Starting the rehearsal Litmos, worker and beat ...")
    house.start("litmos", [MANAGE, "litmos_sandbox", *_litmos_arguments(place)])
    house.start("worker", WORKER)
    house.start("beat", BEAT)
    _until_answering(house, "litmos", place.litmos_port)
    return _rehearsal_key(house)


def _open_web(house: Supervisor, place: Place) -> None:
    house.start("web", _web_arguments(place.port))
    _until_answering(house, "web", place.port)


def _litmos_arguments(place: Place) -> list[str]:
    size = [f"--{name}={number}" for name, number in story.SIZE.items()]
    return [f"--port={place.litmos_port}", *size]


def _web_arguments(port: int) -> list[str]:
    return [
        *("-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "5"),
        "--no-control-socket",
    ]


def _rehearsal_key(house: Supervisor) -> str:
    """The rehearsal Litmos tells it as it starts."""
    found = re.search(r"^API key: +(\S+)", house.tail("litmos"), re.MULTILINE)
    if not found:
        raise Broken("litmos told no key", house.tail("litmos"))
    return found[1]


def _sync(house: Supervisor, api_key: str, say: Say) -> dict[str, Any]:
    """Let the worker carry out a sync: the first by connecting, a later one by asking for it."""
    account = ["--account", story.CONNECTED_ACCOUNT, "--provider", story.PROVIDER]
    is_connected = house.run("accounts", [MANAGE, "demo_accounts"], typed=api_key)
    if is_connected.strip() == "connected":
        say(f"Syncing {story.CONNECTED_ACCOUNT} ...")
        return _told(house.run("sync", [MANAGE, "sync", *account, "--wait", "--json"]))
    say(f"Connecting {story.CONNECTED_ACCOUNT} and running its first sync ...")
    connect = [MANAGE, "connect", *account, "--region", story.REGION, "--wait", "--json"]
    return _told(house.run("connect", connect, typed=api_key))


def _told(output: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(output)
    return told


def _until_answering(house: Supervisor, name: str, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(port):
        if time.monotonic() > deadline:
            raise Broken(f"{name} does not answer on port {port}", house.tail(name))
        house.pause()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/login/")
        return connection.getresponse().status < SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()
