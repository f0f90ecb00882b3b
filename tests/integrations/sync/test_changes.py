"""Nights that read only what changed: few calls and the same result, once that is proven."""

from datetime import timedelta

import pytest

from integrations.models import Mirror, StagedMember, StagedMove, StagedPerson, StagedTeam
from targets.models import Target
from tests.integrations.sync.nights import mirror, notes, reading
from tests.integrations.sync.states import log, memberships, people

pytestmark = pytest.mark.django_db


def test_a_quiet_night_takes_a_handful_of_calls(sync, night, settings):
    settings.CHANGES_OVERLAP_HOURS = 0
    everybody = sync()
    run = night()
    assert reading(run) == ("SYNCED", "CHANGES", "")
    # The teams and the courses, a page of each list of changes, and the number of people.
    assert (everybody.calls, run.calls) == (40, 2 + 1 + 2 + 1)
    assert log(run) == []


def test_everything_that_may_change_in_a_night_arrives(sync, night, crowd):
    crowd.person("X1", "back@acme.example", "T2", name="Was Off")
    crowd.people["X1"]["is_active"] = False
    sync()
    crowd.person("N1", "new@acme.example", "T1", name="New One", language="fr")
    crowd.people["P1"]["name"] = "Ann Lee-Moss"
    crowd.people["P4"]["is_active"] = False
    crowd.people["X1"]["is_active"] = True
    crowd.members["T2"] -= {"P2"}
    crowd.members["T2"] |= {"P5"}
    crowd.teams["T1"] = "Sales Europe"
    crowd.team("T3", "Brand new")
    crowd.members["T3"] = {"P1", "P6"}
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


def test_a_team_that_is_gone_takes_its_members_along(sync, night, crowd):
    sync()
    del crowd.teams["T2"]
    run = night()
    assert reading(run)[1] == "CHANGES"
    assert set(memberships()["Support"].values()) == {False}
    assert not StagedMember.objects.filter(team_id="T2").exists()


def test_what_is_kept_between_nights_is_the_mirror_alone(sync, night, crowd):
    first = sync()
    crowd.people["P1"]["city"] = "Oslo"
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


def test_the_language_that_the_list_leaves_out_is_asked_for_or_kept(sync, night, crowd, settings):
    settings.CHANGES_OVERLAP_HOURS = 0
    for number in range(4, 24):
        crowd.people[f"P{number}"]["language"] = "sv"
    sync()
    crowd.people["P1"].update(language="de", city="Bonn")
    night()
    assert Target.objects.get(email="ann@acme.example").language == "de"
    for number in range(4, 24):
        crowd.people[f"P{number}"].update(language="nl", city="Gent")
    run = night()
    assert reading(run)[1] == "CHANGES"
    assert (
        list(Target.objects.filter(city="Gent").values_list("language", flat=True)) == ["sv"] * 20
    )
    sync()
    assert Target.objects.filter(language="nl").count() == 20


def test_it_is_compared_until_it_has_agreed_three_times(sync, crowd):
    sync()
    ways = []
    for number in range(5):
        crowd.people["P1"]["city"] = f"City {number}"
        run = sync("AUTO")
        ways.append((*reading(run), run.reading.get("shadow", {}).get("people"), mirror().agreed))
    assert ways == [
        ("SYNCED", "ALL", "UNPROVEN", 0, 1),
        ("SYNCED", "ALL", "UNPROVEN", 0, 2),
        ("SYNCED", "ALL", "UNPROVEN", 0, 3),
        ("SYNCED", "CHANGES", "", None, 3),
        ("SYNCED", "CHANGES", "", None, 3),
    ]


def test_a_comparison_of_nothing_proves_nothing(sync, crowd, settings):
    settings.CHANGES_OVERLAP_HOURS = 0
    sync()
    run = sync("AUTO")
    assert run.reading["shadow"] == {"people": 0, "members": 0, "changed": 0}
    assert mirror().agreed == 0


