"""What becomes of each field: followed, kept as the Portal has it, or left out."""

from dataclasses import replace

import pytest

from integrations.contract.records import Note
from integrations.models import Change, Connection, StagedPerson
from integrations.services import save_field_rules, start_preview
from targets.models import Target
from tests import fakes

pytestmark = pytest.mark.django_db
KEEP, LEAVE_OUT = "KEEP", "LEAVE_OUT"


@pytest.fixture
def follow(connection):
    """A function: from the next sync on these rules count, and no others."""

    def follow(**rules) -> None:
        save_field_rules(connection=connection, user=None, rules=rules)
        connection.refresh_from_db()

    return follow


@pytest.fixture(autouse=True)
def ann(remote):
    remote.people["P1"].update(city="Bern", title="Clerk", phone_mobile="1")
    return remote.people["P1"]


def values(*fields, email="ann@acme.example") -> tuple[str, ...]:
    return Target.objects.values_list(*fields).get(email=email)


def updates(run) -> list[tuple]:
    rows = Change.objects.filter(run=run, kind="PERSON", action="UPDATE").order_by("pk")
    return list(rows.values_list("label", "before", "after"))


def test_what_is_kept_comes_once_and_then_stays(sync, follow, ann):
    follow(city=KEEP)
    sync()
    assert values("city") == ("Bern",)
    ann.update(city="Oslo", title="Boss")
    run = sync()
    assert updates(run) == [("Ann Lee", {"title": "Clerk"}, {"title": "Boss"})]
    assert values("city", "title") == ("Bern", "Boss")

    ann["city"] = "Rome"
    assert updates(sync()) == []


def test_what_is_kept_stays_as_somebody_changes_it_meanwhile(follow, ann, sync, connection, finish):
    follow(city=KEEP)
    sync()
    ann.update(city="Oslo", title="Boss")
    Target.objects.filter(email="ann@acme.example").update(city="Here")
    sync()
    assert values("city", "title") == ("Here", "Boss")


def test_what_is_left_out_is_stored_nowhere(sync, follow, ann, connection, remote, finish):
    follow(phone_mobile=LEAVE_OUT)
    ann["phone_mobile"] = "+41 79 000 00 00"
    run = sync()
    assert values("phone_mobile", "city") == ("", "Bern")
    stored = [*Change.objects.filter(run=run).values(), *Target.objects.values()]
    assert "+41 79" not in str(stored)


def test_what_came_before_is_emptied_and_comes_back(sync, follow):
    sync()
    follow(phone_mobile=LEAVE_OUT)
    assert updates(sync()) == [("Ann Lee", {"phone_mobile": "1"}, {"phone_mobile": ""})]
    assert values("phone_mobile", "city") == ("", "Bern")
    follow()
    assert updates(sync()) == [("Ann Lee", {"phone_mobile": ""}, {"phone_mobile": "1"})]
    assert values("phone_mobile") == ("1",)


def test_kept_values_are_followed_again_once_they_shall(sync, follow, ann):
    sync()
    follow(city=KEEP, title=LEAVE_OUT)
    ann["city"] = "Oslo"
    sync()
    assert values("city", "title") == ("Bern", "")
    follow()
    sync()
    assert values("city", "title") == ("Oslo", "Clerk")


def test_a_preview_shows_what_new_rules_do(sync, follow, connection, finish):
    sync()
    follow(title=LEAVE_OUT)
    run = finish(start_preview(connection=connection, user=None).run)
    assert updates(run) == [("Ann Lee", {"title": "Clerk"}, {"title": ""})]
    assert run.counts["FIELD.title"] == 1
    assert values("title") == ("Clerk",)


def test_nothing_is_compared_anew_while_the_rules_stay(sync, follow):
    follow(title=LEAVE_OUT, city=KEEP)
    sync()
    assert sync().counts["UNCHANGED.PERSON"] == 3


def test_a_run_obeys_the_rules_of_the_moment_it_was_asked_for(connection, follow, finish, ann):
    run = start_preview(connection=connection, user=None).run
    Connection.objects.update(field_rules={"title": LEAVE_OUT})
    finish(run)
    created = Change.objects.get(run=run, label="Ann Lee", action="CREATE")
    assert created.after["title"] == "Clerk"


def test_an_adopted_person_keeps_what_is_kept(acme, sync, follow):
    Target.objects.create(
        account=acme, email="ann@acme.example", email_key="ann@acme.example", city="Here"
    )
    follow(city=KEEP, title=LEAVE_OUT)
    sync()
    assert values("city", "title", "source") == ("Here", "", "litmos")


def test_notes_of_what_is_left_out_are_not_made(sync, follow, remote, monkeypatch):
    plain = fakes.record
    note = Note("TIMEZONE_UNKNOWN", "timezone", "Secret Time")

    def with_note(key, values):
        return replace(plain(key, values), notes=(note,))

    monkeypatch.setattr(fakes, "record", with_note)
    follow(timezone=LEAVE_OUT)
    run = sync()
    assert not Change.objects.filter(run=run, kind="NOTE").exists()
    assert not StagedPerson.objects.exists()
