"""Which teams a run covers, and which linked groups it lets go."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.models import Connection, GroupLink, SyncContent, SyncRun, Trigger

PARTIAL = (Trigger.ONE, Trigger.PERSON)


@dataclass(frozen=True, slots=True)
class Scope:
    """`takes_new`: teams without a group come in too. `unlinks`: groups whose team is not chosen any
    more are let go. `chosen` is None for all teams."""

    takes_new: bool
    unlinks: bool
    chosen: frozenset[str] | None
    only_group_id: int | None = None
    only_auto: bool = False

    @property
    def is_narrow(self) -> bool:
        """Some teams alone: then their members tell whom else to read."""
        return self.chosen is not None or self.only_group_id is not None

    def wants(self, team_id: str, link: GroupLink | None) -> bool:
        if link is None:
            return self.takes_new and self.is_chosen(team_id)
        if link.group.locked or link.group.is_archived:
            return False
        if self.only_group_id is not None:
            return link.group_id == self.only_group_id
        if self.only_auto and not link.group.auto_sync:
            return False
        return not self.unlinks or self.is_chosen(team_id)

    def is_chosen(self, team_id: str) -> bool:
        return self.chosen is None or team_id in self.chosen


def scope_of(run: SyncRun) -> Scope:
    """By night only groups with Auto-Sync are followed, even while the connection is not Active; an
    Active one also takes what is new."""
    connection = run.connection
    if run.trigger == Trigger.ONE:
        return Scope(takes_new=False, unlinks=False, chosen=None, only_group_id=run.group_id or 0)
    if run.trigger == Trigger.PERSON:
        return Scope(takes_new=False, unlinks=False, chosen=None)
    is_night = run.trigger == Trigger.AUTO
    rules = connection.is_active or not is_night
    return Scope(takes_new=rules, unlinks=rules, chosen=_chosen(connection), only_auto=is_night)


def _chosen(connection: Connection) -> frozenset[str] | None:
    if connection.sync_content == SyncContent.COURSES:
        return frozenset()
    if connection.sync_all_groups:
        return None
    return frozenset(connection.chosen_teams.values_list("integration_id", flat=True))


def reads_people(run: SyncRun) -> bool:
    return run.trigger in PARTIAL or run.connection.sync_content == SyncContent.COURSES_USERS


def reads_courses(run: SyncRun) -> bool:
    """By night only while Active; never for one group or one person alone."""
    is_night = run.trigger == Trigger.AUTO
    return run.trigger not in PARTIAL and (run.connection.is_active or not is_night)


def follows(run: SyncRun) -> bool:
    """Groups made by a sync follow their team, unless a one-time sync was told otherwise."""
    return run.turns_auto_sync_on or run.trigger != Trigger.MANUAL
