"""A few teams of a large company: their people are read one by one, and it comes to the same."""

import random

import pytest
from django.db import transaction

from groups.models import Group
from integrations.models import ChosenTeam, Connection, SyncRun
from tests.integrations.sync.states import log, memberships, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(remote, connection):
    """Twelve pages of people, of whom three are in teams; T1 alone is chosen."""
    remote.page_size = 2
    for number in range(4, 24):
        remote.person(f"P{number}", f"p{number}@acme.example", name=f"P {number}")
    Connection.objects.update(sync_all_groups=False)
    connection.refresh_from_db()
    ChosenTeam.objects.create(
        account=connection.account, connection=connection, integration_id="T1", name="Sales"
    )
    return remote


def way(run) -> tuple[str, str, int]:
    return run.status, run.reading["way"], run.calls


def test_chosen_teams_are_read_person_by_person(company, sync):
    run = sync()
    # Teams twice, members, the number of people, two people, courses.
    assert way(run) == ("SYNCED", "SINGLES", 2 + 2 + 1 + 2 + 1)
    assert run.reading["ways"] == {"ALL": 5 + 12 + 1, "SINGLES": 5 + 2 + 1}
    assert memberships() == {"Sales": {"ann@acme.example": True, "bo@acme.example": True}}
    assert log(sync()) == []


def test_many_members_are_read_from_the_list(company, sync):
    company.members["T1"] = set(company.people)
    run = sync()
    assert (run.status, run.reading["way"]) == ("SYNCED", "ALL")
    assert len(people()) == 23


def test_who_left_is_told_from_who_is_gone(company, sync):
    company.members["T1"] |= {"P4", "P5"}
    sync()
    company.members["T1"] -= {"P1", "P5"}
    del company.people["P4"]
    company.people["P5"]["is_active"] = False
    run = sync()
    assert run.reading["way"] == "SINGLES"
    assert memberships()["Sales"] == {
        "ann@acme.example": False,
        "bo@acme.example": True,
        "p4@acme.example": False,
        "p5@acme.example": False,
    }
    reasons = {row[2]: row[3] for row in log(run)}
    assert reasons == {"Ann Lee": "NO_TEAM", "P 4": "GONE", "P 5": "INACTIVE_REMOTE"}


def test_an_address_is_not_taken_from_somebody_who_was_not_asked_for(company, sync):
    """Whoever has it is read as well, though they are in no chosen team."""
    sync()
    company.members["T1"] -= {"P2"}
    sync()
    company.person("N1", "bo@acme.example", "T1", name="Another Bo")
    run = sync()
    assert run.reading["way"] == "SINGLES"
    assert [(row[2], row[3]) for row in log(run) if row[3]] == [("Another Bo", "EMAIL_TAKEN")]


def test_one_group_alone(company, sync, remote):
    sync()
    group = Group.objects.get(name="Sales")
    remote.people["P1"]["name"] = "Ann Lee-Moss"
    remote.people["P2"]["name"] = "Bo Ek-Lund"
    run = sync(trigger="ONE", group=group)
    assert way(run)[:2] == ("SYNCED", "SINGLES")
    assert people() == {"ann@acme.example": "Ann Lee-Moss", "bo@acme.example": "Bo Ek-Lund"}


def changed_at_random(remote, chance: random.Random) -> None:
    for _ in range(4):
        key = chance.choice(sorted(remote.people))
        change = chance.randrange(5)
        if change == 0:
            remote.members["T1"] ^= {key}
        elif change == 1:
            remote.people[key]["is_active"] = not remote.people[key]["is_active"]
        elif change == 2:
            remote.people[key]["email"] = f"p{chance.randrange(30)}@acme.example"
        elif change == 3 and len(remote.people) > 15:
            del remote.people[key]
        else:
            remote.people[key]["name"] = f"Renamed {chance.randrange(1000)}"


@pytest.mark.parametrize("seed", range(5))
def test_it_comes_to_the_same_as_the_whole_list(company, sync, seed):
    """Each round is done twice from the same state: by the whole list, taken back, and one by one."""
    chance = random.Random(seed)
    sync()
    for _ in range(6):
        changed_at_random(company, chance)
        states = []
        for page_size in (1000, 1):
            company.page_size = page_size
            with transaction.atomic():
                run = sync()
                assert page_size > 1 or run.reading["way"] == "SINGLES"
                states.append((memberships(), people(), outcome(run)))
                transaction.set_rollback(page_size > 1)
        assert states[0] == states[1]


def outcome(run: SyncRun) -> tuple:
    """Without the rows about people whom nobody asked for."""
    return run.status, [row for row in log(run) if row[1] != "SKIP" or row[3] == "EMAIL_TAKEN"]