def test_a_list_that_leaves_changes_out_is_found_out(sync, night, crowd):
    sync()
    crowd.people["P1"]["name"] = "Ann Lee-Moss"
    crowd.members["T2"] -= {"P2"}
    crowd.listed = lambda rows: []
    run = night(agreed=2)
    assert run.reading["shadow"] == {"people": 1, "members": 1, "changed": 0}
    assert notes(run) == [
        ("CHANGES_DIFFER", {"value": "", "people": 1, "members": 1, "changed": 0})
    ]
    assert (mirror().agreed, people()["ann@acme.example"]) == (0, "Ann Lee-Moss")


def test_what_changes_during_the_comparison_is_no_difference(sync, night, crowd):
    sync()
    crowd.people["P1"]["city"] = "Oslo"
    Mirror.objects.update(agreed=2)
    reads = crowd.listed

    def move(rows):
        """As the last page of changes is answered, somebody is renamed and somebody leaves."""
        crowd.people["P7"]["name"] = "Renamed"
        crowd.members["T1"] -= {"P8"}
        return reads(rows)

    crowd.listed = move
    run = sync("AUTO")
    assert (run.reading["shadow"]["people"], run.reading["shadow"]["members"]) == (0, 0)


def doubled_and_reversed(rows):
    """Every row twice, and older states of each after them."""
    old = timedelta(hours=1)
    older = [
        (row[0], row[1] - old)
        if isinstance(row, tuple)
        else type(row)(row.team_id, row.person_id, not row.is_member, row.changed_at - old)
        for row in rows
    ]
    return [*reversed(rows), *rows, *older]


def test_rows_may_repeat_and_come_in_any_order(sync, night, crowd):
    sync()
    crowd.members["T2"] -= {"P2"}
    crowd.members["T2"] |= {"P5"}
    crowd.people["P1"]["name"] = "Ann Lee-Moss"
    crowd.listed = doubled_and_reversed
    run = night()
    assert reading(run)[1] == "CHANGES"
    assert memberships()["Support"] == {
        "bo@acme.example": False,
        "cy@acme.example": True,
        "p5@acme.example": True,
    }
    assert people()["ann@acme.example"] == "Ann Lee-Moss"
    crowd.listed = list
    assert log(sync()) == []


def test_a_clock_that_is_wrong_by_minutes_hides_nothing(sync, night, crowd):
    sync()
    crowd.people["P1"]["name"] = "Ann Lee-Moss"
    crowd.look()
    crowd.changed["P1"] -= timedelta(minutes=10)
    run = night()
    assert (reading(run)[1], people()["ann@acme.example"]) == ("CHANGES", "Ann Lee-Moss")


def test_whoever_is_made_inactive_is_in_no_team_of_the_mirror(sync, night, crowd):
    """As no team lists them, which a comparison would find out."""
    sync()
    crowd.people["P7"]["is_active"] = False
    run = night(agreed=2)
    assert (run.reading["shadow"]["members"], mirror().agreed) == (0, 3)


def test_who_comes_back_is_in_their_teams_again(sync, night, crowd, settings):
    """No list tells of memberships that never changed, so they are asked for."""
    settings.CHANGES_OVERLAP_HOURS = 0
    sync()
    crowd.people["P7"]["is_active"] = False
    night()
    assert memberships()["Sales"]["p7@acme.example"] is False
    crowd.people["P7"]["is_active"] = True
    assert reading(night())[1] == "CHANGES"
    assert memberships()["Sales"]["p7@acme.example"] is True


def test_somebody_who_comes_meanwhile_is_looked_for_once_more(sync, night, crowd):
    sync()

    def listed(rows):
        """Hired after the people were listed, and before they are counted."""
        if rows and not isinstance(rows[0], tuple):
            crowd.listed = list
            crowd.person("N1", "new@acme.example", "T1")
        return rows

    crowd.listed = listed
    assert reading(night())[1] == "CHANGES"
    assert memberships()["Sales"]["new@acme.example"] is True
