"""Who fails again and again, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch

from accounts import audit
from groups.models import Group
from integrations.models import Course
from targets.models import GroupMembership
from training.models import (
    Action,
    Campaign,
    CampaignState,
    Enrollment,
    RepeatRule,
    State,
    Step,
    TimelineEntry,
)
from training.services.timeline import entries_of

BATCH = 1000


def active_rules() -> list[RepeatRule]:
    """Those in scope, with their courses."""
    courses = Prefetch("courses", Course.objects.select_related("connection").order_by("pk"))
    rules = RepeatRule.objects.filter(is_active=True).order_by("pk")
    return list(rules.prefetch_related(courses, Prefetch("groups", Group.objects.only("pk"))))


def offenders(rule: RepeatRule, target_ids: Iterable[int], *, now: datetime) -> dict[int, int]:
    """Target id → how many campaigns they failed within the rule's days; only those it is about."""
    wanted = _members(rule, sorted(set(target_ids)))
    counted = {pk: len(campaigns) for pk, campaigns in _failed(rule, wanted, now).items()}
    return {pk: number for pk, number in counted.items() if number >= rule.failures}


def _members(rule: RepeatRule, target_ids: Sequence[int]) -> list[int]:
    groups = [group.pk for group in rule.groups.all()]
    if not groups:
        return list(target_ids)
    found: set[int] = set()
    for start in range(0, len(target_ids), BATCH):
        members = GroupMembership.objects.filter(
            group__in=groups, is_active=True, target__in=target_ids[start : start + BATCH]
        )
        found |= set(members.values_list("target_id", flat=True))
    return sorted(found)


def _failed(rule: RepeatRule, target_ids: Sequence[int], now: datetime) -> dict[int, set[int]]:
    """Target id → the campaigns they failed, as each campaign counts failing."""
    since = now - timedelta(days=rule.days)
    started = Campaign.objects.exclude(state=CampaignState.DRAFT)
    failing = {pk: frozenset(kinds) for pk, kinds in started.values_list("pk", "failing")}
    found: dict[int, set[int]] = {}
    for start in range(0, len(target_ids), BATCH):
        actions = Action.objects.filter(
            target__in=target_ids[start : start + BATCH], is_bot=False, happened_at__gt=since
        )
        for pk, campaign, kind in actions.values_list("target_id", "campaign_id", "kind"):
            if kind in failing.get(campaign, ()):
                found.setdefault(pk, set()).add(campaign)
    return found


def told_repeated(
    rows: Sequence[Enrollment], failed: Mapping[int, int], *, at: datetime
) -> list[TimelineEntry]:
    """Of those that came of a rule. `failed`: target id → number of campaigns."""
    by_number: dict[tuple[RepeatRule, int], list[Enrollment]] = {}
    for row in rows:
        if row.rule:
            by_number.setdefault((row.rule, failed[row.target_id]), []).append(row)
    entries = []
    for (rule, number), same in by_number.items():
        values = {"failures": number, "days": rule.days, "rule": rule.name}
        entries += entries_of(same, Step.REPEATED, values, at=at)
    return entries


def no_longer_offending(target_ids: Iterable[int], *, now: datetime) -> list[Enrollment]:
    """After actions turned out to be bots': what waits because of a rule that does not apply now."""
    waiting = Enrollment.objects.select_for_update(of=("self",)).filter(
        target__in=sorted(set(target_ids)),
        rule__isnull=False,
        state=State.WAITING,
        asked_at=None,
    )
    by_rule: dict[int, list[Enrollment]] = {}
    for row in waiting.select_related("rule"):
        by_rule.setdefault(row.rule_id or 0, []).append(row)
    ended = []
    for rows in by_rule.values():
        rule = rows[0].rule
        still = offenders(rule, [row.target_id for row in rows], now=now) if rule else {}
        ended += [row for row in rows if row.target_id not in still]
    return ended


@transaction.atomic
def save_rule(*, rule: RepeatRule, chosen: Mapping[str, object]) -> RepeatRule:
    """`chosen` is a valid form's. What is enrolled already stays."""
    is_new = rule.pk is None
    groups, courses = list(chosen["groups"]), list(chosen["courses"])  # type: ignore[call-overload]
    plain = {name: value for name, value in chosen.items() if name not in ("groups", "courses")}
    for name, value in plain.items():
        setattr(rule, name, value)
    rule.save()
    rule.groups.set(groups)
    rule.courses.set(courses)
    audit.record(
        account=rule.account,
        kind="REPEAT_RULE_CREATED" if is_new else "REPEAT_RULE_SAVED",
        subject=rule.name,
        after={
            **plain,
            "groups": [str(one) for one in groups][:20],
            "courses": [str(one) for one in courses][:20],
        },
    )
    return rule


@transaction.atomic
def delete_rule(*, rule: RepeatRule) -> None:
    """Enrolments that came of it stay."""
    audit.record(account=rule.account, kind="REPEAT_RULE_DELETED", subject=rule.name)
    rule.delete()
