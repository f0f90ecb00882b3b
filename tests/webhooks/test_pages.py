"""Webhooks in the Administration."""

import json
import re
from hashlib import sha256

import pytest
from django.contrib.messages import get_messages
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent
from tests.webhooks.conftest import ADDRESS, Receiver
from webhooks import services
from webhooks.models import Delivery, Endpoint, EventType
from webhooks.sealing import unseal

pytestmark = pytest.mark.django_db
LIST = "/administration/api/webhooks/"
NEW = {
    "address": "https://siem.example.com/in",
    "description": "SIEM",
    "events": ["run.failed", "run.held"],
}
STORED = {**NEW, "include_email": False}


def in_log(address):
    """Without its path, which may be a secret."""
    host = address.split("/")[2]
    return f"https://{host}/… ({sha256(address.encode()).hexdigest()[:8]})"


def log() -> list[tuple]:
    with scopes_disabled():
        events = AuditEvent.objects.filter(kind__startswith="WEBHOOK_").order_by("pk")
        return [(each.kind, each.subject, each.before, each.after) for each in events]


def of(endpoint, what="") -> str:
    return f"{LIST}{endpoint.pk}/{what}"


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def secret_in(page) -> str:
    return re.search(r"whsec_[A-Za-z0-9+/=]+", page)[0]


def every_address(endpoint, delivery):
    return [
        ("get", LIST),
        ("get", f"{LIST}new/"),
        ("post", f"{LIST}new/"),
        *[(method, of(endpoint, f"{what}/")) for method, what in PAGES],
        ("get", of(endpoint)),
        ("post", of(endpoint, "switch/")),
        ("post", of(endpoint, "test/")),
        ("post", of(endpoint, f"events/{delivery.pk}/send/")),
    ]


PAGES = [(method, what) for what in ("change", "secret", "remove") for method in ("get", "post")]


def test_administrators_alone(client, as_bob, as_charlie, endpoint, delivery):
    for method, address in every_address(endpoint, delivery):
        answer = getattr(client, method)(address, NEW)
        assert answer["Location"].startswith("/login/?next="), address
        assert getattr(as_bob, method)(address, NEW).status_code == 403, address
        if str(endpoint.pk) in address:
            assert getattr(as_charlie, method)(address, NEW).status_code == 404, address
    assert "SIEM" not in as_charlie.get(LIST).text
    with scopes_disabled():
        assert Endpoint.objects.get().address == ADDRESS
        assert Delivery.objects.get().state == "PENDING"
    assert [each[0] for each in log()] == ["WEBHOOK_MADE"]


def test_only_post_changes(as_alice, endpoint, delivery):
    for what in ("switch/", "test/", f"events/{delivery.pk}/send/"):
        assert as_alice.get(of(endpoint, what)).status_code == 405


def test_an_event_of_another_endpoint(as_alice, make, delivery):
    assert as_alice.post(of(make(), f"events/{delivery.pk}/send/")).status_code == 404


def test_the_api_page_leads_there(as_alice):
    assert f'href="{LIST}"' in as_alice.get("/administration/api/").text
    assert "There are no webhooks yet" in as_alice.get(LIST).text


def test_a_new_one_shows_its_secret_once(confirmed, acme):
    page = confirmed.post(f"{LIST}new/", NEW).text
    with scope(account=acme):
        made = Endpoint.objects.get()
        secret = unseal(made.secret_sealed, account_id=acme.pk)
    assert secret_in(page) == secret
    assert {name: getattr(made, name) for name in STORED} == STORED
    assert (made.is_active, secret in made.secret_sealed) == (True, False)
    assert "whsec_" not in confirmed.get(LIST).text + confirmed.get(of(made)).text
    assert log() == [("WEBHOOK_MADE", "SIEM", {}, STORED | {"address": in_log(NEW["address"])})]


def test_the_password_is_asked_for_first(as_alice, endpoint):
    for address in (f"{LIST}new/", of(endpoint, "secret/"), of(endpoint, "change/")):
        answer = as_alice.post(address, NEW)
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    with scopes_disabled():
        assert (Endpoint.objects.get().address, len(log())) == (ADDRESS, 1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"address": ""}, "This field is required."),
        ({"address": "http://siem.example.com/"}, "has to begin with https://"),
        ({"address": "https://127.0.0.1/"}, "not on the public internet"),
        ({"address": "https://0x7f.1/"}, "This is no address."),
        ({"address": "https://a:b@siem.example.com/"}, "Leave out the name and password"),
        ({"address": "https://siem.example.com/#a"}, "Leave out the #"),
        ({"address": f"https://siem.example.com/{'a' * 500}"}, "at most 500 characters"),
        ({"events": []}, "Choose at least one thing"),
        ({"events": ["run.danced"]}, "run.danced"),
        ({"description": "a\u202eb"}, "signs that can"),
        ({"description": "a" * 101}, "at most 100 characters"),
    ],
)
def test_what_can_t_be(confirmed, endpoint, values, said):
    for address in (f"{LIST}new/", of(endpoint, "change/")):
        answer = confirmed.post(address, NEW | values)
        assert (answer.status_code, said in answer.text) == (200, True)
        assert 'value="run.held"' in answer.text
    with scopes_disabled():
        assert (Endpoint.objects.get().address, len(log())) == (ADDRESS, 1)


