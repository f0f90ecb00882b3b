"""What a plan would do, one line each: the blast radius on top of a preview."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from integrations.models import Action, Change, Kind, Outcome, SyncRun
from integrations.wording import field_label
from targets.seats import seats_used

MOST_NAMES = 5
MOST_ROWS = 20
WHY: dict[str, str] = {
    "LEFT_TEAM": "left one team",
    "NOT_IN_TEAM": "in a group, but not in its team",
    "NO_TEAM": "in no synced team any more",
    "INACTIVE_REMOTE": "inactive at the source",
    "GONE": "gone from the source",
    "UNDONE": "put back as before",
    "NO_EMAIL": "no e-mail address",
    "INVALID_EMAIL": "no valid e-mail address",
    "IN_NO_TEAM": "in no synced team",
    "ERASED": "erased here",
    "EMAIL_TAKEN": "e-mail address already used",
    "SEAT_LIMIT": "no free seat",
    "UNREADABLE": "unreadable record",
    "LOCKED": "locked group",
    "ARCHIVED": "archived group",
    "OTHER_INTEGRATION": "group of another integration",
    "NAME_TAKEN": "new name already used",
    "TEAM_UNREAD": "team could not be read",
    "CHANGED_SINCE": "changed since",
}


@dataclass(frozen=True, slots=True)
class Line:
    """`label` and `number` head the line; `parts` are what it is made of."""

    label: str
    number: int
    parts: str = ""
    is_harm: bool = False


def blast_of(run: SyncRun) -> list[Line]:
    """Lines with something in them. The counts are the run's own, so its size does not matter."""
    why = _why(run)
    lines = [
        _line("New people", why, Kind.PERSON, Action.CREATE),
        Line("Changed people", _sum(why, Kind.PERSON, Action.UPDATE), _fields(run)),
        _inactive(why),
        _line("Reactivated people", why, Kind.PERSON, Action.REACTIVATE),
        _line("People who join a group", why, Kind.MEMBERSHIP, Action.CREATE, Action.REACTIVATE),
        _line("New groups", why, Kind.GROUP, Action.CREATE),
        *_groups(run, why),
        _line("Groups whose team is gone", why, Kind.GROUP, Action.DEACTIVATE),
        _line("Groups that follow no team any more", why, Kind.GROUP, Action.UNLINK),
        _line("Courses", why, Kind.COURSE, *COURSE_ACTIONS),
        Line("Waiting for a decision", _held(why)),
        _skipped(why),
    ]
    return [line for line in lines if line.number]


COURSE_ACTIONS = (Action.CREATE, Action.UPDATE, Action.REACTIVATE, Action.DEACTIVATE)
Why = dict[tuple[str, str, str, str], int]


def _why(run: SyncRun) -> Why:
    """(kind, action, reason, outcome) → number."""
    parted = ((key.split("."), number) for key, number in run.counts.items())
    return {(k[1], k[2], k[3], k[4]): n for k, n in parted if k[0] == "WHY" and len(k) == 5}


def _those(why: Why, kind: str, *actions: str) -> Iterator[tuple[str, int]]:
    for (its_kind, action, reason, _outcome), number in why.items():
        if its_kind == kind and action in actions:
            yield reason, number


def _sum(why: Why, kind: str, *actions: str) -> int:
    return sum(number for _reason, number in _those(why, kind, *actions))


def _line(label: str, why: Why, kind: str, *actions: str) -> Line:
    return Line(label, _sum(why, kind, *actions))


