"""The mirror: what a complete reading staged, kept and brought up to date by the changes since.

A run that reads only changes puts them into it and plans from it, so the rules of a sync are the same
whichever way was taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from integrations.contract.provider import Session
from integrations.models import (
    Connection,
    Mirror,
    Phase,
    StagedCourse,
    StagedMember,
    StagedMove,
    StagedPerson,
    StagedTeam,
    SyncRun,
    Trigger,
)
from integrations.sync import journal, store

LONGEST_GAP = timedelta(days=6)
#: The night of a week later may begin some minutes earlier.
SLACK = timedelta(hours=1)
BATCH = 1000
Windows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Usable:
    """`why` tells for what reason the changes since the mirror will not do; '' when they will. `windows`
    are the ranges of time to ask for, as ISO texts."""

    mirror: Mirror | None = None
    why: str = ""
    windows: Windows = ()


def usable(run: SyncRun, session: Session) -> Usable:
    mirror = Mirror.objects.select_related("run").filter(connection=run.connection).first()
    moment = timezone.now()
    why = _why_not(run, session, mirror, moment)
    if mirror is None or not session.longest_range:
        return Usable(mirror, why)
    overlap = timedelta(hours=settings.CHANGES_OVERLAP_HOURS)
    since = min(mirror.read_at, moment) - overlap
    return Usable(mirror, why, _windows(since, moment + overlap, session.longest_range))


def _why_not(run: SyncRun, session: Session, mirror: Mirror | None, moment: datetime) -> str:
    if run.trigger != Trigger.AUTO:
        return "BY_HAND"
    if settings.CHANGES == "off" or not session.longest_range:
        return "OFF"
    if mirror is None:
        return "FIRST"
    if mirror.source != source_of(run.connection):
        return "OTHER_SITE"
    if mirror.run.field_rules != run.field_rules:
        return "OTHER_FIELDS"
    return _why_not_now(mirror, moment)


def _why_not_now(mirror: Mirror, moment: datetime) -> str:
    if mirror.read_at > moment + SLACK:
        return "CLOCK"
    if moment - mirror.read_at > LONGEST_GAP:
        return "GAP"
    if moment - mirror.complete_at > timedelta(days=settings.COMPLETE_DAYS) - SLACK:
        return "WEEKLY"
    is_proven = mirror.agreed >= settings.CHANGES_AGREE and settings.CHANGES == "auto"
    return "" if is_proven else "UNPROVEN"


def _windows(since: datetime, to: datetime, longest: timedelta) -> Windows:
    """Each begins where the one before ends, so that a row of that moment is in both."""
    found = []
    while since < to:
        end = min(since + longest, to)
        found.append((since.isoformat(), end.isoformat()))
        since = end
    return tuple(found)


def source_of(connection: Connection) -> str:
    """Another key may be another company's, whose people are none of these."""
    text = f"{connection.provider} {connection.region} {connection.api_key_fingerprint}"
    return blake2b(text.encode(), digest_size=32).hexdigest()


def begin(run: SyncRun, mirror: Mirror, windows: Windows, *, is_shadow: bool) -> None:
    """Go on with the changes. As a shadow they only bring the mirror up to date, to be compared with what
    is then read completely."""
    base = mirror.run
    _fold_teams(run, base.pk)
    cursor = {
        **run.cursor,
        "start": 0,
        "part": "PEOPLE",
        "window": 0,
        "windows": windows,
        "base": base.pk,
        "shadow": is_shadow,
        "changed": 0,
    }
    values = {} if is_shadow else {"mirror": base}
    journal.checkpoint(run, phase=Phase.CHANGES, cursor=cursor, **values)


def unread_teams(run: SyncRun, mirror: Mirror) -> int:
    """Teams of the run whose members the mirror does not have."""
    there = StagedTeam.objects.filter(
        run_id=mirror.run_id,
        integration_id=OuterRef("integration_id"),
        is_read=True,
        is_missing=False,
    )
    wanted = StagedTeam.objects.filter(~Exists(there), run=run, is_in_scope=True, is_listed=True)
    return wanted.count()


def _fold_teams(run: SyncRun, base: int) -> None:
    """The list of teams is read whole each time; a team that is gone takes its members along."""
    StagedTeam.objects.filter(run_id=base, is_listed=False).delete()
    listed = {team.integration_id: team for team in _own_teams(run)}
    known = {team.integration_id: team for team in StagedTeam.objects.filter(run_id=base)}
    _drop_teams(base, known.keys() - listed.keys())
    unread = [team for key, team in known.items() if team.is_missing and key in listed]
    for team in unread:
        team.is_missing = team.is_read = False
        team.members_read = 0
    _drop_members(base, [team.integration_id for team in unread])
    kept = [team for key, team in known.items() if key in listed]
    for team in kept:
        read = listed[team.integration_id]
        team.name, team.parent_id = read.name, read.parent_id
    names = ["name", "parent_id", "is_missing", "is_read", "members_read"]
    StagedTeam.objects.bulk_update(kept, names, batch_size=500)
    StagedTeam.objects.bulk_create(
        StagedTeam(run_id=base, integration_id=key, name=team.name, parent_id=team.parent_id)
        for key, team in listed.items()
        if key not in known
    )


