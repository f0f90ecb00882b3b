"""The log of a webhook: a list like any other."""

import csv
import re
from uuid import uuid4

import pytest
from django_scopes import scope

from webhooks import services
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


def of(endpoint, what="") -> str:
    return f"/administration/api/webhooks/{endpoint.pk}/{what}"


def test_the_log_tells_states_and_what_was_said(as_alice, endpoint, delivery, acme):
    nasty = "<script>alert(1)</script>"
    with scope(account=acme):
        services.emit(account=acme, type="run.held", body={"run": nasty})
        Delivery.objects.exclude(pk=delivery.pk).update(
            state="GIVEN_UP", attempts=7, status_code=500, answer=nasty, event_id=uuid4()
        )
    page = as_alice.get(of(endpoint)).text
    assert ("Sync failed" in page, "Changes held" in page) == (True, True)
    assert (nasty in page, page.count("&lt;script&gt;")) == (False, 2)
    only = as_alice.get(of(endpoint), {"state": "GIVEN_UP"}).text
    assert (str(delivery.event_id) in only, "Answered 500" in only) == (False, True)
    none = as_alice.get(of(endpoint), {"state": "DELIVERED"}).text
    assert "No event matches" in none
    assert str(delivery.event_id) in as_alice.get(of(endpoint), {"state": "' OR 1"}).text


def test_the_log_is_sorted_searched_and_exported(as_alice, endpoint, delivery, acme):
    with scope(account=acme):
        services.emit(account=acme, type="run.held", body={"run": 2})
        held = Delivery.objects.exclude(pk=delivery.pk).get()
        Delivery.objects.filter(pk=held.pk).update(
            state="GIVEN_UP", attempts=7, status_code=500, answer="=1+1"
        )
    both = [str(delivery.event_id), str(held.event_id)]
    for query, found in (
        ("", both[::-1]),
        ("sort=when", both),
        ("sort=state", both[::-1]),
        ("sort=endpoint__secret_sealed", both[::-1]),
        ("type=run.held", both[1:]),
        (f"q={held.event_id}", both[1:]),
        (f"q={uuid4()}", []),
        ("q=17", []),
    ):
        page = as_alice.get(f"{of(endpoint)}?{query}").text
        assert re.findall(r"text-break\">([0-9a-f-]{36})<", page) == found
        file = as_alice.get(f"{of(endpoint, 'events.csv')}?{query}").getvalue().decode("utf-8-sig")
        rows = list(csv.reader(file.splitlines()))[1:]
        assert [row[2] for row in rows] == found
    assert "Enter the whole number of an event" in page
    (row,) = csv.reader(
        [file_line for file_line in exported(as_alice, endpoint) if "500" in file_line]
    )
    assert row[1:5] + row[6:] == [
        "run.held",
        str(held.event_id),
        "Given up",
        "7",
        "Answered 500",
        "'=1+1",
    ]


def exported(client, endpoint) -> list[str]:
    return client.get(of(endpoint, "events.csv")).getvalue().decode("utf-8-sig").splitlines()
