"""Held changes wait for a decision whatever runs after them, until a complete plan replaces them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups.models import Group
from integrations.contract.errors import Fatal
from integrations.models import Connection
from integrations.selectors import card_of, steps_of
from integrations.services import cancel_run, decide, open_run, start_preview
from integrations.sync.waiting import LEFT
from integrations.wording import count_lines
from portal.api.shapes import ConnectionShape
from portal.selectors import lines
from targets.models import GroupMembership

pytestmark = pytest.mark.django_db


def decided(run, *, is_approval) -> int:
    """How many rows: all that are held."""
    return decide(
        run=run,
        user=None,
        rows=run.changes.all(),
        plan_hash=run.plan_hash,
        is_approval=is_approval,
    ).number


def active() -> int:
    on = GroupMembership.objects.filter(is_active=True)
    return on.values("target").distinct().count()


def waiting(connection) -> list[int]:
    """The connection's, by its card, the dashboard and the API alike."""
    Connection.objects.update(api_key_sealed="a key")
    card = [run.pk for run in card_of("litmos").waiting]
    assert [run.pk for line in lines() for run in line.waiting] == card
    assert ConnectionShape.of(connection).held_runs == card
    return card


def test_a_sync_of_one_group_or_person_leaves_alone_what_waits(held, connection, sync, remote):
    group = Group.objects.get(name="Sales")
    remote.people["P1"]["is_active"] = False
    part = sync("ONE", group=group)
    assert active() == 41
    left = part.changes.filter(hold_reason=LEFT)
    assert set(left.values_list("kind", "action", "outcome")) == {
        ("PERSON", "DEACTIVATE", "SKIPPED")
    }
    assert left.count() == 36
    assert dict(count_lines(part.counts)) == {
        "People made inactive": 1,
        "Left as they are: people made inactive": 36,
        "Unchanged people": 3,
    }

    person = sync("PERSON", person_id="X00")
    assert active() == 41
    assert [step.what for step in steps_of(person) if not step.passed][-1] == (
        "Changes of this person wait for a decision, and are left to it."
    )

    assert waiting(connection) == [held.pk]
    assert decided(held, is_approval=False) == 36
    assert active() == 41
    assert waiting(connection) == []


def test_what_waits_outlasts_what_comes_after(held, connection, finish, sync, remote):
    remote.faults = [Fatal("too_large")]
    assert sync().status == "FAILED"
    assert waiting(connection) == [held.pk]
    cancelled = open_run(connection=connection, trigger="MANUAL").run
    cancel_run(run=cancelled, user=None)
    finish(cancelled)
    cancelled.refresh_from_db()
    assert (cancelled.status, waiting(connection)) == ("CANCELLED", [held.pk])
    sync("ONE", group=Group.objects.get(name="Support"))
    finish(start_preview(connection=connection, user=None).run)
    assert waiting(connection) == [held.pk]
    assert decided(held, is_approval=True) == 36


def test_what_waits_is_replaced_by_a_complete_plan_alone(held, connection, sync):
    Group.objects.filter(name="Support").update(auto_sync=False)
    part = sync("AUTO")
    assert (part.counts["FIGURE.partly"], waiting(connection)) == (1, [held.pk])
    assert active() == 42
    Group.objects.update(auto_sync=True)
    newer = sync("AUTO")
    assert waiting(connection) == [newer.pk]


def test_what_waits_ends_with_its_time(held, connection):
    held.finished_at = timezone.now() - timedelta(days=7, minutes=1)
    held.save()
    assert waiting(connection) == []


def test_a_group_s_own_hold_is_replaced_by_the_next_of_that_group(sync, connection, remote):
    for number in range(38):
        remote.person(f"X{number:02}", f"x{number:02}@acme.example", "T1", name=f"X {number:02}")
    sync()
    for number in range(36):
        remote.people[f"X{number:02}"]["is_active"] = False
    group = Group.objects.get(name="Sales")
    first = sync("ONE", group=group)
    assert (first.status, waiting(connection)) == ("HELD", [first.pk])
    sync("ONE", group=Group.objects.get(name="Support"))
    assert waiting(connection) == [first.pk]
    second = sync("ONE", group=group)
    assert waiting(connection) == [second.pk]
