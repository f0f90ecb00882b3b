"""Rows of remediation with times of their own, as a campaign leaves them behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.factories import TargetFactory
from training.models import Action, Enrollment, Step, TimelineEntry

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def after(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def action_of(campaign, target=None, *, minutes=0, **values) -> Action:
    values.setdefault("email", target.email if target else "x@y.example")
    return Action.objects.create(
        account=campaign.account,
        campaign=campaign,
        target=target,
        kind=values.pop("kind", "CLICKED"),
        door=values.pop("door", "GOPHISH"),
        key=str(Action.objects.count()),
        happened_at=after(minutes),
        **values,
    )


def enrollment_of(action, course, **values) -> Enrollment:
    values.setdefault("state", "ASSIGNED")
    return Enrollment.objects.create(
        account=action.account,
        campaign=action.campaign,
        action=action,
        target=action.target,
        course=course,
        due_at=action.happened_at,
        **values,
    )


def steps_of(enrollment, *steps, minutes=0) -> None:
    """One a minute: a step, or (step, its values)."""
    made = []
    for number, step in enumerate(steps):
        name, values = step if isinstance(step, tuple) else (step, {})
        made.append(
            TimelineEntry(
                account=enrollment.account,
                enrollment=enrollment,
                step=Step(name),
                values=values,
                at=after(minutes + number),
            )
        )
    TimelineEntry.objects.bulk_create(made, batch_size=500)


def another_target(account, name="Bo Fox", email="bo@acme.example"):
    return TargetFactory(account=account, name=name, email=email)
