"""The shadow: does the mirror, brought up to date by changes alone, equal a complete reading?

What changed while the complete reading went on is in one and not in the other, so whoever the lists of
changes name since then is left out of the comparison.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from integrations.contract.provider import Session
from integrations.models import Mirror, Phase, StagedMember, StagedPerson, StagedTeam, SyncRun
from integrations.sync import journal, ways
from integrations.sync.pages import commit

#: Clocks of the two sides may differ by this.
SKEW = timedelta(hours=1)
MOST_RECENT = 500


def compare(run: SyncRun, session: Session) -> None:
    """One page of what changed meanwhile, people first; after the last one the verdict."""
    begin = datetime.fromisoformat(run.cursor["began"]) - SKEW
    until = ways.now() + timedelta(hours=settings.CHANGES_OVERLAP_HOURS)
    start, is_moves = run.cursor["start"], run.cursor.get("moves", False)
    cursor = dict(run.cursor)
    recent = set(cursor.get("recent", []))
    if is_moves:
        moves = session.read_moves(begin, until, start)
        recent |= {record.person_id for record in moves.records}
        received, is_last = moves.received, moves.is_last
    else:
        people = session.read_changed_people(begin, until, start)
        recent |= {record.person.integration_id for record in people.records}
        received, is_last = people.received, people.is_last
    cursor["recent"] = sorted(recent)
    cursor["start"] = 0 if is_last else start + received
    cursor["moves"] = is_moves or is_last
    with transaction.atomic():
        commit(run, session, Phase.CHANGES, cursor)
        if len(recent) > MOST_RECENT:
            _end(run, {"refused": "MOVING"})
        elif is_last and is_moves:
            _end(run, _differences(run, recent))


def _differences(run: SyncRun, recent: set[str]) -> dict[str, Any]:
    base = run.cursor["base"]
    people = set(_unequal(run.pk, base)) | set(_unequal(base, run.pk))
    members = _only_in(run.pk, base).exclude(person_id__in=recent).count()
    members += _only_in(base, run.pk).exclude(person_id__in=recent).count()
    return {"people": len(people - recent), "members": members, "changed": run.cursor["changed"]}


def _unequal(run_id: int, other: int) -> QuerySet[StagedPerson, str]:
    equal = StagedPerson.objects.filter(
        run_id=other,
        integration_id=OuterRef("integration_id"),
        fingerprint=OuterRef("fingerprint"),
        is_active=OuterRef("is_active"),
        is_readable=OuterRef("is_readable"),
    )
    rows = StagedPerson.objects.filter(~Exists(equal), run_id=run_id)
    return rows.values_list("integration_id", flat=True)


def _only_in(run_id: int, other: int) -> QuerySet[StagedMember]:
    """Of teams whose members both have read."""
    read = StagedTeam.objects.filter(
        integration_id=OuterRef("team_id"), is_read=True, is_missing=False
    )
    there = StagedMember.objects.filter(
        run_id=other, team_id=OuterRef("team_id"), person_id=OuterRef("person_id")
    )
    rows = StagedMember.objects.filter(~Exists(there), run_id=run_id)
    return rows.filter(Exists(read.filter(run_id=run_id)), Exists(read.filter(run_id=other)))


def _end(run: SyncRun, found: dict[str, Any]) -> None:
    mirror = Mirror.objects.filter(connection=run.connection)
    if found.get("people") or found.get("members"):
        mirror.update(agreed=0)
    elif found.get("changed"):
        for one in mirror:
            mirror.update(agreed=one.agreed + 1)
    reading = {**run.reading, "shadow": found}
    cursor = {name: value for name, value in run.cursor.items() if name not in ("recent", "moves")}
    journal.checkpoint(
        run, phase=ways.after_people(run), reading=reading, cursor={**cursor, "start": 0}
    )
