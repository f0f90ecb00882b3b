import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

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
