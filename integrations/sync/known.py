"""Loads, for one batch, what the planner has to know: a fixed number of queries whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q

from groups.models import Group
from integrations.contract.records import FIELD_LENGTHS
from integrations.models import (
    FieldRule,
    GroupLink,
    StagedMember,
    StagedPerson,
    StagedTeam,
    SyncRun,
    TargetLink,
)
from integrations.sync import among  # noqa: F401 the lookup
from integrations.sync.drafts import Context, Holder, Known, Person, Seat, Team
from integrations.sync.field_rules import fields_with
from targets.models import GroupMembership, SetBy, Target

FIELDS = tuple(FIELD_LENGTHS)


def known_groups(run: SyncRun) -> list[Known]:
    """Every group of the account, with its link to this connection or the mark of another's."""
    links = {link.group_id: link for link in GroupLink.objects.filter(account_id=run.account_id)}
    return [_known(group, links.get(group.pk), run) for group in Group.objects.order_by("pk")]


def _known(group: Group, link: GroupLink | None, run: SyncRun) -> Known:
    is_ours = link is not None and link.connection_id == run.connection_id
    return Known(
        group_id=group.pk,
        name=group.name,
        name_key=group.name_key,
        team_id=link.integration_id if link and is_ours else "",
        remote_name=link.remote_name if link and is_ours else "",
        source=group.source,
        auto_sync=group.auto_sync,
        is_gone=bool(link and is_ours and link.gone_at),
        is_foreign=(link is not None and not is_ours)
        or (link is None and group.source not in ("", run.connection.provider)),
        is_locked=group.locked,
        is_archived=group.is_archived,
    )


def teams_of(run: SyncRun) -> dict[str, Team]:
    """The teams whose people this run plans, gone ones included: they have nobody."""
    staged = StagedTeam.objects.filter(run_id=run.staging_id, is_in_scope=True)
    return {
        team.integration_id: Team(
            integration_id=team.integration_id, name=team.name, group_id=team.group_id
        )
        for team in staged
    }


#: What `people` is given: rows of `values_list` of these.
STAGED = (
    "pk",
    "integration_id",
    "email",
    "email_key",
    "email_problem",
    "raw_email",
    "is_active",
    "is_readable",
    "notes",
    "fingerprint",
    *FIELDS,
)
Staged = tuple[Any, ...]


def people(run: SyncRun, rows: Collection[Staged], teams: dict[str, Team]) -> list[Person]:
    memberships: dict[str, set[str]] = defaultdict(set)
    members = StagedMember.objects.filter(
        run_id=run.staging_id, person_id__among=[row[1] for row in rows]
    )
    for person_id, team_id in members.values_list("person_id", "team_id"):
        if team_id in teams:
            memberships[person_id].add(team_id)
    return [_person(row, frozenset(memberships.get(row[1], ()))) for row in rows]


def _person(row: Staged, teams: frozenset[str]) -> Person:
    _, person_id, email, key, problem, raw_email, is_active, is_readable, notes, mark, *values = row
    return Person(
        integration_id=person_id,
        email=email,
        email_key=key,
        email_problem=problem,
        raw_email=raw_email,
        is_active=is_active,
        is_readable=is_readable,
        values=dict(zip(FIELDS, values, strict=True)),
        notes=notes,
        fingerprint=mark,
        teams=teams,
    )


def context_of(run: SyncRun, batch: list[Person], teams: dict[str, Team]) -> Context:
    keys = {person.email_key for person in batch if person.is_eligible and person.email_key}
    ids = {person.integration_id for person in batch}
    links = TargetLink.objects.filter(connection=run.connection, integration_id__among=ids)
    linked = list(links.values_list("target_id", flat=True))
    holders = holders_of(run, Q(email_key__among=keys) | Q(pk__among=linked), teams)
    by_email = {key: holder for key, holder in holders.items() if key in keys}
    return Context(
        by_id={h.linked_id: h for h in holders.values() if h.linked_id in ids},
        by_email=by_email,
        winners=_winners(run, keys),
        teams=teams,
        reports_others=run.group_id is None,
        kept=fields_with(run.field_rules, FieldRule.KEEP),
    )


def holders_of(run: SyncRun, where: Q, teams: dict[str, Team]) -> dict[str, Holder]:
    """Targets by e-mail key."""
    targets = list(Target.objects.filter(where))
    ids = [target.pk for target in targets]
    mine = TargetLink.objects.filter(connection=run.connection, target_id__among=ids)
    links = {link.target_id: link for link in mine}
    alive = _alive(run, [link.integration_id for link in links.values()])
    seats = _seats(ids, teams)
    return {
        target.email_key: _holder(target, links.get(target.pk), alive, seats[target.pk])
        for target in targets
    }


def _holder(target: Target, link: TargetLink | None, alive: set[str], seats: list[Seat]) -> Holder:
    return Holder(
        target_id=target.pk,
        email=target.email,
        values={name: getattr(target, name) for name in FIELDS},
        source=target.source,
        linked_id=link.integration_id if link else "",
        fingerprint=link.fingerprint if link else "",
        is_gone=bool(link and link.gone_at),
        is_link_alive=bool(link and link.integration_id in alive),
        seats=tuple(seats),
    )


def _alive(run: SyncRun, ids: Collection[str]) -> set[str]:
    staged = StagedPerson.objects.filter(run_id=run.staging_id, integration_id__among=ids)
    found = staged.filter(Q(is_active=True) | Q(is_readable=False))
    return set(found.values_list("integration_id", flat=True))


def _seats(target_ids: Collection[int], teams: dict[str, Team]) -> dict[int, list[Seat]]:
    groups = [team.group_id for team in teams.values() if team.group_id]
    seats: dict[int, list[Seat]] = defaultdict(list)
    rows = GroupMembership.objects.filter(target_id__among=target_ids, group_id__among=groups)
    names = ("target_id", "group_id", "is_active", "set_by", "is_kept")
    for target_id, group_id, is_active, set_by, is_kept in rows.order_by("group_id").values_list(
        *names
    ):
        seats[target_id].append(
            Seat(
                group_id=group_id,
                is_active=is_active,
                is_by_sync=set_by == SetBy.SYNC,
                is_kept=is_kept,
            )
        )
    return seats


def _winners(run: SyncRun, keys: Iterable[str]) -> dict[str, str]:
    """Of several people with one address: who is linked already, then the lowest id."""
    claimants: dict[str, list[str]] = defaultdict(list)
    staged = StagedPerson.objects.filter(
        run_id=run.staging_id, is_contested=True, email_key__among=list(keys)
    )
    for key, person_id in staged.values_list("email_key", "integration_id"):
        claimants[key].append(person_id)
    linked = _linked({person_id for ids in claimants.values() for person_id in ids}, run)
    return {key: min(ids, key=lambda i: (i not in linked, i)) for key, ids in claimants.items()}


def _linked(ids: Collection[str], run: SyncRun) -> set[str]:
    links = TargetLink.objects.filter(connection=run.connection, integration_id__among=ids)
    return set(links.values_list("integration_id", flat=True))
