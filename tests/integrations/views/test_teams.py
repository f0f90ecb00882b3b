"""250 teams are listed, 251 are searched; with and without a script."""

import pytest

from integrations.contract.records import TeamRecord
from integrations.models import ChosenTeam
from tests.integrations.views.conftest import HTMX, STORE, text
from tests.integrations.views.test_setup import SETUP, send
from tests.logging_in import confirm

TEAMS = f"{SETUP}teams/"
pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def many(site, passed):
    site.has_teams(251)
    return passed()


def look(client, probe, query, *chosen):
    typed = {"probe": probe.pk, "team_search": query, "teams": chosen}
    return client.post(TEAMS, typed, headers=HTMX)


def boxes(answer):
    """(value, is ticked) of the teams' boxes."""
    found = answer.content.decode().split('type="checkbox" name="teams" value="')[1:]
    return [(part.split('"')[0], part.split(">")[0].endswith(" checked")) for part in found]


def test_who_may_search(client, as_bob, as_charlie, many):
    assert look(as_bob, many, "Team").status_code == 403
    assert "HX-Redirect" in look(client, many, "Team").headers
    assert boxes(look(as_charlie, many, "Team")) == []


def test_a_test_of_another_provider_has_no_teams_for_this_one(as_alice, many):
    many.provider = "other"
    many.save()
    assert boxes(look(as_alice, many, "Team")) == []


@pytest.mark.parametrize(("number", "is_search"), [(250, False), (251, True)])
def test_251_teams_are_searched(as_alice, site, passed, number, is_search):
    site.has_teams(number)
    page = send(as_alice, "search", probe=passed().pk)
    assert ('id="team-search"' in page.content.decode()) == is_search
    assert len(boxes(page)) == (0 if is_search else 250)


def test_a_search_finds_at_most_50_and_says_how_many_more(as_alice, many):
    found = look(as_alice, many, "team 0")
    assert len(boxes(found)) == 50
    assert "50 found, 201 more: type on to narrow down" in text(found)


def test_one_character_is_too_short(as_alice, many):
    assert "Type at least 2 characters." in text(look(as_alice, many, "T"))
    assert boxes(look(as_alice, many, "T")) == []


def test_nothing_found_is_said(as_alice, many):
    assert "No other group has this in its name." in text(look(as_alice, many, "zebra"))


def test_names_that_begin_with_it_come_first(as_alice, site, passed):
    site.has_teams(251)
    site.teams += [TeamRecord("x", "A berlin"), TeamRecord("y", "Berlin B")]
    assert boxes(look(as_alice, passed(), "BERLIN")) == [("y", False), ("x", False)]


def test_chosen_ones_stay_across_searches(as_alice, many):
    found = look(as_alice, many, "team 0007", "t250", "t7")
    assert boxes(found) == [("t250", True), ("t7", True)]
    found = look(as_alice, many, "team 0009", "t250", "t7")
    assert boxes(found) == [("t250", True), ("t7", True), ("t9", False)]


def test_unknown_ids_are_not_echoed(as_alice, many):
    assert boxes(look(as_alice, many, "", "<script>", "t1")) == [("t1", True)]


def test_the_search_works_without_a_script(as_alice, many):
    page = send(
        as_alice, "search", probe=many.pk, team_search="0042", teams=["t1"], sync_all_groups="no"
    )
    assert boxes(page) == [("t1", True), ("t42", False)]
    assert 'value="0042"' in page.content.decode()
    page = send(as_alice, "enter", probe=many.pk, team_search="0043", teams=["t1", "t42"])
    assert boxes(page) == [("t1", True), ("t42", True), ("t43", False)]


def test_enter_means_test_when_nothing_is_searched_for(as_alice, many, site):
    send(as_alice, "enter", probe=many.pk)
    assert len(site.asked) == 1


def test_what_was_searched_for_and_ticked_is_saved(as_alice, many):
    answer = send(
        confirm(as_alice),
        "save",
        probe=many.pk,
        team_search="0042",
        teams=["t1", "t42"],
        sync_all_groups="no",
    )
    assert (answer.status_code, answer["Location"]) == (302, STORE)
    assert set(ChosenTeam.objects.values_list("integration_id", flat=True)) == {"t1", "t42"}
