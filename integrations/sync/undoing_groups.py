"""What undoing a sync does to its groups and courses. Nothing is deleted."""

from __future__ import annotations

from datetime import datetime

from groups.models import Group
from groups.names import name_key
from integrations.models import Action, Change, Course, GroupLink, Kind, Outcome, SyncRun
from integrations.sync.applier import GroupActions


def _archive(_run: SyncRun, row: Change, group: Group, now: datetime) -> None:
    """A group that the sync had made is put away; a team that is gone is marked so again."""
    if row.after.get("state") == "gone":
        GroupLink.objects.filter(group=group).update(gone_at=now)
    else:
        Group.objects.filter(pk=group.pk).update(is_archived=True, auto_sync=False)


def _rename(_run: SyncRun, row: Change, group: Group, _now: datetime) -> None:
    name = row.after["name"]
    Group.objects.filter(pk=group.pk).update(name=name, name_key=name_key(name))
    GroupLink.objects.filter(group=group).update(remote_name=name)


def _give_back(_run: SyncRun, row: Change, group: Group, _now: datetime) -> None:
    """A group that had been adopted is its own again."""
    GroupLink.objects.filter(group=group).delete()
    name = row.after.get("name", group.name)
    Group.objects.filter(pk=group.pk).update(
        name=name,
        name_key=name_key(name),
        source=row.after.get("source", ""),
        auto_sync=row.after.get("auto_sync") == "on",
    )


def _take_back(run: SyncRun, row: Change, group: Group, _now: datetime) -> None:
    GroupLink.objects.create(
        account_id=run.account_id,
        connection=run.connection,
        group=group,
        integration_id=row.integration_id,
        remote_name=row.after.get("team", group.name),
    )
    Group.objects.filter(pk=group.pk).update(
        source=run.connection.provider, auto_sync=row.after.get("auto_sync") == "on"
    )


def _mark_back(_run: SyncRun, _row: Change, group: Group, _now: datetime) -> None:
    GroupLink.objects.filter(group=group).update(gone_at=None)


ACTIONS: GroupActions = {
    Action.DEACTIVATE: _archive,
    Action.UPDATE: _rename,
    Action.UNLINK: _give_back,
    Action.ADOPT: _take_back,
    Action.REACTIVATE: _mark_back,
}


def restore_courses(run: SyncRun, now: datetime) -> None:
    rows = Change.objects.filter(run=run, outcome=Outcome.PLANNED, kind=Kind.COURSE)
    for row in rows.iterator():
        values = dict(row.after)
        state = values.pop("state", "")
        if state:
            values["gone_at"] = now if state == "gone" else None
        if state in ("active", "inactive"):
            values["is_active"] = state == "active"
        mine = Course.objects.filter(connection=run.connection, integration_id=row.integration_id)
        mine.update(updated_at=now, **values)
