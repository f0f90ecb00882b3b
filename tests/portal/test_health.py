import os
import socket
import subprocess
import sys
import time
from threading import Thread

import pytest
from celery.signals import heartbeat_sent
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.meta.files import ROOT

NOWHERE = "redis://127.0.0.1:1/0"


def test_alive_without_asking_anything(client, settings, django_assert_num_queries, db):
    settings.CELERY_BROKER_URL = NOWHERE
    with django_assert_num_queries(0):
        answer = client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.fixture
def broker(settings, tmp_path):
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    return tmp_path


def test_ready(client, broker, db):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "broker": "ok"}
    assert "no-store" in answer["Cache-Control"]


def test_not_ready_while_the_broker_is_away(client, settings, db):
    settings.CELERY_BROKER_URL = NOWHERE
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "migrations": "ok", "broker": "ConnectionError"}


def test_not_ready_without_the_folder_of_messages(client, broker, db):
    broker.rmdir()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["broker"]) == (503, "folder not writable")


def test_not_ready_before_the_migrations(client, broker, db):
    MigrationRecorder(connection).migration_qs.filter(app="integrations").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"].endswith(" not applied")


@pytest.mark.parametrize("address", ["/livez", "/readyz"])
def test_only_reading(client, address, db):
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", ["/livez", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "evil.example", ""])
def test_by_whatever_host_and_without_encryption(client, broker, settings, address, host, db):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(address, headers={"host": host}).status_code == 200


def healthcheck(*words, **environment):
    """As a container engine runs it, and without a library beside Python's own."""
    told = [sys.executable, "-I", "-S", "portal/healthcheck.py", *words]
    ended = subprocess.run(told, cwd=ROOT, env=environment, capture_output=True, check=False)
    return ended.returncode


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", 0),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n200", 1),
        (b"", 1),
    ],
)
def test_the_check_of_web(answer, code):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            asked, _ = server.accept()
            with asked:
                asked.recv(1000)
                asked.sendall(answer)

        web = Thread(target=serve)
        web.start()
        assert healthcheck(PORT=str(server.getsockname()[1])) == code
        web.join()


def test_the_check_of_web_that_is_away():
    assert healthcheck(PORT="1") == 1


@pytest.mark.parametrize("part", ["beat", "worker"])
def test_the_check_of_a_part_in_the_background(tmp_path, part):
    assert healthcheck(part, PORTAL_VAR=str(tmp_path)) == 1
    (tmp_path / part).touch()
    assert healthcheck(part, PORTAL_VAR=str(tmp_path)) == 0
    long_ago = time.time() - 181
    os.utime(tmp_path / part, (long_ago, long_ago))
    assert healthcheck(part, PORTAL_VAR=str(tmp_path)) == 1


def test_a_worker_leaves_a_sign_of_life(settings, tmp_path):
    settings.PORTAL_VAR = tmp_path
    heartbeat_sent.send(sender=None)
    assert healthcheck("worker", PORTAL_VAR=str(tmp_path)) == 0
