"""Carries out rows from what they say alone, long after their reading is gone: held changes that were
approved, and undos. They are the run's PLANNED rows, and all go in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from groups.models import Group
from integrations.contract.records import FIELD_LENGTHS
from integrations.models import (
    Action,
    Change,
    GroupLink,
    Kind,
    Outcome,
    Phase,
    Reason,
    SyncRun,
    TargetLink,
)
from integrations.sync import journal, undoing_groups
from integrations.sync.applier import GROUP_ACTIONS, apply_courses, apply_groups, targets_in
from targets.emails import email_key
from targets.models import GroupMembership, SetBy, Target
from targets.tallies import recount_with

BATCH = 1000
LEAVERS = (Reason.GONE, Reason.INACTIVE_REMOTE)
Places = dict[int, set[int]]


def carry_approved(run: SyncRun) -> None:
    """Call it in the transaction that marked the approved rows as planned."""
    now = timezone.now()
    apply_groups(run, now, GROUP_ACTIONS)
    _carry_people(run, now)
    apply_courses(run, now)
    _done(run)


def apply_undo(run: SyncRun) -> str:
    """People first: what they left or joined is found by the links that the groups still have."""
    now = timezone.now()
    with transaction.atomic():
        journal.checkpoint(run, phase=Phase.FINISH)
        _carry_people(run, now)
        apply_groups(run, now, undoing_groups.ACTIONS)
        undoing_groups.restore_courses(run, now)
        _done(run)
    return Phase.FINISH


def _done(run: SyncRun) -> None:
    recount_with(run.account, targets_in(planned(run)))
    planned(run).update(outcome=Outcome.APPLIED)


def planned(run: SyncRun, **where: str) -> QuerySet[Change]:
    return Change.objects.filter(run=run, outcome=Outcome.PLANNED, **where)


def _carry_people(run: SyncRun, now: datetime) -> None:
    groups = dict(
        GroupLink.objects.filter(connection=run.connection).values_list(
            "integration_id", "group_id"
        )
    )
    for kind in (Kind.PERSON, Kind.MEMBERSHIP):
        for action, carry in PEOPLE_ACTIONS.items():
            for rows in _batches(planned(run, kind=kind, action=action)):
                carry(run, rows, groups, now)


def _batches(rows: QuerySet[Change]) -> Iterator[list[Change]]:
    after = 0
    while batch := list(rows.filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield batch
        after = batch[-1].pk


def _create(run: SyncRun, rows: list[Change], groups: dict[str, int], now: datetime) -> None:
    """New people, and people whom the run knows already coming into a group."""
    people = [row for row in rows if row.kind == Kind.PERSON]
    targets = Target.objects.bulk_create([_target(run, row, now) for row in people])
    TargetLink.objects.bulk_create(
        TargetLink(
            account_id=run.account_id,
            connection=run.connection,
            target=target,
            integration_id=row.integration_id,
        )
        for row, target in zip(people, targets, strict=True)
    )
    for row, target in zip(people, targets, strict=True):
        row.target_id = target.pk
    Change.objects.bulk_update(people, ["target_id"])
    _switch_on(run, _places(rows, groups), now)


def _target(run: SyncRun, row: Change, now: datetime) -> Target:
    return Target(
        account_id=run.account_id,
        email_key=email_key(row.after["email"]),
        source=run.connection.provider,
        created_at=now,
        updated_at=now,
        **row.after,
    )


def _update(run: SyncRun, rows: list[Change], _groups: dict[str, int], now: datetime) -> None:
    targets = Target.objects.in_bulk(_ids(rows))
    for row in rows:
        target = targets.get(row.target_id or 0)
        if target:
            _write(run, row, target, now)
    fields = ["email", "email_key", "source", "updated_at", *FIELD_LENGTHS]
    Target.objects.bulk_update(targets.values(), fields, batch_size=100)
    _relink(run, rows)


def _write(run: SyncRun, row: Change, target: Target, now: datetime) -> None:
    if row.reason != Reason.UNDONE:
        target.source = run.connection.provider
    for name, value in row.after.items():
        if name != "integration_id":
            setattr(target, name, value)
    target.email_key, target.updated_at = email_key(target.email), now


def _relink(run: SyncRun, rows: list[Change]) -> None:
    """The link's fingerprint goes, so that the next sync compares the fields again."""
    links = TargetLink.objects.filter(connection=run.connection)
    links.filter(target_id__in=_ids(rows)).update(fingerprint="")
    unlinked = _ids(row for row in rows if row.reason_args.get("unlinks"))
    links.filter(target_id__in=unlinked).delete()
    for row in rows:
        if "integration_id" in row.after:
            links.filter(target_id=row.target_id or 0).update(
                integration_id=row.after["integration_id"], gone_at=None
            )
    TargetLink.objects.bulk_create(
        TargetLink(
            account_id=run.account_id,
            connection=run.connection,
            target_id=row.target_id,
            integration_id=row.integration_id,
        )
        for row in rows
        if row.reason == Reason.MATCHED_BY_EMAIL and row.target_id
    )