def test_twenty_are_enough(confirmed, make):
    for _ in range(20):
        make()
    answer = confirmed.post(f"{LIST}new/", NEW)
    assert "The account has 20 webhooks" in answer.text
    assert "https://siem.example.com/in" in answer.text
    with scopes_disabled():
        assert Endpoint.objects.count() == 20


def test_change(confirmed, endpoint):
    page = confirmed.get(of(endpoint, "change/")).text
    assert f'value="{ADDRESS}"' in page
    for _ in range(2):
        answer = confirmed.post(of(endpoint, "change/"), NEW)
        assert (answer["Location"], told(answer)[-1]) == (LIST, "The webhook is saved.")
    with scopes_disabled():
        fresh = Endpoint.objects.get()
    assert {name: getattr(fresh, name) for name in STORED} == STORED
    assert fresh.secret_sealed == endpoint.secret_sealed
    before = {"address": in_log(ADDRESS), "events": EventType.values}
    after = {"address": in_log(NEW["address"]), "events": NEW["events"]}
    assert log()[1:] == [("WEBHOOK_CHANGED", "SIEM", before, after)]


def test_a_new_secret(confirmed, endpoint, make, acme):
    assert "whsec_" not in confirmed.get(of(endpoint, "secret/")).text
    shown = secret_in(confirmed.post(of(endpoint, "secret/")).text)
    with scope(account=acme):
        assert unseal(Endpoint.objects.get().secret_sealed, account_id=acme.pk) == shown
    assert shown != make.secrets[endpoint.pk]
    assert log()[1:] == [("WEBHOOK_SECRET_MADE", "SIEM", {}, {})]


def test_off_and_on(as_alice, endpoint):
    for to, is_active in (("off", False), ("off", False), ("on", True), ("on", True)):
        as_alice.post(of(endpoint, "switch/"), {"to": to})
        with scopes_disabled():
            assert Endpoint.objects.get().is_active == is_active
    off, on = {"is_active": False}, {"is_active": True}
    assert log()[1:] == [
        ("WEBHOOK_SWITCHED_OFF", "SIEM", {}, {}),
        ("WEBHOOK_CHANGED", "SIEM", off, on),
    ]


def test_remove(as_alice, endpoint, delivery):
    assert ADDRESS in as_alice.get(of(endpoint, "remove/")).text
    answer = as_alice.post(of(endpoint, "remove/"))
    assert (answer["Location"], told(answer)) == (LIST, ["SIEM is removed."])
    with scopes_disabled():
        assert (Endpoint.objects.count(), Delivery.objects.count()) == (0, 0)
    assert log()[1:] == [("WEBHOOK_REMOVED", "SIEM", {}, {})]


def test_a_test_event(as_alice, endpoint, acme):
    assert as_alice.post(of(endpoint, "test/"))["Location"] == of(endpoint)
    with scope(account=acme):
        row = Delivery.objects.get()
    receiver = Receiver(200)
    services.deliver(delivery_id=row.pk, client=receiver)
    assert json.loads(receiver.got[0][2])["type"] == "webhook.test"
    page = as_alice.get(of(endpoint)).text
    assert ("webhook.test" in page, "Answered 200" in page, "Delivered" in page) == (
        True,
        True,
        True,
    )
    assert log()[1:] == [("WEBHOOK_TESTED", "SIEM", {}, {})]


def test_nothing_is_sent_to_one_that_is_off(as_alice, endpoint, delivery, acme):
    with scope(account=acme):
        services.switch_off(endpoint=endpoint)
    for what in ("test/", f"events/{delivery.pk}/send/"):
        answer = as_alice.post(of(endpoint, what))
        assert told(answer)[-1] == "SIEM is switched off. Switch it on first."
    with scope(account=acme):
        assert (Delivery.objects.count(), len(log())) == (1, 2)
    assert "Send a test event" not in as_alice.get(of(endpoint)).text


def test_send_again(as_alice, endpoint, delivery, acme):
    services.deliver(delivery_id=delivery.pk, client=Receiver(200))
    answer = as_alice.post(of(endpoint, f"events/{delivery.pk}/send/"))
    assert (answer["Location"], told(answer)) == (of(endpoint), ["The event is sent again."])
    with scope(account=acme):
        row = Delivery.objects.get()
    assert (row.state, row.attempts, row.event_id) == ("PENDING", 0, delivery.event_id)
    after = {"event": str(row.event_id), "type": "run.failed"}
    assert log()[1:] == [("WEBHOOK_SENT_AGAIN", "SIEM", {}, after)]


def test_the_list_costs_the_same_for_many(as_alice, make, django_assert_max_num_queries):
    for _ in range(10):
        make()
    with django_assert_max_num_queries(8):
        assert as_alice.get(LIST).text.count("Switch off") == 10
