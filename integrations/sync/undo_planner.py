"""How a change that was carried out is put back. Pure: a row and what is there now, in; drafts, out.

What has changed since is left alone, and a row says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from integrations.sync.drafts import Draft

UNLINKED = "MATCHED_BY_EMAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A membership as it is now."""

    is_active: bool
    is_by_sync: bool

    @property
    def is_as_put(self) -> bool:
        """Switched off by a sync, and by nobody since."""
        return not self.is_active and self.is_by_sync


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What a row speaks of, as it is now. `values` are the fields of the person, group or course, None
    when it is no longer there; `spots` maps a team id to the person's place in its group, the key ''
    being the group of the row itself; `blocked` are fields whose old value somebody else has now."""

    values: dict[str, str] | None = None
    spots: dict[str, Spot] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()


def plan_back(row: Draft, now: Present) -> list[Draft]:
    """The rows that put one carried-out change back; a SKIP for what has changed since."""
    if now.values is None:
        return [_left(row)]
    return BACK[row.kind](row, now)


def _person(row: Draft, now: Present) -> list[Draft]:
    match row.action:
        case "UPDATE":
            return _values(row, now)
        case "CREATE":
            return [_out(row, now)]
        case "DEACTIVATE":
            return [_in_again(row, now)]
        case "REACTIVATE":
            back = _out(row, now)
            back.after = {"state": "gone"}
            return [back]
    return []


def _values(row: Draft, now: Present) -> list[Draft]:
    """Field by field: what still is as the sync left it gets its old value."""
    current = now.values or {}
    same = [
        name
        for name in row.after
        if current.get(name, "") == row.after[name] and name not in now.blocked
    ]
    moved = [name for name in row.after if name not in same]
    rows: list[Draft] = []
    if same or row.reason == UNLINKED:
        back = _copy(row, "UPDATE")
        back.before = {name: row.after[name] for name in same}
        back.after = {name: row.before.get(name, "") for name in same}
        if row.reason == UNLINKED:
            back.before["source"] = current.get("source", "")
            back.after["source"] = row.before.get("source", "")
            back.reason_args = {"unlinks": True}
        rows.append(back)
    return [*rows, _left(row, moved)] if moved else rows


def _out(row: Draft, now: Present) -> Draft:
    """Somebody who came in goes out of the groups they came into."""
    row_back = _copy(row, "DEACTIVATE")
    row_back.team_ids = [team for team in row.team_ids if _is_in(now.spots.get(team))]
    return row_back


def _is_in(spot: Spot | None) -> bool:
    return spot is not None and spot.is_active


def _in_again(row: Draft, now: Present) -> Draft:
    back = _copy(row, "REACTIVATE")
    spots = {team: now.spots.get(team) for team in row.team_ids}
    back.team_ids = [team for team, spot in spots.items() if spot and spot.is_as_put]
    if row.team_ids and not back.team_ids:
        return _left(row)
    return back


def _membership(row: Draft, now: Present) -> list[Draft]:
    spot = now.spots.get("")
    if row.action == "DEACTIVATE":
        return [_copy(row, "REACTIVATE") if spot and spot.is_as_put else _left(row)]
    return [_copy(row, "DEACTIVATE") if _is_in(spot) else _left(row)]


def _group(row: Draft, now: Present) -> list[Draft]:
    if row.action == "UPDATE":
        return _values(row, now)
    current = now.values or {}
    is_followed, is_gone = bool(current.get("team")), bool(current.get("gone"))
    back = {
        "CREATE": (current.get("state") == "active", _copy(row, "DEACTIVATE")),
        "ADOPT": (is_followed, _restore(row, "UNLINK", now)),
        "UNLINK": (not is_followed, _restore(row, "ADOPT", now)),
        "DEACTIVATE": (is_gone, _copy(row, "REACTIVATE")),
        "REACTIVATE": (not is_gone, _gone_again(row)),
    }
    is_as_left, undone = back[row.action]
    return [undone if is_as_left else _left(row)]


def _restore(row: Draft, action: str, now: Present) -> Draft:
    back = _copy(row, action)
    back.before, back.after = dict(row.after), dict(row.before)
    for name in now.blocked:
        back.after[name] = (now.values or {}).get(name, "")
    return back


def _gone_again(row: Draft) -> Draft:
    back = _copy(row, "DEACTIVATE")
    back.after = {"state": "gone"}
    return back


def _course(row: Draft, now: Present) -> list[Draft]:
    if row.action == "UPDATE":
        return _values(row, now)
    state = (now.values or {}).get("state", "")
    if row.action == "CREATE":
        return [_set_state(row, state, "gone")]
    return [
        _set_state(row, state, row.before["state"]) if state == row.after["state"] else _left(row)
    ]


def _set_state(row: Draft, now: str, then: str) -> Draft:
    back = _copy(row, "REACTIVATE" if then == "active" else "DEACTIVATE")
    back.before, back.after = {"state": now}, {"state": then}
    return back


def _copy(row: Draft, action: str) -> Draft:
    return Draft(
        kind=row.kind,
        action=action,
        reason="UNDONE",
        label=row.label,
        detail=row.detail,
        integration_id=row.integration_id,
        team_id=row.team_id,
        target_id=row.target_id,
        group_id=row.group_id,
        course_id=row.course_id,
    )


def _left(row: Draft, fields: list[str] | None = None) -> Draft:
    left = _copy(row, "SKIP")
    left.outcome, left.reason = "SKIPPED", "CHANGED_SINCE"
    left.reason_args = {"fields": fields} if fields else {}
    return left


BACK: dict[str, Callable[[Draft, Present], list[Draft]]] = {
    "PERSON": _person,
    "MEMBERSHIP": _membership,
    "GROUP": _group,
    "COURSE": _course,
}


def as_draft(row: Any) -> Draft:
    """A stored row (`models.Change`) as the planner's value."""
    return Draft(**{name: getattr(row, name) for name in Draft.__dataclass_fields__})