def _reactivate(run: SyncRun, rows: list[Change], groups: dict[str, int], now: datetime) -> None:
    _mark(run, _ids(row for row in rows if row.kind == Kind.PERSON), None)
    _switch_on(run, _places(rows, groups), now)


def _deactivate(run: SyncRun, rows: list[Change], groups: dict[str, int], now: datetime) -> None:
    gone = _ids(row for row in rows if row.kind == Kind.PERSON and _is_leaver(row))
    _mark(run, gone, now)
    for group_id, targets in _places(rows, groups).items():
        memberships = GroupMembership.objects.filter(group_id=group_id, is_active=True)
        memberships.filter(is_kept=False, target_id__in=targets).update(
            is_active=False, set_by=SetBy.SYNC, changed_at=now
        )


def _is_leaver(row: Change) -> bool:
    return row.reason in LEAVERS or row.after.get("state") == "gone"


def _ids(rows: Iterable[Change]) -> list[int]:
    return [row.target_id for row in rows if row.target_id]


def _mark(run: SyncRun, ids: list[int], gone_at: datetime | None) -> None:
    """A person's link and target as gone from the source, or as back."""
    links = TargetLink.objects.filter(connection=run.connection, target_id__in=ids)
    links.update(gone_at=gone_at)
    Target.objects.filter(pk__in=ids).update(left_source_at=gone_at)


def _places(rows: list[Change], groups: dict[str, int]) -> Places:
    """Group id → the people of these rows who join or leave it."""
    places: Places = defaultdict(set)
    for row in rows:
        teams = row.team_ids if row.kind == Kind.PERSON else [row.team_id]
        found = [groups[team] for team in teams if team in groups]
        if row.kind == Kind.MEMBERSHIP and row.group_id:
            found = [row.group_id]
        for group_id in found:
            if row.target_id:
                places[group_id].add(row.target_id)
    return places


def _switch_on(run: SyncRun, places: Places, now: datetime) -> None:
    """Active again where a sync had switched off; what a person switched off stays off."""
    for group_id, targets in places.items():
        off = GroupMembership.objects.filter(group_id=group_id, is_active=False, set_by=SetBy.SYNC)
        off.filter(target_id__in=targets).update(is_active=True, changed_at=now)
        GroupMembership.objects.bulk_create(
            [
                GroupMembership(
                    account_id=run.account_id,
                    group_id=group_id,
                    target_id=target,
                    set_by=SetBy.SYNC,
                )
                for target in sorted(targets)
            ],
            ignore_conflicts=True,
            batch_size=BATCH,
        )


def keep_people(run: SyncRun, rows: QuerySet[Change], now: datetime) -> None:
    """What held rows would take away stays until the source lists it again. Whoever is gone from the
    source is flagged as such all the same."""
    groups = dict(
        GroupLink.objects.filter(connection=run.connection).values_list(
            "integration_id", "group_id"
        )
    )
    leaving = rows.filter(action=Action.DEACTIVATE, kind__in=(Kind.PERSON, Kind.MEMBERSHIP))
    for batch in _batches(leaving):
        gone = _ids(row for row in batch if row.kind == Kind.PERSON and _is_leaver(row))
        _mark(run, gone, now)
        for group_id, targets in _places(batch, groups).items():
            kept = Q(group_id=group_id, target_id__in=targets, is_active=True)
            GroupMembership.objects.filter(kept).update(is_kept=True)
    lost = rows.filter(action=Action.DEACTIVATE, kind=Kind.GROUP).values("group_id")
    GroupLink.objects.filter(group__in=Group.objects.filter(pk__in=lost)).update(gone_at=now)


PeopleAction = Callable[[SyncRun, list[Change], dict[str, int], datetime], None]
PEOPLE_ACTIONS: dict[Action, PeopleAction] = {
    Action.CREATE: _create,
    Action.UPDATE: _update,
    Action.REACTIVATE: _reactivate,
    Action.DEACTIVATE: _deactivate,
}