def _own_teams(run: SyncRun) -> QuerySet[StagedTeam]:
    return StagedTeam.objects.filter(run=run, is_listed=True)


def _drop_teams(base: int, ids: Iterable[str]) -> None:
    gone = sorted(ids)
    _drop_members(base, gone)
    for start in range(0, len(gone), BATCH):
        part = gone[start : start + BATCH]
        StagedTeam.objects.filter(run_id=base, integration_id__in=part).delete()


def _drop_members(base: int, teams: list[str]) -> None:
    for start in range(0, len(teams), BATCH):
        part = teams[start : start + BATCH]
        StagedMember.objects.filter(run_id=base, team_id__in=part).delete()


def fold(run: SyncRun) -> None:
    """Put the changes that were read into the mirror."""
    base, gone = run.cursor["base"], run.cursor.get("gone", [])
    people = StagedPerson.objects.filter(run_id=base)
    members = StagedMember.objects.filter(run_id=base)
    own = StagedPerson.objects.filter(run=run)
    inactive = own.filter(integration_id=OuterRef("person_id"), is_active=False, is_readable=True)
    members.filter(Exists(inactive)).delete()
    members.filter(person_id__in=gone).delete()
    people.filter(integration_id__in=gone).delete()
    people.filter(Exists(own.filter(integration_id=OuterRef("integration_id")))).delete()
    own.update(run_id=base)
    _fold_moves(run, base)
    began = datetime.fromisoformat(run.cursor["began"])
    Mirror.objects.filter(connection=run.connection).update(read_at=began)


def _fold_moves(run: SyncRun, base: int) -> None:
    """A team that was never read will be, whole; of inactive people no team lists anything."""
    moves = StagedMove.objects.filter(run=run)
    left = moves.filter(
        person_id=OuterRef("person_id"), team_id=OuterRef("team_id"), is_member=False
    )
    StagedMember.objects.filter(Exists(left), run_id=base).delete()
    read = StagedTeam.objects.filter(run_id=base, integration_id=OuterRef("team_id"), is_read=True)
    inactive = StagedPerson.objects.filter(
        run_id=base, integration_id=OuterRef("person_id"), is_active=False, is_readable=True
    )
    joined = moves.filter(Exists(read), ~Exists(inactive), is_member=True)
    pairs = list(joined.values_list("team_id", "person_id"))
    for start in range(0, len(pairs), BATCH):
        store.insert(
            [
                StagedMember(run_id=base, team_id=team, person_id=person)
                for team, person in pairs[start : start + BATCH]
            ]
        )
    moves.delete()


def keep_or_empty(run: SyncRun) -> None:
    """At a run's end: a complete reading becomes the mirror, everything else that it staged goes."""
    if not _is_worth_keeping(run):
        empty(run.pk)
        return
    began = datetime.fromisoformat(run.cursor["began"])
    before = Mirror.objects.filter(connection=run.connection).first()
    source = source_of(run.connection)
    Mirror.objects.update_or_create(
        connection=run.connection,
        defaults={
            "account_id": run.account_id,
            "run": run,
            "source": source,
            "complete_at": began,
            "read_at": began,
            "nameless": run.cursor.get("nameless", 0),
            "agreed": before.agreed if before and before.source == source else 0,
        },
    )
    if before:
        empty(before.run_id)
    StagedCourse.objects.filter(run=run).delete()


def _is_worth_keeping(run: SyncRun) -> bool:
    cursor = run.cursor
    is_complete = cursor.get("is_whole") and not (cursor.get("singles") or run.mirror_id)
    is_partial = bool(run.person_id or run.group_id or run.hold_reason)
    is_on = settings.CHANGES != "off" and cursor.get("lists_changes")
    return bool(is_complete and is_on and not is_partial)


def forget(connection: Connection) -> None:
    for mirror in Mirror.objects.filter(connection=connection):
        empty(mirror.run_id)
        mirror.delete()


def empty(run_id: int) -> None:
    for model in (StagedMember, StagedMove, StagedPerson, StagedTeam, StagedCourse):
        model.objects.filter(run_id=run_id).delete()