def _fields(run: SyncRun) -> str:
    fields = {
        key.removeprefix("FIELD."): number
        for key, number in run.counts.items()
        if key.startswith("FIELD.")
    }
    shown = sorted(fields.items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{field_label(name)} {number:,}" for name, number in shown)


def _by_reason(pairs: Iterator[tuple[str, int]]) -> tuple[int, str]:
    sums: dict[str, int] = {}
    for reason, number in pairs:
        sums[reason] = sums.get(reason, 0) + number
    parts = [f"{number:,} {WHY.get(reason, 'other')}" for reason, number in sums.items()]
    return sum(sums.values()), ", ".join(parts)


def _inactive(why: Why) -> Line:
    leaving = (*_those(why, Kind.PERSON, Action.DEACTIVATE),)
    one_group = (*_those(why, Kind.MEMBERSHIP, Action.DEACTIVATE),)
    number, parts = _by_reason(iter((*leaving, *one_group)))
    return Line("Made inactive", number, parts, is_harm=True)


def _held(why: Why) -> int:
    return sum(number for (*_rest, outcome), number in why.items() if outcome == Outcome.HELD)


def _skipped(why: Why) -> Line:
    kinds = (Kind.PERSON, Kind.GROUP, Kind.MEMBERSHIP, Kind.COURSE)
    pairs = (pair for kind in kinds for pair in _those(why, kind, Action.SKIP))
    return Line("Skipped", *_by_reason(pairs))


def _groups(run: SyncRun, why: Why) -> Iterator[Line]:
    """Adopted and renamed groups are named: their people and campaigns are somebody's work."""
    if adopted := _sum(why, Kind.GROUP, Action.ADOPT):
        yield Line("Adopted groups", adopted, _adopted(run), is_harm=True)
    if renamed := _sum(why, Kind.GROUP, Action.UPDATE):
        yield Line("Renamed groups", renamed, _renamed(run))


def _rows(run: SyncRun, action: str) -> list[Change]:
    rows = Change.objects.filter(run=run, kind=Kind.GROUP, action=action).order_by("pk")
    return list(rows[:MOST_NAMES])


def _adopted(run: SyncRun) -> str:
    rows = _rows(run, Action.ADOPT)
    leaving = Change.objects.filter(
        run=run,
        kind=Kind.MEMBERSHIP,
        action=Action.DEACTIVATE,
        group_id__in=[row.group_id for row in rows if row.group_id],
    )
    numbers = dict(leaving.values("group_id").annotate(n=Count("pk")).values_list("group_id", "n"))
    return ", ".join(f"{row.label} ({_leavers(numbers.get(row.group_id, 0))})" for row in rows)


def _leavers(number: int) -> str:
    return f"{number:,} of its people become inactive" if number else "nobody becomes inactive"


def _renamed(run: SyncRun) -> str:
    rows = _rows(run, Action.UPDATE)
    return ", ".join(f"{row.before['name']} → {row.after['name']}" for row in rows)


def _planned(why: Why) -> Why:
    return {key: number for key, number in why.items() if key[3] == Outcome.PLANNED}


def seats_line(run: SyncRun) -> str:
    """How many seats are taken now and would be after it; '' without a limit."""
    limit = run.account.seat_limit
    if limit is None:
        return ""
    used, why = seats_used(run.account_id), _planned(_why(run))
    back = _sum(why, Kind.PERSON, Action.CREATE, Action.REACTIVATE)
    after = max(0, used + back - _sum(why, Kind.PERSON, Action.DEACTIVATE))
    return f"{used:,} of {limit:,} seats are taken now, about {after:,} would be after it."


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one plan that the other has not, a few of each."""

    added: list[Change]
    more_added: int
    dropped: list[Change]
    more_dropped: int


def difference_of(run: SyncRun, earlier_id: int) -> Difference:
    added, more_added = _only_in(run.pk, earlier_id)
    dropped, more_dropped = _only_in(earlier_id, run.pk)
    return Difference(added, more_added, dropped, more_dropped)


def _only_in(run_id: int, other_id: int) -> tuple[list[Change], int]:
    there = Change.objects.filter(run=other_id, digest=OuterRef("digest"))
    rows = Change.objects.filter(run=run_id).exclude(Exists(there)).order_by("pk")
    return list(rows[:MOST_ROWS]), max(0, rows.count() - MOST_ROWS)
