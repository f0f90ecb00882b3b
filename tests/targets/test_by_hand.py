"""People added, changed, and put into groups by an administrator's hand."""

import pytest
import time_machine
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent
from groups.models import Group
from targets.models import GroupMembership, Target
from targets.suppression import suppress
from tests.factories import GroupFactory, GroupMembershipFactory, TargetFactory
from tests.tallies import differing

pytestmark = pytest.mark.django_db
NEW = "/targets/new/"


@pytest.fixture(autouse=True)
def _in_acme(acme):
    with scope(account=acme):
        yield
        assert differing(acme) == []


def log():
    with scopes_disabled():
        events = AuditEvent.objects.filter(kind__startswith="TARGET").order_by("pk")
        return [(event.kind, event.subject, event.before, event.after) for event in events]


def test_somebody_is_added(as_alice, acme):
    group = GroupFactory(account=acme, name="Sales")
    form = {"email": "Ann.Lee@ACME.example", "first_name": " Ann\u202e ", "last_name": "Lee"}
    answer = as_alice.post(NEW, form | {"groups": [group.pk]}, follow=True)
    target = Target.objects.get()
    assert "Ann Lee is a target now." in answer.text
    assert (target.email, target.email_key) == ("Ann.Lee@acme.example", "ann.lee@acme.example")
    assert (target.first_name, target.name, target.source) == ("Ann", "Ann Lee", "")
    assert target.is_reachable
    assert GroupMembership.objects.get().set_by == "PERSON"
    told = {"email": "Ann.Lee@acme.example", "first_name": "Ann", "last_name": "Lee"}
    assert log() == [
        ("TARGET_ADDED", "Ann Lee", {}, told | {"groups": ["Sales"], "target_id": target.pk})
    ]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"email": ""}, "This field is required."),
        ({"email": "ann"}, "This is not an e-mail address."),
        ({"email": "ANN@acme.example"}, ">Ann</a> has this address."),
        ({"email": "new@x.example", "zip": "1" * 16}, "at most 15 characters"),
        ({"email": "gone@acme.example"}, "Somebody of this address was erased."),
        ({"email": "new@x.example", "groups": [0]}, "is not one of the available choices"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(form, told, as_alice, acme):
    TargetFactory(account=acme, name="Ann", email="ann@acme.example")
    suppress(account=acme, keys=["gone@acme.example"], ids=[], user=None)
    page = as_alice.post(NEW, {"city": "Bern", **form}).text
    assert told in page
    assert 'value="Bern"' in page
    assert Target.objects.count() == 1


def test_without_a_seat_nobody_joins_a_group(as_alice, acme):
    acme.seat_limit = 1
    acme.save()
    group = GroupMembershipFactory(group__account=acme).group
    page = as_alice.post(NEW, {"email": "new@x.example", "groups": [group.pk]}).text
    assert "All seats of the account are taken." in page
    assert as_alice.post(NEW, {"email": "new@x.example"}).status_code == 302
    target = Target.objects.get(email="new@x.example")
    page = as_alice.post(f"/targets/{target.pk}/groups/", {"groups": [group.pk]}).text
    assert "All seats of the account are taken." in page
    assert GroupMembership.objects.count() == 1


def test_somebody_is_changed(as_alice, acme):
    target = TargetFactory(account=acme, name="Ann", email="ann@acme.example", city="Bern")
    form = {"email": "anna@acme.example", "name": "Anna", "city": "Basel"}
    as_alice.post(f"/targets/{target.pk}/edit/", form)
    target.refresh_from_db()
    assert (target.email_key, target.name, target.city) == ("anna@acme.example", "Anna", "Basel")
    assert log() == [
        (
            "TARGET_EDITED",
            "Ann",
            {"email": "ann@acme.example", "name": "Ann", "city": "Bern"},
            {"email": "anna@acme.example", "name": "Anna", "city": "Basel"},
        )
    ]


def test_what_a_source_fills_is_shown_and_stays(as_alice, acme):
    target = TargetFactory(account=acme, name="Ann", source="litmos", city="Bern")
    address = f"/targets/{target.pk}/edit/"
    page = as_alice.get(address).text
    assert "These values come from Litmos." in page
    assert 'value="Bern"' in page
    assert ">Save</button>" not in page
    as_alice.post(address, {"email": "x@x.example", "city": "Basel"})
    target.refresh_from_db()
    assert (target.city, log()) == ("Bern", [])


def test_somebody_is_put_into_groups(as_alice, acme):
    there = GroupMembershipFactory(group__account=acme, group__name="Sales", is_active=False)
    group = GroupFactory(account=acme, name="Press")
    address = f"/targets/{there.target_id}/groups/"
    assert "Sales" not in as_alice.get(address).text
    as_alice.post(address, {"groups": [group.pk]})
    assert Group.objects.get(name="Press").people == 1
    found = GroupMembership.objects.order_by("group__name").values_list("group__name", "is_active")
    assert list(found) == [("Press", True), ("Sales", False)]
    (event,) = log()
    assert event[3] == {"groups": ["Press"], "target_id": there.target_id}


def test_the_export_has_who_is_shown_and_no_formula(as_alice, as_bob, acme, globex):
    TargetFactory(account=acme, name="=1+1", email="ann@acme.example", city="Bern")
    TargetFactory(account=acme, name="Bo", email="bo@acme.example")
    with scope(account=globex):
        TargetFactory(account=globex, name="Theirs")
    lines = as_bob.get("/targets/targets.csv", {"q": "ann"}).getvalue().decode().splitlines()
    assert len(lines) == 2
    assert '"ann@acme.example"' in lines[1]
    assert '"\'=1+1"' in lines[1]
    assert len(as_alice.get("/targets/targets.csv").getvalue().splitlines()) == 3


def test_row_51_a_fourth_export_in_a_minute_has_to_wait(as_alice, as_bob, acme):
    with time_machine.travel("2026-11-27T10:00:05Z", tick=False):
        answers = [as_alice.get("/targets/targets.csv").status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        assert as_bob.get("/targets/targets.csv").status_code == 200
    with time_machine.travel("2026-11-27T10:01:05Z", tick=False):
        assert as_alice.get("/targets/targets.csv").status_code == 200
