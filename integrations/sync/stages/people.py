"""The stages that plan people: who was read, who does not come any more, whom Litmos never knew."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.models import (
    Change,
    GroupLink,
    StagedMember,
    StagedPerson,
    SyncRun,
    TargetLink,
)
from integrations.sync import known
from integrations.sync.drafts import Draft, Person, Team
from integrations.sync.planner import plan_leaver, plan_person, plan_stranger, value_notes
from integrations.sync.stages.writing import BATCH, count, note_values, write
from targets.models import GroupMembership


def plan_people(run: SyncRun, after: int) -> int | None:
    staged = _read(run).filter(pk__gt=after).order_by("pk")
    rows = list(staged.values_list(*known.STAGED)[:BATCH])
    teams = known.teams_of(run)
    batch = known.people(run, rows, teams)
    context = known.context_of(run, batch, teams)
    drafts: list[Draft] = []
    unchanged = 0
    for person in batch:
        mine = plan_person(person, context)
        unchanged += not mine and person.is_eligible
        if any(row.kind == "PERSON" and row.action in ("CREATE", "UPDATE") for row in mine):
            note_values(run, value_notes(person))
            _count_fields(run, mine)
        drafts += mine
    write(run, drafts)
    is_last = len(rows) < BATCH
    count(run, "UNCHANGED.PERSON", unchanged + (_unchanged(run) if is_last else 0))
    return None if is_last else rows[-1][0]


def _unchanged(run: SyncRun) -> int:
    if run.person_id or run.cursor["plans_all"]:
        return 0
    rows = StagedPerson.objects.filter(run_id=run.staging_id)
    return rows.filter(is_changed=False, is_outside=False).count()


def _read(run: SyncRun) -> QuerySet[StagedPerson]:
    """Of whom there may be something to say. For one person alone, others are read only to be compared
    with."""
    rows = StagedPerson.objects.filter(run_id=run.staging_id)
    if run.person_id:
        return rows.filter(integration_id=run.person_id)
    return rows if run.cursor["plans_all"] else rows.filter(is_changed=True)


def _count_fields(run: SyncRun, rows: list[Draft]) -> None:
    for row in rows:
        for name in row.after if row.action == "UPDATE" else ():
            count(run, f"FIELD.{name}", 1)


def plan_leavers(run: SyncRun, after: int) -> int | None:
    """Linked people who do not come over in this reading; whoever could not be read stays."""
    links = list(_not_coming(run).filter(pk__gt=after).order_by("pk")[:BATCH])
    teams = known.teams_of(run)
    by_group = {team.group_id: team for team in teams.values() if team.group_id}
    found = _found(run, links, teams)
    holders = known.holders_of(run, _targets(links), teams)
    elsewhere = _active_elsewhere(run, links, set(by_group))
    known_gone = set(run.cursor.get("asked", []))
    named = _named(run, links) if run.cursor.get("is_whole") else None
    drafts: list[Draft] = []
    for holder in sorted(holders.values(), key=lambda holder: holder.target_id):
        person = found.get(holder.linked_id)
        is_doubted = named is None or holder.linked_id in named
        if person is None and is_doubted and holder.linked_id not in known_gone:
            continue
        drafts += plan_leaver(
            holder,
            found=person,
            teams=by_group,
            has_other_groups=holder.target_id in elsewhere,
        )
    write(run, drafts)
    return links[-1].pk if len(links) == BATCH else None


def _not_coming(run: SyncRun) -> QuerySet[TargetLink]:
    coming = StagedPerson.objects.filter(
        run_id=run.staging_id, is_outside=False, integration_id=OuterRef("integration_id")
    )
    relinked = Change.objects.filter(
        run=run, kind="PERSON", reason="RECREATED", target_id=OuterRef("target_id")
    )
    links = TargetLink.objects.filter(connection=run.connection)
    if "is_whole" not in run.cursor:
        return links.none()
    if run.person_id:
        links = links.filter(integration_id=run.person_id)
    if run.group_id:
        links = links.filter(target__memberships__group_id=run.group_id)
    return links.exclude(Exists(coming)).exclude(Exists(relinked))


def _targets(links: list[TargetLink]) -> Q:

    return Q(pk__among=[link.target_id for link in links])


def _found(run: SyncRun, links: list[TargetLink], teams: dict[str, Team]) -> dict[str, Person]:
    ids = [link.integration_id for link in links]
    staged = StagedPerson.objects.filter(run_id=run.staging_id, integration_id__among=ids)
    rows = list(staged.values_list(*known.STAGED))
    return {person.integration_id: person for person in known.people(run, rows, teams)}


def _named(run: SyncRun, links: list[TargetLink]) -> set[str]:
    """People whom a team of this reading lists: they are not gone even if the list of people lacks them."""
    ids = [link.integration_id for link in links]
    members = StagedMember.objects.filter(run_id=run.staging_id, person_id__among=ids)
    return set(members.values_list("person_id", flat=True))


def _active_elsewhere(run: SyncRun, links: list[TargetLink], groups: set[int]) -> set[int]:
    """Targets active in a group of this connection that the run leaves alone."""
    others = GroupLink.objects.filter(connection=run.connection).exclude(group_id__in=groups)
    active = GroupMembership.objects.filter(
        is_active=True,
        target_id__among=[link.target_id for link in links],
        group_id__in=list(others.values_list("group_id", flat=True)),
    )
    return set(active.values_list("target_id", flat=True))


def plan_strangers(run: SyncRun, after: int) -> int | None:
    """People active in a group of this run whom Litmos does not know: an adopted group is its team."""
    if "is_whole" not in run.cursor or run.person_id:
        return None
    teams = known.teams_of(run)
    by_group = {team.group_id: team for team in teams.values() if team.group_id}
    linked = TargetLink.objects.filter(connection=run.connection, target=OuterRef("target"))
    matched = Change.objects.filter(
        run=run, kind="PERSON", action="UPDATE", target_id=OuterRef("target_id")
    )
    rows = list(
        GroupMembership.objects.filter(
            is_active=True, is_kept=False, group_id__in=list(by_group), pk__gt=after
        )
        .exclude(Exists(linked))
        .exclude(Exists(matched))
        .order_by("pk")[:BATCH]
    )

    holders = known.holders_of(run, Q(pk__among={row.target_id for row in rows}), teams)
    by_target = {holder.target_id: holder for holder in holders.values()}
    write(
        run,
        (
            plan_stranger(
                by_target[row.target_id], group_id=row.group_id, team=by_group[row.group_id]
            )
            for row in rows
        ),
    )
    return rows[-1].pk if len(rows) == BATCH else None
