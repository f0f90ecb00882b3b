"""A key is set and replaced after a fresh log-in alone; foundations.md C, row 18."""

import json

import pytest
from django.contrib.sessions.models import Session

from integrations.models import Connection, Probe
from integrations.services.keys import take_key
from tests.factories import PASSWORD
from tests.integrations.views.conftest import HTMX, STORE
from tests.integrations.views.provider import GOOD_KEY
from tests.integrations.views.test_setup import SETUP, TYPED, send, told
from tests.logging_in import confirm

pytestmark = pytest.mark.usefixtures("in_acme")
ASKED = "/accounts/reauthenticate/?next="


def sessions() -> str:
    return json.dumps([each.get_decoded() for each in Session.objects.all()])


@pytest.mark.parametrize("action", ["test", "save", "search", "enter"])
def test_row_18_a_key_that_is_typed_late_is_kept_nowhere(as_alice, site, action):
    answer = send(as_alice, action, api_key=GOOD_KEY)
    assert answer["Location"] == f"{ASKED}{SETUP.replace('/', '%2F')}"
    assert told(answer) == [
        "Confirm who you are, then type the new API key. It was kept nowhere in the meantime."
    ]
    assert not Probe.objects.exists()
    assert GOOD_KEY not in sessions()
    as_alice.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert send(as_alice, "test", api_key=GOOD_KEY).status_code == 200
    assert Probe.objects.count() == 1


def test_row_18_in_the_pop_up_the_whole_page_goes_there(as_alice, site):
    form = {**TYPED, "action": "test", "api_key": GOOD_KEY}
    assert as_alice.post(SETUP, form, headers=HTMX)["HX-Redirect"].startswith(ASKED)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_row_18_a_tested_key_is_saved_after_the_password(as_alice, passed, headers):
    form = {**TYPED, "action": "save", "probe": passed().pk}
    asked = as_alice.post(SETUP, form, headers=headers)
    address = asked.get("HX-Redirect") or asked["Location"]
    assert address.startswith(ASKED)
    assert not Connection.objects.exists()
    assert GOOD_KEY not in sessions()
    answer = as_alice.post(address, {"password": PASSWORD})
    assert answer["Location"] == STORE
    assert take_key(Connection.objects.get()).reveal() == GOOD_KEY


def test_other_settings_ask_for_nothing(as_alice, connection):
    answer = send(as_alice, "save", is_active="")
    assert answer["Location"] == STORE
    connection.refresh_from_db()
    assert not connection.is_active


def test_the_stored_key_is_tested_again_without_a_password(as_alice, connection, site):
    assert send(as_alice, "test").status_code == 200
    assert Probe.objects.count() == 1


def test_another_region_for_the_stored_key_is_a_new_key(as_alice, connection, site, passed):
    probe = passed(region="eu")
    asked = send(as_alice, "save", probe=probe.pk, region="eu")
    assert asked["Location"].startswith(ASKED)
    assert send(confirm(as_alice), "save", probe=probe.pk, region="eu")["Location"] == STORE
