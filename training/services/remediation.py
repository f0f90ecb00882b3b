"""All that is known of one person: what they did, and the steps of their enrolments, as one list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import models
from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from targets.models import Target
from training.models import (
    TO_ASK,
    WATCHED,
    Action,
    Campaign,
    Enrollment,
    State,
    Step,
    TimelineEntry,
)
from training.services.failures import outsiders

OPEN = (*TO_ASK, *WATCHED, State.WITHDRAWING)
Moment = tuple[datetime, bool, int]
Moments: TypeAlias = "QuerySet[Any, Moment]"


class What(models.TextChoices):
    ACTIONS = "ACTIONS", "Actions"
    STEPS = "STEPS", "Steps of enrolments"


@dataclass(frozen=True, slots=True)
class Line:
    """Either an action or a step. `is_outside`: a failure of somebody who is in no group of its campaign."""

    at: datetime
    action: Action | None = None
    is_outside: bool = False
    entry: TimelineEntry | None = None


def moments_of(target: Target, *, what: str = "", campaign: Campaign | None = None) -> Moments:
    """The newest first, as (when, whether a step, pk), to be counted and sliced before anything is read. The
    step that only repeats the action of its enrolment is left out."""
    actions = Action.objects.filter(target=target)
    steps = TimelineEntry.objects.filter(enrollment__target=target).exclude(step=Step.ACTED)
    if campaign:
        actions = actions.filter(campaign=campaign)
        steps = steps.filter(enrollment__campaign=campaign)
    acted, stepped = (
        _moments(actions, "happened_at", is_step=False),
        _moments(steps, "at", is_step=True),
    )
    if what == What.ACTIONS:
        found = acted
    elif what == What.STEPS:
        found = stepped
    else:
        found = acted.union(stepped, all=True)
    return found.order_by("-moment", "-is_step", "-id")


def _moments(rows: QuerySet[Any], field: str, *, is_step: bool) -> Moments:
    kind = Value(is_step, output_field=models.BooleanField())
    found: Moments = rows.annotate(moment=F(field), is_step=kind).values_list(
        "moment", "is_step", "id"
    )
    return found


def lines_of(moments: Iterable[Moment]) -> list[Line]:
    """Four queries, however many moments."""
    found = list(moments)
    actions = Action.objects.select_related("campaign")
    steps = TimelineEntry.objects.select_related("enrollment__course")
    acted = actions.in_bulk([pk for _, is_step, pk in found if not is_step])
    stepped = steps.in_bulk([pk for _, is_step, pk in found if is_step])
    outside = outsiders(acted.values())
    return [
        Line(at, entry=stepped[pk])
        if is_step
        else Line(at, action=acted[pk], is_outside=pk in outside)
        for at, is_step, pk in found
        if pk in (stepped if is_step else acted)
    ]


def newest_of(target: Target, number: int) -> list[Line]:
    return lines_of(moments_of(target)[:number])


def campaigns_of(target: Target) -> QuerySet[Campaign]:
    acted = Action.objects.filter(target=target).values("campaign")
    enrolled = Enrollment.objects.filter(target=target).values("campaign")
    return Campaign.objects.filter(Q(pk__in=acted) | Q(pk__in=enrolled)).order_by("name", "pk")


def enrollments_of(target: Target, number: int) -> Sequence[Enrollment]:
    """The open ones first, then the newest."""
    is_open = Case(When(state__in=OPEN, then=Value(0)), default=Value(1))
    rows = Enrollment.objects.filter(target=target).select_related("course", "campaign")
    return list(rows.order_by(is_open, "-pk")[:number])


def number_of(target: Target) -> tuple[int, int]:
    """How many enrolments there are, and how many of them are open."""
    rows = Enrollment.objects.filter(target=target)
    found = rows.aggregate(total=Count("pk"), open=Count("pk", filter=Q(state__in=OPEN)))
    return found["total"], found["open"]
