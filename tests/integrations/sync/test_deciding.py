"""Held changes: approved in part, kept in part, once, for the plan that was looked at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from groups.models import Group
from integrations.contract.errors import Fatal
from integrations.models import Change, Decision, TargetLink
from integrations.services import (
    DecisionRefused,
    Held,
    decide,
    open_run,
    start_preview,
)
from targets.models import GroupMembership, Target
from tests.integrations.sync.states import log, memberships

pytestmark = pytest.mark.django_db


def choose(run, *labels):
    rows = Change.objects.filter(run=run)
    return rows.filter(label__in=labels) if labels else rows


def outcomes(run) -> dict[str, int]:
    run.refresh_from_db()
    return {key: n for key, n in run.counts.items() if key.startswith("PERSON.DEACTIVATE")}


def approve(run, rows, **options) -> Decision:
    return decide(
        run=run, user=None, rows=rows, plan_hash=run.plan_hash, is_approval=True, **options
    )


def keep(run, rows, **options) -> Decision:
    return decide(
        run=run, user=None, rows=rows, plan_hash=run.plan_hash, is_approval=False, **options
    )


def active() -> set[str]:
    on = GroupMembership.objects.filter(is_active=True)
    return set(on.values_list("target__name", flat=True))


def test_nobody_is_inactive_and_the_rest_is_in(held):
    assert held.status == "HELD"
    assert len(active()) == 42
    assert Target.objects.get(name="Ann Lee").city == "Oslo"


def test_some_are_approved_and_the_rest_is_kept(held, sync, alice, remote):
    three = choose(held, "X 00", "X 01", "X 02")
    decide(
        run=held,
        user=alice,
        rows=three,
        plan_hash=held.plan_hash,
        is_approval=True,
        reason="They left in May.",
    )

    assert outcomes(held) == {"PERSON.DEACTIVATE.APPLIED": 3, "PERSON.DEACTIVATE.HELD": 33}
    assert held.status == "HELD"
    assert len(active()) == 39
    assert not {"X 00", "X 01", "X 02"} & active()
    gone = TargetLink.objects.exclude(gone_at=None).count()
    assert (gone, Target.objects.exclude(left_source_at=None).count()) == (3, 3)

    keep(held, choose(held), reason="Contractors.")

    assert outcomes(held) == {"PERSON.DEACTIVATE.APPLIED": 3, "PERSON.DEACTIVATE.KEPT": 33}
    assert held.status == "SYNCED"
    events = (
        AuditEvent.objects.filter(kind__startswith="CHANGES")
        .order_by("pk")
        .values_list("kind", "actor", "reason", "after")
    )
    assert [(*event[:3], event[3]["changes"]) for event in events] == [
        ("CHANGES_APPROVED", f"Alice <{alice.email}>", "They left in May.", 3),
        ("CHANGES_KEPT", "the operator, at the command line", "Contractors.", 33),
    ]
    assert len(active()) == 39


def test_kept_people_stay_in_the_next_syncs_also_when_they_are_few(held, sync, remote):
    approve(held, choose(held).exclude(label__in=["X 34", "X 35"]))
    keep(held, choose(held))
    before = memberships()

    run = sync()

    assert (run.status, [row for row in log(run) if row[4] == "APPLIED"]) == ("SYNCED", [])
    assert memberships() == before
    assert "X 35" in active()


def test_kept_person_who_comes_back_is_an_ordinary_one_again(held, sync, remote):
    keep(held, choose(held))
    remote.people["X00"]["is_active"] = True

    sync()

    back = GroupMembership.objects.get(target__name="X 00")
    assert (back.is_active, back.is_kept) == (True, False)
    assert Target.objects.get(name="X 00").left_source_at is None
    remote.people["X00"]["is_active"] = False
    sync()
    assert "X 00" not in active()


def test_kept_membership_stays_until_the_team_has_the_person_again(sync, remote):
    for number in range(20):
        remote.person(f"X{number}", f"x{number}@acme.example", "T1 T2", name=f"X {number}")
    sync()
    remote.members["T1"] -= {f"X{number}" for number in range(20)}
    run = sync()
    assert run.status == "HELD"

    keep(run, choose(run))

    assert [row for row in log(sync()) if row[0] == "MEMBERSHIP"] == []
    assert sum(memberships()["Sales"].values()) == 22


def test_next_hold_is_a_new_one_once_all_is_decided(held, connection):
    connection.hold_mailed = "a" * 64
    connection.save()
    keep(held, choose(held, "X 00"))
    connection.refresh_from_db()
    assert connection.hold_mailed
    keep(held, choose(held))
    connection.refresh_from_db()
    assert connection.hold_mailed == ""


def test_approved_changes_can_be_undone(held, finish):
    from integrations.services import apply_preview, start_undo

    approve(held, choose(held, "X 00", "X 01", "X 02"))
    keep(held, choose(held))
    preview = finish(start_undo(run=held, user=None).run)

    undone = finish(apply_preview(preview=preview, user=None).run)

    assert undone.status == "UNDONE"
    assert {"X 00", "X 01", "X 02"} <= active()
    assert "New" not in active()
    assert not TargetLink.objects.exclude(gone_at=None).filter(target__name="X 00").exists()


def test_everything_held_can_be_approved_from_the_log_alone(sync, remote, connection):
    """Another organisation's people, if that is what somebody really wants."""
    for number in range(15):
        remote.person(f"X{number}", f"x{number}@acme.example", "T1", name=f"X {number}")
    sync()
    remote.people.clear()
    remote.courses.clear()
    remote.teams.clear()
    remote.members.clear()
    remote.team("T9", "Others")
    for number in range(30):
        remote.person(f"Z{number}", f"z{number}@b.example", "T9", name=f"Z {number}", city="Bonn")
    remote.course("C9", "Other course", code="OC")
    run = sync()
    assert (run.status, run.hold_reason) == ("HELD", "half_unknown")
    assert "Others" not in memberships()

    approve(run, choose(run))

    run.refresh_from_db()
    assert run.status == "SYNCED"
    assert len(active()) == 30
    assert set(memberships()["Others"].values()) == {True}
    assert set(Target.objects.filter(name__startswith="Z").values_list("city", flat=True)) == {
        "Bonn"
    }
    assert Group.objects.get(name="Others").source == "litmos"
    quiet = sync()
    assert (quiet.status, quiet.counts) == (
        "SYNCED",
        {"UNCHANGED.COURSE": 1, "UNCHANGED.PERSON": 30},
    )


