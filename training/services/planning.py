"""Who is to be enrolled in what, because of which action."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from integrations.models import Connection, Course
from integrations.sync import store
from targets.models import GroupMembership
from training.models import (
    TO_ASK,
    WATCHED,
    Action,
    Campaign,
    Enrollment,
    RepeatRule,
    State,
    Step,
)
from training.services import repeat
from training.services.lms import lms_of_groups
from training.services.timeline import entries_of, keep

BATCH = 1000
Pair = tuple[int, int]


def taking_part(campaign_ids: Collection[int]) -> QuerySet[GroupMembership]:
    """The memberships by which people take part in campaigns. Who joined after the start takes part only
    where Smart-Sync is on."""
    was_there = Q(created_at__lte=F("group__campaigns__started_at"))
    return GroupMembership.objects.filter(
        was_there | Q(group__smart_sync=True) | Q(group__campaigns__started_at=None),
        group__campaigns__in=campaign_ids,
        group__is_archived=False,
        is_active=True,
        target__is_active=True,
    )


def people_of(campaign: Campaign, target_ids: Sequence[int] | None = None) -> dict[int, list[int]]:
    """Target id → ids of the campaign's groups where that person takes part, by name of the group."""
    active = taking_part([campaign.pk])
    if target_ids is not None:
        active = active.filter(target__in=target_ids)
    found: dict[int, list[int]] = {}
    for target, group in active.order_by("group__name_key").values_list("target_id", "group_id"):
        found.setdefault(target, []).append(group)
    return found


def enroll(*, campaign: Campaign, actions: Sequence[Action], now: datetime) -> int:
    """One row for each failed person and course that is not there yet; returns how many."""
    first = _first_failures(campaign, actions)
    if not first:
        return 0
    courses = list(campaign.courses.select_related("connection").order_by("pk"))
    places = people_of(campaign, list(first))
    lms = _connections(campaign, places)
    spoken_for = _spoken_for(list(first), courses, campaign.not_again_days, now)
    rows = [
        _row(campaign, action, course, lms.get(target_id), now)
        for target_id, action in first.items()
        if target_id in places
        for course in courses
        if (target_id, course.pk) not in spoken_for
    ]
    repeated = _repeated(campaign, {pk: first[pk] for pk in places if pk in first}, lms, rows, now)
    store.insert_with_ids([*rows, *repeated.rows])
    _tell([*rows, *repeated.rows], repeated.failed, now)
    return len(rows) + len(repeated.rows)


@dataclass(slots=True)
class _Repeated:
    """`failed`: target id → how many campaigns, as the last rule that applied has counted."""

    rows: list[Enrollment] = field(default_factory=list)
    failed: dict[int, int] = field(default_factory=dict)


def _repeated(
    campaign: Campaign,
    first: dict[int, Action],
    lms: dict[int, Connection],
    planned: Sequence[Enrollment],
    now: datetime,
) -> _Repeated:
    """What the rules for repeat offenders add to what the campaign itself has planned."""
    found = _Repeated()
    taken = {(row.target_id, row.course_id) for row in planned}
    for rule in repeat.active_rules():
        failed = repeat.offenders(rule, first, now=now)
        courses = list(rule.courses.all())
        taken |= _spoken_for(list(failed), courses, rule.not_again_days, now)
        for pk in failed:
            wanted = [course for course in courses if (pk, course.pk) not in taken]
            found.rows += [
                _row(campaign, first[pk], course, lms.get(pk), now, rule=rule) for course in wanted
            ]
            taken |= {(pk, course.pk) for course in wanted}
        found.failed |= failed
    return found


def _first_failures(campaign: Campaign, actions: Iterable[Action]) -> dict[int, Action]:
    if not campaign.is_running:
        return {}
    found: dict[int, Action] = {}
    for action in actions:
        is_failure = action.kind in campaign.failing and not action.is_bot
        if is_failure and action.target_id:
            found.setdefault(action.target_id, action)
    return found


def connections_for(rows: Sequence[Enrollment]) -> dict[int, Connection | None]:
    """Row's pk → the LMS that the person's groups have now, of those who are in a group still."""
    by_campaign: dict[int, list[Enrollment]] = {}
    for row in rows:
        by_campaign.setdefault(row.campaign_id, []).append(row)
    found: dict[int, Connection | None] = {}
    for same in by_campaign.values():
        campaign = same[0].campaign
        places = people_of(campaign, [row.target_id for row in same])
        lms = _connections(campaign, places)
        found |= {row.pk: lms.get(row.target_id) for row in same if row.target_id in places}
    return found


def _connections(campaign: Campaign, places: dict[int, list[int]]) -> dict[int, Connection]:
    """Target id → the connection of the first of their groups that has one."""
    by_group = lms_of_groups(campaign.groups.all())
    found = {}
    for target_id, groups in places.items():
        able = (by_group[pk].connection for pk in groups)
        connection = next((one for one in able if one), None)
        if connection:
            found[target_id] = connection
    return found


def _spoken_for(
    target_ids: Sequence[int], courses: Sequence[Course], not_again_days: int, now: datetime
) -> set[Pair]:
    """Pairs that wait already, or were enrolled within so many days."""
    since = now - timedelta(days=not_again_days)
    is_open = Q(state__in=TO_ASK)
    is_recent = Q(state__in=(*WATCHED, State.COMPLETED), created_at__gt=since)
    rows = Enrollment.objects.filter(is_open | is_recent, target__in=target_ids, course__in=courses)
    return set(rows.values_list("target_id", "course_id"))


def _row(
    campaign: Campaign,
    action: Action,
    course: Course,
    lms: Connection | None,
    now: datetime,
    *,
    rule: RepeatRule | None = None,
) -> Enrollment:
    row = Enrollment(
        account_id=campaign.account_id,
        campaign=campaign,
        action=action,
        target_id=action.target_id or 0,
        course=course,
        connection=lms,
        rule=rule,
        due_at=now + timedelta(minutes=campaign.waiting_minutes),
        created_at=now,
    )
    reason = why_not(row)
    if reason:
        row.state, row.reason = State.NOT_POSSIBLE, reason
    return row


def why_not(row: Enrollment) -> str:
    """The reason for which the LMS can't be asked, as far as the Portal knows by itself."""
    if row.connection is None:
        return "no_lms"
    if row.course.connection_id != row.connection_id:
        return "course_elsewhere"
    if row.course.gone_at or not row.course.is_active:
        return "course_inactive"
    if not row.connection.is_active:
        return "integration_off"
    if not row.connection.api_key_sealed:
        return "no_key"
    return ""


def _tell(rows: list[Enrollment], failed: dict[int, int], now: datetime) -> None:
    entries = entries_of(rows, Step.ACTED, at=now)
    entries += repeat.told_repeated(rows, failed, at=now)
    entries += entries_of(rows, Step.NO_BOT, at=now)
    waiting = [row for row in rows if row.state == State.WAITING]
    for minutes in {row.campaign.waiting_minutes for row in waiting}:
        entries += entries_of(waiting, Step.WAITING, {"minutes": minutes}, at=now)
    for reason in sorted({row.reason for row in rows} - {""}):
        same = [row for row in rows if row.reason == reason]
        entries += entries_of(same, Step.NOT_POSSIBLE, {"reason": reason}, at=now)
    keep(entries)
