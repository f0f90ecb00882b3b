"""What SQL leaves out of the plan is what the planner has nothing to say of."""

import random

import pytest

from groups.models import Group
from integrations.models import StagedPerson
from integrations.services import open_run
from integrations.sync import engine, journal, known
from integrations.sync.planner import plan_person
from targets.models import GroupMembership, SetBy, Target

pytestmark = pytest.mark.django_db

NAMES = ("Sales", "Support", "Third", "Fourth")


def at_random(remote, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 6)):
        key = chance.choice(sorted(remote.people))
        team = chance.choice(sorted(remote.teams))
        change = chance.randrange(9)
        if change < 3:
            remote.members[team] ^= {key}
        elif change == 3:
            remote.people[key]["is_active"] = not remote.people[key]["is_active"]
        elif change == 4:
            remote.people[key]["email"] = f"p{chance.randrange(14)}@acme.example"
        elif change == 5:
            remote.people[key]["name"] = f"Name {chance.randrange(100)}"
        elif change == 6:
            switch_a_seat(chance)
        elif change == 7:
            rename_a_target(chance)
        else:
            remote.unreadable ^= {key}


def switch_a_seat(chance: random.Random) -> None:
    rows = list(GroupMembership.objects.order_by("pk"))
    if rows:
        row = chance.choice(rows)
        values = {"is_active": chance.random() < 0.5, "is_kept": chance.random() < 0.3}
        GroupMembership.objects.filter(pk=row.pk).update(
            set_by=chance.choice(SetBy.values), **values
        )


def rename_a_target(chance: random.Random) -> None:
    rows = list(Target.objects.order_by("pk"))
    email = f"own{chance.randrange(10**6)}@acme.example"
    if rows:
        pk = chance.choice(rows).pk
        Target.objects.filter(pk=pk).update(email=email, email_key=email)


def take_to_the_plan_of_people(run, remote):
    while run.cursor.get("stage") != "PEOPLE":
        claimed = journal.claim(run.pk)
        engine.work(claimed, remote.session(), is_time_up=lambda: True)
        type(run).objects.filter(pk=run.pk).update(next_attempt_at=None)
        run.refresh_from_db()
    return run


def spoken_of(run) -> set[str]:
    """Ids of the people for whom the planner has rows, when it is asked about everybody."""
    teams = known.teams_of(run)
    staged = StagedPerson.objects.filter(run_id=run.staging_id)
    rows = list(staged.values_list(*known.STAGED))
    everybody = known.people(run, rows, teams)
    context = known.context_of(run, everybody, teams)
    return {one.integration_id for one in everybody if plan_person(one, context)}


@pytest.mark.parametrize("seed", range(10))
def test_the_planner_has_nothing_to_say_of_who_is_not_marked(connection, remote, finish, seed):
    chance = random.Random(seed)
    remote.team("T3", "Third")
    for number in range(4, 14):
        teams = " ".join(chance.sample(sorted(remote.teams), k=chance.randint(0, 2)))
        remote.person(f"P{number}", f"p{number}@acme.example", teams, name=f"P {number}")
    finish(open_run(connection=connection, trigger="MANUAL").run)
    for _ in range(6):
        at_random(remote, chance)
        run = open_run(connection=connection, trigger="MANUAL").run
        run = take_to_the_plan_of_people(run, remote)
        marked = StagedPerson.objects.filter(run=run, is_changed=True)
        marked = set(marked.values_list("integration_id", flat=True))
        assert spoken_of(run) <= marked
        finish(run)
        Group.objects.exclude(name__in=NAMES).update(locked=chance.random() < 0.2)


def test_nobody_is_marked_when_nothing_changed(connection, remote, finish):
    finish(open_run(connection=connection, trigger="MANUAL").run)
    run = take_to_the_plan_of_people(open_run(connection=connection, trigger="MANUAL").run, remote)
    assert not StagedPerson.objects.filter(run=run, is_changed=True).exists()
    assert finish(run).counts["UNCHANGED.PERSON"] == 3
