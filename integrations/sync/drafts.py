"""The planner's values: what it is told and what it proposes. Pure Python.

The words of `models.run` (Kind, Action, Outcome, Reason) are stored as these plain strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Draft:
    """One proposed row of the plan; the attributes are those of `models.Change`."""

    kind: str
    action: str
    label: str
    outcome: str = "PLANNED"
    reason: str = ""
    reason_args: dict[str, Any] = field(default_factory=dict)
    integration_id: str = ""
    team_id: str = ""
    detail: str = ""
    target_id: int | None = None
    group_id: int | None = None
    course_id: int | None = None
    team_ids: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team of this run. `group_id` is of the linked group, None before it has one."""

    integration_id: str
    name: str
    group_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A group of the account as it is. `team_id` and `remote_name` are of its link to this
    connection, '' without one; `is_foreign`: it belongs to another integration."""

    group_id: int
    name: str
    name_key: str
    team_id: str = ""
    remote_name: str = ""
    source: str = ""
    auto_sync: bool = False
    is_gone: bool = False
    is_foreign: bool = False
    is_locked: bool = False
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as read. `teams` are the ids of the teams of this run that they are in."""

    integration_id: str
    email: str
    email_key: str
    email_problem: str
    raw_email: str
    is_active: bool
    is_readable: bool
    values: dict[str, str]
    notes: list[list[str]]
    fingerprint: str
    teams: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        return self.values.get("name") or self.email or self.raw_email or self.integration_id

    @property
    def is_eligible(self) -> bool:
        return self.is_active and self.is_readable and bool(self.teams)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One membership of a target in a group of this run. `is_kept`: an administrator decided that it
    stays, though the source does not list it."""

    group_id: int
    is_active: bool
    is_by_sync: bool
    is_kept: bool = False

    @property
    def can_leave(self) -> bool:
        return self.is_active and not self.is_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A target as it is. `linked_id` is the person it is linked to at this connection, '' without
    one; `is_link_alive`: that person was read now and is active (or could not be read)."""

    target_id: int
    email: str
    values: dict[str, str]
    source: str = ""
    linked_id: str = ""
    fingerprint: str = ""
    is_gone: bool = False
    is_link_alive: bool = False
    seats: tuple[Seat, ...] = ()

    @property
    def label(self) -> str:
        return self.values.get("name") or self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a batch of people is planned against. `winners` maps an e-mail key to the one person of
    this reading who may have it; `reports_others`: people of no team get a row; `kept` are the fields
    of known people that stay as they are."""

    by_id: dict[str, Holder]
    by_email: dict[str, Holder]
    winners: dict[str, str]
    teams: dict[str, Team]
    reports_others: bool = True
    kept: frozenset[str] = frozenset()
