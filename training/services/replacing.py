"""Another course in the place of one that can't be assigned any more, wherever it is used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import Account
from integrations.models import Course
from training.models import (
    TO_ASK,
    WATCHED,
    Campaign,
    CampaignState,
    Enrollment,
    RepeatRule,
    State,
    Step,
)
from training.services.settling import store
from training.services.timeline import note_each

#: For these reasons an enrolment was not possible because of its course.
OF_THE_COURSE = ("course_inactive", "course_missing", "not_taken")
CANT_BE_ASSIGNED = Q(is_active=False) | Q(gone_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a course counts for people who fail from now on, and whose enrolment in it still waits or was
    not possible because of it."""

    campaigns: list[Campaign]
    rules: list[RepeatRule]
    people: int


def uses_of(course: Course) -> Uses:
    campaigns = (
        Campaign.objects.filter(courses=course)
        .exclude(state=CampaignState.ENDED)
        .order_by("name", "pk")
    )
    return Uses(
        campaigns=list(campaigns),
        rules=list(RepeatRule.objects.filter(courses=course).order_by("name", "pk")),
        people=_to_move(course).values("target").distinct().count(),
    )


def _to_move(course: Course) -> QuerySet[Enrollment]:
    waits = Q(state=State.WAITING, asked_at=None)
    failed = Q(state=State.NOT_POSSIBLE, reason__in=OF_THE_COURSE)
    running = Enrollment.objects.filter(course=course, campaign__state=CampaignState.RUNNING)
    return running.filter(waits | failed)


def use_counts(courses: Iterable[Course]) -> dict[int, int]:
    """Course's pk → by how many campaigns and rules it is used; one query each."""
    ids = [course.pk for course in courses]
    open_ones = Campaign.objects.exclude(state=CampaignState.ENDED)
    found: dict[int, int] = {}
    for rows in (open_ones, RepeatRule.objects.all()):
        counted = rows.filter(courses__in=ids).order_by().values_list("courses")
        for pk, number in counted.annotate(Count("pk")):
            found[pk] = found.get(pk, 0) + number
    return found


def unassignable_in_use() -> QuerySet[Course]:
    """Courses that can't be assigned, though campaigns that are not over, or rules, use them."""
    open_ones = Campaign.objects.exclude(state=CampaignState.ENDED)
    used = Q(campaigns__in=open_ones) | Q(repeat_rules__in=RepeatRule.objects.all())
    return Course.objects.filter(used & CANT_BE_ASSIGNED).distinct().order_by("name", "pk")


def substitutes(course: Course) -> QuerySet[Course]:
    same = Course.objects.filter(connection=course.connection_id).exclude(pk=course.pk)
    return same.exclude(CANT_BE_ASSIGNED).select_related("connection").order_by("name", "pk")


@transaction.atomic
def replace_course(
    *, old: Course, new: Course, moves_people: bool, now: datetime | None = None
) -> int:
    """In campaigns that are not over and in rules; ended campaigns keep what they had. Returns how many
    enrolments were moved to the new course: those that wait, or failed because of the old one."""
    list(Account.objects.select_for_update(no_key=True).filter(pk=old.account_id))
    uses = uses_of(old)
    for courses in [one.courses for one in uses.campaigns] + [one.courses for one in uses.rules]:
        courses.remove(old)
        courses.add(new)
    moved = _move(old, new, now or timezone.now()) if moves_people else 0
    audit.record(
        account=old.account,
        kind="COURSE_REPLACED",
        subject=old.name,
        after={
            "course": new.name,
            "campaigns": [str(one) for one in uses.campaigns][:20],
            "rules": [str(one) for one in uses.rules][:20],
            "enrolments": moved,
        },
    )
    return moved


def _move(old: Course, new: Course, now: datetime) -> int:
    rows = list(_to_move(old).select_for_update(of=("self",)).order_by("pk"))
    taken = _has_already(rows, new)
    moved: dict[int, Enrollment] = {}
    for row in rows:
        if row.target_id not in taken:
            moved.setdefault(row.target_id, row)
    for row in moved.values():
        row.due_at = row.due_at if row.state == State.WAITING else now
        row.course, row.state, row.reason, row.detail = new, State.WAITING, "", ""
        row.attempts, row.asked_at, row.way, row.looked_at = 0, None, "", None
    fields = ("course", "state", "reason", "detail", "attempts", "asked_at", "way", "looked_at")
    store(list(moved.values()), (*fields, "due_at"))
    values = {"old": old.name, "new": new.name}
    note_each(moved.values(), Step.REPLACED, values, at=now)
    return len(moved)


def _has_already(rows: Sequence[Enrollment], course: Course) -> set[int]:
    people = {row.target_id for row in rows}
    taken = (*TO_ASK, *WATCHED, State.COMPLETED)
    there = Enrollment.objects.filter(course=course, state__in=taken)
    return people & set(there.values_list("target_id", flat=True))


def unassignable_in_running() -> list[str]:
    """The names of courses that can't be assigned, though running campaigns use them."""
    used = Course.objects.filter(CANT_BE_ASSIGNED, campaigns__state=CampaignState.RUNNING)
    return list(used.order_by("name").values_list("name", flat=True).distinct())
