"""Asks Litmos itself about the few who are missing, before anybody is believed to be gone."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from integrations.contract.errors import Missing
from integrations.contract.provider import Session
from integrations.models import Phase, StagedPerson, StagedTeam, SyncRun, TargetLink
from integrations.sync import journal, store
from integrations.sync.pages import count_calls, staged_person

MOST = 25


def confirm(run: SyncRun, session: Session) -> str:
    """One question a call; more than 25 missing are left to the guard."""
    teams = StagedTeam.objects.filter(
        run_id=run.staging_id, is_listed=False, is_in_scope=True, is_read=False
    )
    if 0 < teams.count() <= MOST:
        _ask_team(run, session, teams.order_by("pk")[0])
        return Phase.CONFIRM
    missing = missing_ids(run)
    if 0 < len(missing) <= MOST - len(run.cursor.get("asked", [])):
        _ask_person(run, session, missing[0])
        return Phase.CONFIRM
    journal.checkpoint(run, phase=Phase.PLAN, cursor={**run.cursor, "stage": "GROUPS", "after": 0})
    return Phase.PLAN


def unread_links(run: SyncRun) -> QuerySet[TargetLink]:
    """Linked people, not gone before, whom this reading does not have."""
    read = StagedPerson.objects.filter(
        run_id=run.staging_id, integration_id=OuterRef("integration_id")
    )
    links = TargetLink.objects.filter(connection_id=run.connection_id, gone_at=None)
    return links.exclude(Exists(read))


def missing_ids(run: SyncRun) -> list[str]:
    if "is_whole" not in run.cursor or run.cursor.get("singles"):
        return []
    asked = run.cursor.get("asked", [])
    links = unread_links(run).exclude(integration_id__in=asked).order_by("pk")
    return list(links.values_list("integration_id", flat=True)[: MOST + 1])


def _ask_team(run: SyncRun, session: Session, team: StagedTeam) -> None:
    team.is_read = True
    try:
        session.read_members(team.integration_id, 0)
        team.is_in_scope = False
    except Missing:
        team.is_missing = True
    count_calls(run, session)
    with transaction.atomic():
        journal.checkpoint(run, calls=run.calls)
        team.save(update_fields=["is_read", "is_missing", "is_in_scope"])


def _ask_person(run: SyncRun, session: Session, integration_id: str) -> None:
    record = session.find_person(integration_id)
    count_calls(run, session)
    asked = [*run.cursor.get("asked", []), integration_id]
    with transaction.atomic():
        journal.checkpoint(run, cursor={**run.cursor, "asked": asked}, calls=run.calls)
        if record:
            store.insert([staged_person(run, record)])
