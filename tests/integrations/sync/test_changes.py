"""Nights that read only what changed: few calls, the same result, and everything else instead when in
doubt."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.contract.errors import Credentials, Fatal, Missing, Retryable
from integrations.models import (
    Change,
    Connection,
    Mirror,
    StagedMember,
    StagedMove,
    StagedPerson,
    StagedTeam,
    SyncRun,
)
from targets.models import Target
from tests.integrations.sync.states import log, memberships, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def remote(remote):
    """So many people that reading everybody takes more calls than reading changes."""
    remote.page_size, remote.lists_changes = 2, True
    for number in range(4, 24):
        remote.person(f"P{number}", f"p{number}@acme.example", "T1", name=f"P {number}")
    return remote


@pytest.fixture
def night(sync, remote):
    """A night, after so many comparisons that agreed."""

    def night(agreed=3) -> SyncRun:
        Mirror.objects.update(agreed=agreed)
        return sync("AUTO")

    return night


def mirror() -> Mirror:
    return Mirror.objects.get()


def reading(run) -> tuple:
    return run.status, run.reading["way"], run.reading.get("why", "")


def notes(run) -> list[tuple[str, dict]]:
    rows = Change.objects.filter(run=run, kind="NOTE").order_by("reason")
    return list(rows.values_list("reason", "reason_args"))


def test_a_quiet_night_takes_a_handful_of_calls(sync, night, settings):
    settings.CHANGES_OVERLAP_HOURS = 0
    everybody = sync()
    run = night()
    assert reading(run) == ("SYNCED", "CHANGES", "")
    # The teams and the courses, a page of each list of changes, and the number of people.
    assert (everybody.calls, run.calls) == (40, 2 + 1 + 2 + 1)
    assert log(run) == []


def test_everything_that_may_change_in_a_night_arrives(sync, night, remote):
    remote.person("X1", "back@acme.example", "T2", name="Was Off")
    remote.people["X1"]["is_active"] = False
    sync()
    remote.person("N1", "new@acme.example", "T1", name="New One", language="fr")
    remote.people["P1"]["name"] = "Ann Lee-Moss"
    remote.people["P4"]["is_active"] = False
    remote.people["X1"]["is_active"] = True
    remote.members["T2"] -= {"P2"}
    remote.members["T2"] |= {"P5"}
    remote.teams["T1"] = "Sales Europe"
    remote.team("T3", "Brand new")
    remote.members["T3"] = {"P1", "P6"}
    run = night()
    assert reading(run) == ("SYNCED", "CHANGES", "")
    seats = memberships()
    assert sorted(seats) == ["Brand new", "Sales Europe", "Support"]
    assert seats["Brand new"] == {"ann@acme.example": True, "p6@acme.example": True}
    assert seats["Support"] == {
        "back@acme.example": True,
        "bo@acme.example": False,
        "cy@acme.example": True,
        "p5@acme.example": True,
    }
    assert seats["Sales Europe"]["p4@acme.example"] is False
    assert seats["Sales Europe"]["new@acme.example"] is True
    assert people()["ann@acme.example"] == "Ann Lee-Moss"
    assert Target.objects.get(email="new@acme.example").language == "fr"
    assert log(sync()) == []


def test_a_team_that_is_gone_takes_its_members_along(sync, night, remote):
    sync()
    del remote.teams["T2"]
    run = night()
    assert reading(run)[1] == "CHANGES"
    assert set(memberships()["Support"].values()) == {False}
    assert not StagedMember.objects.filter(team_id="T2").exists()


def test_what_is_kept_between_nights_is_the_mirror_alone(sync, night, remote):
    first = sync()
    remote.people["P1"]["city"] = "Oslo"
    second = night()
    kept = {
        model.__name__: set(model.objects.values_list("run_id", flat=True))
        for model in (StagedTeam, StagedPerson, StagedMember, StagedMove)
    }
    assert kept == {
        "StagedTeam": {first.pk},
        "StagedPerson": {first.pk},
        "StagedMember": {first.pk},
        "StagedMove": set(),
    }
    assert (mirror().run_id, mirror().read_at > first.finished_at) == (first.pk, True)
    third = sync()
    assert set(StagedPerson.objects.values_list("run_id", flat=True)) == {third.pk}
    assert (mirror().run_id, second.status) == (third.pk, "SYNCED")


def test_the_language_that_the_list_leaves_out_is_asked_for_or_kept(sync, night, remote, settings):
    settings.CHANGES_OVERLAP_HOURS = 0
    sync()
    remote.people["P1"].update(language="de", city="Bonn")
    night()
    assert Target.objects.get(email="ann@acme.example").language == "de"
    for number in range(4, 24):
        remote.people[f"P{number}"].update(language="nl", city="Gent")
    run = night()
    assert reading(run)[1] == "CHANGES"
    assert list(Target.objects.filter(city="Gent").values_list("language", flat=True)) == [""] * 20
    sync()
    assert Target.objects.filter(language="nl").count() == 20


def test_it_is_compared_until_it_has_agreed_three_times(sync, remote):
    sync()
    ways = []
    for number in range(5):
        remote.people["P1"]["city"] = f"City {number}"
        run = sync("AUTO")
        ways.append((*reading(run), run.reading.get("shadow", {}).get("people"), mirror().agreed))
    assert ways == [
        ("SYNCED", "ALL", "UNPROVEN", 0, 1),
        ("SYNCED", "ALL", "UNPROVEN", 0, 2),
        ("SYNCED", "ALL", "UNPROVEN", 0, 3),
        ("SYNCED", "CHANGES", "", None, 3),
        ("SYNCED", "CHANGES", "", None, 3),
    ]


def test_a_comparison_of_nothing_proves_nothing(sync, remote, settings):
    settings.CHANGES_OVERLAP_HOURS = 0
    sync()
    run = sync("AUTO")
    assert run.reading["shadow"] == {"people": 0, "members": 0, "changed": 0}
    assert mirror().agreed == 0


def test_a_list_that_leaves_changes_out_is_found_out(sync, night, remote):
    sync()
    remote.people["P1"]["name"] = "Ann Lee-Moss"
    remote.members["T2"] -= {"P2"}
    remote.listed = lambda rows: []
    run = night(agreed=2)
    assert run.reading["shadow"] == {"people": 1, "members": 1, "changed": 0}
    assert notes(run) == [
        ("CHANGES_DIFFER", {"value": "", "people": 1, "members": 1, "changed": 0})
    ]
    assert (mirror().agreed, people()["ann@acme.example"]) == (0, "Ann Lee-Moss")


def test_what_changes_during_the_comparison_is_no_difference(sync, night, remote):
    sync()
    remote.people["P1"]["city"] = "Oslo"
    Mirror.objects.update(agreed=2)
    reads = remote.listed

    def move(rows):
        """As the last page of changes is answered, somebody is renamed and somebody leaves."""
        remote.people["P7"]["name"] = "Renamed"
        remote.members["T1"] -= {"P8"}
        return reads(rows)

    remote.listed = move
    run = sync("AUTO")
    assert (run.reading["shadow"]["people"], run.reading["shadow"]["members"]) == (0, 0)


def doubled_and_reversed(rows):
    """Every row twice, the newest first, and older states of each after it."""
    old = timedelta(hours=1)
    older = [
        (row[0], row[1] - old)
        if isinstance(row, tuple)
        else type(row)(row.team_id, row.person_id, not row.is_member, row.changed_at - old)
        for row in rows
    ]
    return [*reversed(rows), *older, *rows]


def test_rows_may_repeat_and_come_in_any_order(sync, night, remote):
    sync()
    remote.members["T2"] -= {"P2"}
    remote.members["T2"] |= {"P5"}
    remote.people["P1"]["name"] = "Ann Lee-Moss"
    remote.listed = doubled_and_reversed
    run = night()
    assert reading(run)[1] == "CHANGES"
    assert memberships()["Support"] == {
        "bo@acme.example": False,
        "cy@acme.example": True,
        "p5@acme.example": True,
    }
    assert people()["ann@acme.example"] == "Ann Lee-Moss"
    remote.listed = list
    assert log(sync()) == []


def test_a_clock_that_is_wrong_by_minutes_hides_nothing(sync, night, remote):
    sync()
    remote.people["P1"]["name"] = "Ann Lee-Moss"
    remote.look()
    remote.changed["P1"] -= timedelta(minutes=10)
    run = night()
    assert (reading(run)[1], people()["ann@acme.example"]) == ("CHANGES", "Ann Lee-Moss")


def delete_one(remote):
    del remote.people["P9"]


def nothing(remote):
    pass


def fails(*errors):
    def prepare(remote):
        remote.faults = [None, None, *errors]

    return prepare


def nameless(remote):
    def listed(rows):
        raise Fatal("unreadable")

    remote.listed = listed


REFUSALS = [
    (delete_one, "COUNT"),
    (fails(Missing("no_changes")), "no_changes"),
    (fails(Credentials("not_permitted")), "not_permitted"),
    (fails(Fatal("unexpected", "HTTP 406")), "unexpected"),
    (fails(*[Retryable("bad_format")] * 2), "bad_format"),
    (fails(*[Retryable("litmos_unavailable")] * 2), "litmos_unavailable"),
    (nameless, "unreadable"),
]


@pytest.mark.parametrize(("prepare", "why"), REFUSALS)
def test_whatever_does_not_fit_leads_to_reading_everything(sync, night, remote, prepare, why):
    sync()
    remote.people["P1"]["name"] = "Ann Lee-Moss"
    prepare(remote)
    run = night()
    assert (run.reading["way"], run.reading["why"]) == ("ALL", why)
    assert ("CHANGES_REFUSED", {"value": "", "why": why}) in notes(run)
    assert people()["ann@acme.example"] == "Ann Lee-Moss"
    assert memberships()["Sales"].get("p9@acme.example") is (why != "COUNT")
    assert mirror().run_id == run.pk
    remote.listed = list
    assert log(sync()) == []


def test_a_throttle_is_not_the_fault_of_the_list(sync, night, remote):
    sync()
    fails(*[Retryable("throttled", delay_seconds=60)] * 3)(remote)
    assert reading(night()) == ("SYNCED", "CHANGES", "")


def test_a_key_that_is_refused_ends_the_night(sync, night, remote):
    sync()
    fails(Credentials("key_refused"))(remote)
    run = night()
    assert (run.status, run.error_code) == ("FAILED", "key_refused")
    assert mirror().run_id != run.pk


def test_silence_makes_nobody_inactive(sync, night, remote):
    """Neither a list of changes that is empty nor one that was never asked for."""
    sync()
    before = memberships()
    remote.listed = lambda rows: []
    remote.members["T1"].clear()
    assert reading(night()) == ("SYNCED", "CHANGES", "")
    assert memberships() == before


def test_who_is_not_there_when_asked_for_is_gone(sync, night, remote):
    """A link row of somebody whom no list knows leads to a question, and 404 is an answer."""
    sync()
    remote.people["P4"]["is_active"] = False
    night()
    remote.people["P4"]["is_active"] = True
    remote.look()
    del remote.people["P4"]
    remote.person("N1", "new@acme.example", "T1")
    listed = remote.changed["P4"]
    remote.listed = lambda rows: rows
    remote.changed["P4"] = listed
    run = night()
    assert run.status in ("SYNCED", "WARNINGS")
    assert memberships()["Sales"]["p4@acme.example"] is False
    assert memberships()["Sales"]["new@acme.example"] is True


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"complete_at": timedelta(days=7)}, "WEEKLY"),
        ({"read_at": timedelta(days=6, hours=1)}, "GAP"),
        ({"read_at": timedelta(hours=-2)}, "CLOCK"),
        ({"source": "another"}, "OTHER_SITE"),
    ],
)
def test_some_nights_read_everything(sync, night, values, why):
    sync()
    now = timezone.now()
    values = {name: v if isinstance(v, str) else now - v for name, v in values.items()}
    Mirror.objects.update(**values)
    assert reading(night()) == ("SYNCED", "ALL", why)
    assert mirror().complete_at > now


def test_other_field_rules_read_everything(sync, night, connection):
    sync()
    connection.field_rules = {"city": "LEAVE_OUT"}
    connection.save()
    assert reading(night()) == ("SYNCED", "ALL", "OTHER_FIELDS")
    assert reading(night()) == ("SYNCED", "CHANGES", "")


def test_a_long_time_is_asked_for_in_weeks(sync, night, remote):
    sync()
    remote.people["P1"]["name"] = "Ann Lee-Moss"
    Mirror.objects.update(read_at=timezone.now() - timedelta(days=5, hours=23))
    asked = []
    remote.listed = lambda rows: asked.append(len(rows)) or rows
    assert reading(night()) == ("SYNCED", "CHANGES", "")
    assert people()["ann@acme.example"] == "Ann Lee-Moss"


def test_turned_off_it_keeps_nothing(sync, settings):
    settings.CHANGES = "off"
    sync()
    assert reading(sync("AUTO")) == ("SYNCED", "ALL", "OFF")
    assert (Mirror.objects.count(), StagedPerson.objects.count()) == (0, 0)


def test_by_hand_everything_is_read(sync, night):
    sync()
    night()
    assert reading(sync()) == ("SYNCED", "ALL", "")


def test_another_key_forgets_how_often_it_agreed(sync, night):
    sync()
    Mirror.objects.update(agreed=3)
    Connection.objects.update(api_key_fingerprint="another key")
    run = sync("AUTO")
    assert (reading(run)[2], mirror().agreed) == ("OTHER_SITE", 0)
