"""The plan's first stage: what the teams ask for in the groups."""

from __future__ import annotations

from integrations.models import StagedTeam, SyncContent, SyncRun, TargetLink
from integrations.sync import known, marks
from integrations.sync.drafts import Draft, Known, Team
from integrations.sync.group_planner import plan_absent, plan_groups, plan_left_alone
from integrations.sync.scope import Scope, follows, scope_of
from integrations.sync.stages.writing import write


def plan_group_rows(run: SyncRun, _after: int) -> None:
    staged = {
        team.integration_id: team for team in StagedTeam.objects.filter(run_id=run.staging_id)
    }
    groups = known.known_groups(run)
    wanted = [
        Team(integration_id=team.integration_id, name=team.name, group_id=team.group_id)
        for team in staged.values()
        if team.is_in_scope and team.is_listed
    ]
    plan = plan_groups(wanted, groups, follows=follows(run))
    write(run, [*plan.rows, *_absent(run, groups, staged)])
    for team in wanted:
        row = staged[team.integration_id]
        row.is_in_scope = team.integration_id in plan.group_ids
        row.group_id = plan.group_ids.get(team.integration_id)
    StagedTeam.objects.bulk_update(staged.values(), ["is_in_scope", "group_id"], batch_size=500)
    mark_people(run)


def _absent(run: SyncRun, groups: list[Known], staged: dict[str, StagedTeam]) -> list[Draft]:
    scope, linked = scope_of(run), [group for group in groups if group.team_id]
    rows = (_absent_row(run, scope, group, staged.get(group.team_id)) for group in linked)
    return [row for row in rows if row]


def _absent_row(run: SyncRun, scope: Scope, group: Known, team: StagedTeam | None) -> Draft | None:
    """What becomes of a linked group that does not go on as a team of this run."""
    if scope.only_group_id is not None and group.group_id != scope.only_group_id:
        return None
    if group.is_locked or group.is_archived:
        reason = "LOCKED" if group.is_locked else "ARCHIVED"
        return plan_left_alone(group, reason=reason)
    if scope.unlinks and not scope.is_chosen(group.team_id):
        return plan_absent(group, reason=_unlink_reason(run))
    return _lost_row(group, team) if team and (team.is_missing or not team.is_listed) else None


def _lost_row(group: Known, team: StagedTeam) -> Draft | None:
    """A team that is gone, or that contradicts itself: listed and not there, or the other way round."""
    if not team.is_listed and group.is_gone:
        return None
    if team.is_listed or not team.is_in_scope:
        return plan_left_alone(group, reason="TEAM_UNREAD")
    return plan_absent(group, reason="TEAM_GONE")


def _unlink_reason(run: SyncRun) -> str:
    is_courses = run.connection.sync_content == SyncContent.COURSES
    return "NO_LONGER_USERS" if is_courses else "NOT_CHOSEN"


def mark_people(run: SyncRun, _after: int = 0) -> None:
    """Without anybody to compare with, all are planned anyway."""
    known = TargetLink.objects.filter(connection=run.connection).exists()
    run.cursor["plans_all"] = not known
    marks.mark_outside(run)
    marks.mark_contested(run)
    if known:
        marks.mark_changed(run)
