"""Which removals wait for a person. Pure: numbers in, reasons out."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A hold needs more than the number and more than the share (0 to 1) of what was there. `is_off`: no
    number of people or teams is too many; a reading that looks wrong as a whole is held all the same."""

    people: int = 10
    people_share: float = 0.20
    people_at_most: int = 500
    group_people: int = 10
    group_share: float = 0.50
    teams: int = 3
    teams_share: float = 0.20
    unreadable_share: float = 0.20
    known_at_least: int = 10
    known_share: float = 0.50
    is_off: bool = False

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Thresholds:
        names = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    active: int
    leaving: int
    is_emptied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`known` are the linked people not gone before this run, `seen` those of them who were read,
    `strangers` the active people who were read and are linked to nobody; `active` those with an active
    membership; `leaving` those who would have none."""

    received: int
    unreadable: int
    known: int
    seen: int
    strangers: int = 0
    active: int
    leaving: int
    teams: int
    teams_gone: int
    groups: dict[int, GroupFigures] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """`everything`, `removals` and `teams` are hold reasons, '' for none; `groups` maps a group
    to the reason that holds its removals."""

    everything: str = ""
    removals: str = ""
    teams: str = ""
    groups: dict[int, str] = field(default_factory=dict)


def judge(figures: Figures, limits: Thresholds) -> Verdict:
    return Verdict(
        everything=_everything(figures, limits),
        removals=_removals(figures, limits),
        teams="team_removals" if _too_many_teams(figures, limits) else "",
        groups={
            group_id: reason
            for group_id, group in figures.groups.items()
            if (reason := _group(group, limits))
        },
    )


def _everything(figures: Figures, limits: Thresholds) -> str:
    if figures.known and not figures.received:
        return "tenant_empty"
    if figures.unreadable > limits.unreadable_share * figures.received:
        return "unreadable"
    is_other = _is_half_gone(figures, limits) and figures.strangers > figures.seen
    return "half_unknown" if is_other else ""


def _is_half_gone(figures: Figures, limits: Thresholds) -> bool:
    is_known_well = figures.known > limits.known_at_least
    return is_known_well and figures.seen < limits.known_share * figures.known


def _removals(figures: Figures, limits: Thresholds) -> str:
    if _is_half_gone(figures, limits):
        return "half_gone"
    return "removals" if _too_many_people(figures, limits) else ""


def _too_many_people(figures: Figures, limits: Thresholds) -> bool:
    return (
        not limits.is_off
        and figures.leaving > limits.people
        and (
            figures.leaving > limits.people_share * figures.active
            or figures.leaving > limits.people_at_most
        )
    )


def _too_many_teams(figures: Figures, limits: Thresholds) -> bool:
    return (
        not limits.is_off
        and figures.teams_gone > limits.teams
        and (figures.teams_gone > limits.teams_share * figures.teams)
    )


def _group(group: GroupFigures, limits: Thresholds) -> str:
    if group.is_emptied and group.leaving:
        return "team_empty"
    is_many = not limits.is_off and group.leaving > limits.group_people
    return "group_removals" if is_many and group.leaving > limits.group_share * group.active else ""
