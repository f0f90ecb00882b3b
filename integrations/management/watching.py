"""Waiting for a run to end, and telling what it did."""

from __future__ import annotations

import time
from typing import Any

from integrations.models import Course, GroupLink, Status, SyncRun
from integrations.wording import error_sentence
from targets.models import GroupMembership

POLL_SECONDS = 0.5
UNSUCCESSFUL = (Status.FAILED, Status.CANCELLED)


def wait_for(run: SyncRun) -> None:
    while run.is_open:
        time.sleep(POLL_SECONDS)
        run.refresh_from_db()


def summary(run: SyncRun) -> dict[str, Any]:
    """The run, and what the connection has in the Portal now."""
    return {
        "run": run.pk,
        "status": run.status,
        "trigger": run.trigger,
        "error_code": run.error_code,
        "hold_reason": run.hold_reason,
        "warnings": run.warnings,
        "calls": run.calls,
        "seconds": _seconds(run),
        "counts": run.counts,
        **_totals(run),
    }


def _seconds(run: SyncRun) -> float | None:
    if not (run.started_at and run.finished_at):
        return None
    return round((run.finished_at - run.started_at).total_seconds(), 1)


def _totals(run: SyncRun) -> dict[str, int]:
    links = GroupLink.objects.filter(connection_id=run.connection_id, gone_at=None)
    members = GroupMembership.objects.filter(
        group__in=links.values("group"), is_active=True, target__is_active=True
    )
    courses = Course.objects.filter(connection_id=run.connection_id, gone_at=None, is_active=True)
    return {
        "groups": links.count(),
        "targets": members.values("target").distinct().count(),
        "courses": courses.count(),
    }


def why(run: SyncRun) -> str:
    if not run.error_code:
        return ""
    return f"{' '.join(error_sentence(run.error_code, run.error_detail))} "


def sentence(run: SyncRun) -> str:
    told = summary(run)
    if run.is_open:
        return f"Sync {run.pk}: {run.get_status_display()}. A worker carries it out."
    return (
        f"Sync {run.pk}: {run.get_status_display()}. {why(run)}{told['groups']} groups, "
        f"{told['targets']} targets, {told['courses']} courses; "
        f"{told['calls']} API calls, {told['seconds']} seconds."
    )
