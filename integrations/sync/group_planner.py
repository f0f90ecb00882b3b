"""Which changes the teams that were read ask for in the groups. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from groups.names import name_key
from integrations.sync.drafts import Draft, Known, Team


@dataclass(slots=True)
class GroupPlan:
    """`follows`: adopted groups get Auto-Sync. `group_ids` maps each team that goes on to its group
    (None: to be made); a team that is not in it was refused and the run leaves its people alone."""

    follows: bool = True
    rows: list[Draft] = field(default_factory=list)
    group_ids: dict[str, int | None] = field(default_factory=dict)


def plan_groups(
    teams: Iterable[Team], known: Iterable[Known], *, follows: bool = True
) -> GroupPlan:
    """Linked teams first, then by id, so that of two teams of one name the earlier keeps it."""
    groups = list(known)
    by_team = {group.team_id: group for group in groups if group.team_id}
    names = {group.name_key: group for group in groups}
    claimed: set[str] = set()
    plan = GroupPlan(follows)
    ordered = sorted(teams, key=lambda t: (t.integration_id not in by_team, t.integration_id))
    for team in ordered:
        linked = by_team.get(team.integration_id)
        if linked:
            _keep(plan, team, linked, names, claimed)
        else:
            _enter(plan, team, names, claimed)
    return plan


def _keep(
    plan: GroupPlan, team: Team, group: Known, names: dict[str, Known], claimed: set[str]
) -> None:
    plan.group_ids[team.integration_id] = group.group_id
    if group.is_gone:
        plan.rows.append(_row(team, "REACTIVATE", group, reason="BACK"))
    if team.name == group.remote_name:
        return
    key = name_key(team.name)
    holder = names.get(key)
    if key in claimed or (holder and holder.group_id != group.group_id):
        plan.rows.append(_refuse(team, "NAME_TAKEN", group))
        return
    claimed.add(key)
    row = _row(team, "UPDATE", group)
    row.before, row.after = {"name": group.name}, {"name": team.name}
    plan.rows.append(row)


def _enter(plan: GroupPlan, team: Team, names: dict[str, Known], claimed: set[str]) -> None:
    key = name_key(team.name)
    holder = names.get(key)
    if holder and not holder.team_id and key not in claimed:
        _adopt(plan, team, holder, claimed)
        return
    name = team.name
    if holder or key in claimed:
        name = _with_suffix(team.name, names, claimed)
        plan.rows.append(_warn_same_name(team, name))
    claimed.add(name_key(name))
    plan.group_ids[team.integration_id] = None
    row = _row(team, "CREATE", None)
    row.after = {"name": name}
    plan.rows.append(row)


def _adopt(plan: GroupPlan, team: Team, group: Known, claimed: set[str]) -> None:
    refusal = _refusal(group)
    if refusal:
        plan.rows.append(_refuse(team, refusal, group))
        return
    claimed.add(group.name_key)
    plan.group_ids[team.integration_id] = group.group_id
    row = _row(team, "ADOPT", group)
    row.before = {"name": group.name, "auto_sync": _switch(group.auto_sync)}
    row.after = {"name": team.name, "auto_sync": _switch(plan.follows)}
    if group.source:
        row.before["source"] = group.source
    plan.rows.append(row)


def _refusal(group: Known) -> str:
    if group.is_foreign:
        return "OTHER_INTEGRATION"
    if group.is_locked:
        return "LOCKED"
    return "ARCHIVED" if group.is_archived else ""


def _with_suffix(name: str, names: dict[str, Known], claimed: set[str]) -> str:
    number = 2
    while name_key(f"{name[:245]} ({number})") in names.keys() | claimed:
        number += 1
    return f"{name[:245]} ({number})"


def plan_absent(group: Known, *, reason: str) -> Draft:
    """The row for a linked group whose team is gone (TEAM_GONE) or no longer wanted."""
    action = "DEACTIVATE" if reason == "TEAM_GONE" else "UNLINK"
    team = Team(integration_id=group.team_id, name=group.name, group_id=group.group_id)
    row = _row(team, action, group, reason=reason)
    if action == "UNLINK":
        row.before = {"team": group.remote_name, "auto_sync": _switch(group.auto_sync)}
        row.after = {"team": "", "auto_sync": "off"}
    return row


def plan_left_alone(group: Known, *, reason: str) -> Draft:
    """A linked group that this run may not touch: LOCKED, ARCHIVED or TEAM_UNREAD."""
    team = Team(integration_id=group.team_id, name=group.name, group_id=group.group_id)
    return _refuse(team, reason, group)


def _switch(is_on: bool) -> str:
    return "on" if is_on else "off"


def _warn_same_name(team: Team, name: str) -> Draft:
    row = _row(team, "WARN", None, reason="SAME_NAME")
    row.kind, row.outcome, row.reason_args = "NOTE", "SKIPPED", {"name": name}
    return row


def _refuse(team: Team, reason: str, group: Known) -> Draft:
    row = _row(team, "SKIP", group, reason=reason)
    row.outcome = "SKIPPED"
    row.reason_args = {"group": group.name}
    return row


def _row(team: Team, action: str, group: Known | None, *, reason: str = "") -> Draft:
    return Draft(
        kind="GROUP",
        action=action,
        reason=reason,
        integration_id=team.integration_id,
        label=team.name,
        group_id=group.group_id if group else None,
    )