def refusal(run, rows, plan_hash=None) -> str:
    before = memberships()
    with pytest.raises(DecisionRefused) as refused:
        decide(
            run=run,
            user=None,
            rows=rows,
            plan_hash=plan_hash or run.plan_hash,
            is_approval=True,
        )
    assert memberships() == before
    assert not Decision.objects.exists()
    return refused.value.code


def test_decision_is_bound_to_the_plan_that_was_looked_at(held):
    assert refusal(held, choose(held), plan_hash="0" * 64) == "OTHER_PLAN"


def test_newer_plan_replaces_the_hold(held, sync):
    newer = sync()

    assert refusal(held, choose(held)) == "REPLACED"
    assert Held.of(newer).refusal == ""


def test_previews_and_failures_do_not_replace_the_hold(held, connection, finish, sync, remote):
    finish(start_preview(connection=connection, user=None).run)
    remote.faults = [Fatal("too_large")]
    assert sync().status == "FAILED"

    assert approve(held, choose(held)).number == 36


def test_hold_ends_after_seven_days(held):
    held.finished_at = timezone.now() - timedelta(days=7, minutes=1)
    held.save()

    assert refusal(held, choose(held)) == "TOO_OLD"


def test_no_decision_while_a_run_is_open(held, connection):
    open_run(connection=connection, trigger="MANUAL")

    assert refusal(held, choose(held)) == "RUN_OPEN"


def test_only_held_rows_of_this_run_can_be_decided(held):
    assert refusal(held, choose(held, "New", "Ann Lee")) == "NOTHING_CHOSEN"
    other = Change.objects.filter(run__lt=held.pk)
    assert refusal(held, other) == "NOTHING_CHOSEN"


def test_decision_is_made_once(held):
    approve(held, choose(held))

    with pytest.raises(DecisionRefused, match="NOT_HELD"):
        approve(held, choose(held))


def test_ten_thousand_take_as_many_statements_as_a_thousand_per_batch(
    held, django_assert_max_num_queries
):
    with django_assert_max_num_queries(60):
        approve(held, choose(held))
