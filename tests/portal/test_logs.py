import json
import logging

import pytest
from django_scopes import scope

from accounts.tracing import bound
from integrations import tasks
from portal.logs import JsonFormatter
from targets.models import Target
from tests.factories import PASSWORD, TargetFactory

NAME = 'Bob\n{"level": "INFO", "message": "forged"}\r\n\x1b[31mred'


def line_of(message, *values) -> str:
    record = logging.LogRecord("x", logging.WARNING, "f.py", 1, message, values, None)
    return JsonFormatter().format(record)


def test_row_48_a_name_adds_no_line_to_the_log():
    text = line_of("hello %s", NAME)
    assert text.splitlines() == [text]
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["message"] == f"hello {NAME}"


def test_a_line_tells_what_it_belongs_to():
    with bound(request_id="r-1"), bound(run_id=7):
        entry = json.loads(line_of("hello"))
    assert (entry["request_id"], entry["run_id"]) == ("r-1", 7)
    assert "run_id" not in json.loads(line_of("hello"))


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "status"), [("get", 405), ("post", 404)])
def test_a_secret_in_an_address_is_not_told(client, caplog, method, status):
    assert getattr(client, method)("/hooks/completions/0123secret/").status_code == status
    told = [JsonFormatter().format(record) for record in caplog.records]
    assert any("/hooks/completions/\\u2026/" in line for line in told)
    assert not any("0123secret" in line for line in told)


@pytest.mark.django_db
def test_requests_and_syncs_are_told_apart(client, caplog, monkeypatch):
    told = []
    monkeypatch.setattr(
        logging.getLogger("django.request"),
        "_log",
        lambda *_args, **_values: told.append(json.loads(line_of("x"))),
    )
    client.get("/nothing/", headers={"X-Request-ID": "r-2"})
    assert [entry.get("request_id") for entry in told] == ["r-2"]
    monkeypatch.setattr(
        tasks.services, "advance", lambda run_id: told.append(json.loads(line_of("x")))
    )
    tasks.step(run_id=41)
    assert told[-1]["run_id"] == 41


@pytest.mark.django_db
def test_row_52_the_log_has_ids_and_no_names(client, acme, alice, caplog):
    caplog.set_level(logging.DEBUG)
    with scope(account=acme):
        TargetFactory(account=acme, name="Ann Lee", email="ann@acme.example")
    client.post("/login/", {"login": alice.email, "password": "wrong"})
    client.post("/login/", {"login": alice.email, "password": PASSWORD})
    client.get("/targets/?q=ann@acme.example")
    client.get("/targets/999/")
    with scope(account=acme):
        assert Target.objects.count() == 1
    lines = [r for r in caplog.records if not r.name.startswith(("django.db", "faker", "factory"))]
    text = "\n".join(record.getMessage() for record in lines)
    assert not any(word in text for word in ("Ann Lee", "ann@acme", "alice@acme"))
