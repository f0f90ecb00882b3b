"""How a run reads: the complete ways to get what it wants, each with its calls. The cheapest wins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from integrations.contract.provider import Session
from integrations.contract.records import stand_in_name
from integrations.models import (
    GroupLink,
    Phase,
    StagedTeam,
    SyncRun,
    TargetLink,
    Trigger,
)
from integrations.sync import journal, mirroring
from integrations.sync.scope import reads_courses, scope_of
from targets.models import GroupMembership

Reading = dict[str, Any]
#: Reasons not to trust the changes alone, for which they are read beside everything, to be compared.
COMPARED = ("UNPROVEN", "WEEKLY")


def now() -> datetime:
    return timezone.now()


def set_out(run: SyncRun, session: Session) -> None:
    """The teams are read: decide how to go on, in the transaction of their last page."""
    mark_scope(run)
    cursor = {**run.cursor, "lists_changes": bool(session.longest_range)}
    journal.checkpoint(run, cursor=cursor)
    if run.person_id:
        journal.checkpoint(run, phase=Phase.PERSON, reading=_for_one_person(run))
        return
    teams = StagedTeam.objects.filter(run=run, is_in_scope=True)
    if not teams.exists():
        reading = {"way": "ALL", "teams": 0, "calls": run.calls + courses_calls(run)}
        journal.checkpoint(run, reading=reading)
        leave_people(run)
        return
    usable = mirroring.usable(run, session)
    ways = _ways(run, session, usable)
    way = min(ways, key=lambda name: (ways[name], name))
    reading = {"way": way, "teams": _listed(run), "calls": ways[way], "ways": ways}
    if run.trigger == Trigger.AUTO and usable.why:
        reading["why"] = usable.why
    journal.checkpoint(run, reading=reading)
    is_shadow = usable.why in COMPARED
    if usable.mirror and (way == "CHANGES" or is_shadow):
        mirroring.begin(run, usable.mirror, usable.windows, is_shadow=is_shadow)
        if not is_shadow:
            mark_scope(run)
    else:
        read_people(run)


def read_people(run: SyncRun) -> None:
    is_narrow = scope_of(run).is_narrow
    journal.checkpoint(run, phase=Phase.MEMBERS if is_narrow else Phase.PEOPLE)


def _for_one_person(run: SyncRun) -> Reading:
    return {"way": "PERSON", "calls": run.calls + 2}


def _ways(run: SyncRun, session: Session, usable: mirroring.Usable) -> Mapping[str, int]:
    """The calls that are certain, of those made and those to come; for a list of people, the pages of as
    many as are known and the call for their number."""
    before = run.calls + courses_calls(run)
    links = TargetLink.objects.filter(connection=run.connection, gone_at=None)
    pages = max(1, -(-links.count() // session.page_size))
    ways = {"ALL": before + 1 + pages + _listed(run)}
    if scope_of(run).is_narrow and (people := _people_in_scope(run)):
        ways["SINGLES"] = before + 1 + people + _listed(run)
    if usable.mirror and not usable.why:
        calls = 2 * len(usable.windows) + 1
        ways["CHANGES"] = before + calls + mirroring.unread_teams(run, usable.mirror)
    return ways


def _listed(run: SyncRun) -> int:
    return StagedTeam.objects.filter(run=run, is_in_scope=True, is_listed=True).count()


def _people_in_scope(run: SyncRun) -> int:
    groups = StagedTeam.objects.filter(run=run, is_in_scope=True).values("group_id")
    seats = GroupMembership.objects.filter(
        target=OuterRef("target"), group_id__in=groups, is_active=True
    )
    return TargetLink.objects.filter(Exists(seats), connection=run.connection).count()


def courses_calls(run: SyncRun) -> int:
    return int(reads_courses(run))


def leave_people(run: SyncRun) -> str:
    """People and members are read, or none are wanted."""
    cursor = {**run.cursor, "start": 0}
    if cursor.get("shadow") and cursor.get("is_whole"):
        journal.checkpoint(run, phase=Phase.CHANGES, cursor={**cursor, "part": "COMPARE"})
    else:
        journal.checkpoint(run, phase=after_people(run), cursor=cursor)
    return run.phase


def after_people(run: SyncRun) -> str:
    wants_courses = reads_courses(run) and not run.cursor.get("courses_read")
    return Phase.COURSES if wants_courses else Phase.CONFIRM


def mark_scope(run: SyncRun) -> None:
    """Which of the staged teams the run covers; teams known from before that are not there any more get a
    row that is not listed."""
    scope = scope_of(run)
    links = {
        link.integration_id: link
        for link in GroupLink.objects.filter(connection=run.connection).select_related("group")
    }
    staged = list(StagedTeam.objects.filter(run_id=run.staging_id))
    for team in staged:
        link = links.pop(team.integration_id, None)
        team.is_in_scope = scope.wants(team.integration_id, link)
        team.group_id = link.group_id if link else None
        if link and team.name == stand_in_name(team.integration_id):
            team.name = link.remote_name
    StagedTeam.objects.bulk_update(staged, ["is_in_scope", "group_id", "name"], batch_size=500)
    StagedTeam.objects.bulk_create(
        StagedTeam(
            run_id=run.staging_id,
            integration_id=link.integration_id,
            name=link.remote_name,
            group_id=link.group_id,
            is_in_scope=link.gone_at is None,
            is_listed=False,
        )
        for link in links.values()
        if scope.wants(link.integration_id, link)
    )
