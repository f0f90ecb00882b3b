"""Ends a run: totals, status, last good times, staging emptied."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from groups.models import Group
from integrations.models import (
    Change,
    Connection,
    Outcome,
    Reason,
    StagedTeam,
    Status,
    SyncRun,
)
from integrations.sync import drift, journal, mirroring

WARNINGS = (
    Reason.UNREADABLE,
    Reason.SEAT_LIMIT,
    Reason.OVER_SEATS,
    Reason.OTHER_INTEGRATION,
    Reason.NAME_TAKEN,
    Reason.SAME_NAME,
    Reason.TEAM_UNREAD,
    Reason.READ_MOVED,
)
#: A warning about somebody who is a target already, and keeps an address that is not theirs any more.
WITHOUT_ADDRESS = (Reason.NO_EMAIL, Reason.INVALID_EMAIL, Reason.EMAIL_TAKEN)
KEPT_COUNTS = ("UNCHANGED.", "FIELD.", "FIGURE.")


@transaction.atomic
def finish(run: SyncRun) -> None:
    """Close a run whose plan is applied, or only previewed. "Synced" only if every part worked."""
    counts = {key: n for key, n in run.counts.items() if key.startswith(KEPT_COUNTS)}
    counts |= count_rows(run)
    is_held = is_any_held(counts) or bool(run.hold_reason)
    warnings = count_warnings(run)
    if not run.undoes_id:
        drift.compare(run)
    if not (run.is_preview or run.undoes_id):
        _good_times(run, is_held=is_held)
    mirroring.keep_or_empty(run)
    status = _ending(run, is_held=is_held, warnings=warnings)
    journal.close(run, status=status, counts=counts, warnings=warnings, cursor={})


def _ending(run: SyncRun, *, is_held: bool, warnings: int) -> str:
    if run.is_preview:
        return Status.PREVIEWED
    if run.undoes_id:
        return Status.UNDONE
    return ending_of(is_held=is_held, warnings=warnings)


def ending_of(*, is_held: bool, warnings: int) -> str:
    if is_held:
        return Status.HELD
    return Status.WARNINGS if warnings else Status.SYNCED


def count_rows(run: SyncRun) -> dict[str, int]:
    """<KIND>.<ACTION>.<OUTCOME>; finer, WHY.<KIND>.<ACTION>.<REASON>.<OUTCOME>; and of what is held,
    HOLD.<hold reason>."""
    rows = Change.objects.filter(run=run).order_by()
    held = rows.filter(outcome=Outcome.HELD).values_list("hold_reason").annotate(n=Count("pk"))
    counts = {f"HOLD.{code}": number for code, number in held}
    figures = rows.values_list("kind", "action", "reason", "outcome").annotate(n=Count("pk"))
    for kind, action, reason, outcome, number in figures:
        key = f"{kind}.{action}.{outcome}"
        counts[key] = counts.get(key, 0) + number
        counts[f"WHY.{kind}.{action}.{reason}.{outcome}"] = number
    return counts


def is_any_held(counts: dict[str, int]) -> bool:
    return any(key.endswith(f".{Outcome.HELD}") for key in counts)


def count_warnings(run: SyncRun) -> int:
    stale = Q(reason__in=WITHOUT_ADDRESS, target_id__isnull=False)
    rows = Change.objects.filter(Q(reason__in=WARNINGS) | stale, run=run)
    return rows.filter(~Q(outcome=Outcome.HELD)).count()


def fail(run: SyncRun, *, code: str, detail: str, is_credentials: bool) -> None:
    with transaction.atomic():
        if is_credentials:
            Connection.objects.filter(pk=run.connection_id, key_refused_since=None).update(
                key_refused_since=timezone.now()
            )
        mirroring.empty(run.pk)
        Change.objects.filter(run=run, outcome=Outcome.PLANNED).delete()
        journal.close(
            run,
            status=Status.FAILED,
            error_code=code,
            error_detail=detail[:255],
            calls=run.calls,
            cursor={},
        )


def cancel(run: SyncRun) -> None:
    with transaction.atomic():
        mirroring.empty(run.pk)
        Change.objects.filter(run=run, outcome=Outcome.PLANNED).delete()
        journal.close(run, status=Status.CANCELLED, cursor={})


def _good_times(run: SyncRun, *, is_held: bool) -> None:
    now = timezone.now()
    fields: dict[str, datetime | None] = {"key_refused_since": None}
    if run.person_id:
        Connection.objects.filter(pk=run.connection_id).update(**fields)
        return
    if "courses_received" in run.cursor:
        fields["courses_good_at"] = now
    if run.cursor.get("is_whole") and not is_held and run.group_id is None:
        fields["people_good_at"] = now
    Connection.objects.filter(pk=run.connection_id).update(**fields)
    teams = StagedTeam.objects.filter(run_id=run.staging_id, is_in_scope=True).values(
        "integration_id"
    )
    if not run.hold_reason:
        Group.objects.filter(
            links__connection=run.connection, links__integration_id__in=teams
        ).update(last_synced_at=now)
