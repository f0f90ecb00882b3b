"""Limits: the guard's numbers of a connection."""

from dataclasses import asdict

import pytest

from accounts.models import AuditEvent
from integrations.limits_form import LABELS, LimitsForm
from integrations.sync.guard import Thresholds
from tests.integrations.views.conftest import STORE, text

LIMITS = f"{STORE}paper/limits/"
pytestmark = pytest.mark.usefixtures("in_acme")


def defaults(**changed):
    form = LimitsForm(limits=Thresholds(), account_name="")
    return {"action": "save", **{name: form.fields[name].initial for name in LABELS}, **changed}


def stored(connection):
    connection.refresh_from_db()
    return connection.thresholds


def test_who_may(client, as_bob, as_charlie, connection):
    assert as_bob.get(LIMITS).status_code == 403
    assert as_charlie.get(LIMITS).status_code == 404
    assert client.get(LIMITS)["Location"] == f"/login/?next={LIMITS}"


def test_every_number_of_the_guard_but_two_is_there():
    assert set(asdict(Thresholds())) - set(LABELS) == {"known_at_least", "is_off"}


def test_defaults_are_shown_and_saving_them_stores_nothing(as_alice, connection):
    page = as_alice.get(LIMITS).text
    assert 'name="people" value="10"' in page
    assert 'name="group_share" value="50"' in page
    as_alice.post(LIMITS, defaults())
    assert stored(connection) == {}
    assert not AuditEvent.objects.filter(kind="LIMITS_SAVED").exists()


def test_only_what_differs_is_stored_and_told(as_alice, connection):
    as_alice.post(LIMITS, defaults(people="3", people_share="5"))
    assert stored(connection) == {"people": 3, "people_share": 0.05}
    event = AuditEvent.objects.get(kind="LIMITS_SAVED")
    assert (event.before, event.after) == (
        {"people": 10, "people_share": 0.2},
        {"people": 3, "people_share": 0.05},
    )
    as_alice.post(LIMITS, {"action": "reset"})
    assert stored(connection) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("people", "-1"),
        ("people", ""),
        ("people_share", "101"),
        ("teams", "x"),
        ("off_name", "acme"),
    ],
)
def test_what_can_not_be_a_limit(as_alice, connection, field, value):
    answer = as_alice.post(LIMITS, defaults(**{field: value}))
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {field}
    assert stored(connection) == {}


def test_off_wants_the_accounts_name(as_alice, connection):
    as_alice.post(LIMITS, defaults(off_name="Acme"))
    assert stored(connection) == {"is_off": True}
    assert "The limits are off" in text(as_alice.get(STORE))
    as_alice.post(LIMITS, defaults(people="3"))
    assert stored(connection) == {"people": 3, "is_off": True}
    as_alice.post(LIMITS, {"action": "on"})
    assert stored(connection) == {"people": 3}
    assert "The limits are off" not in text(as_alice.get(STORE))
