"""What becomes of each row, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from accounts.models import Account, SeatRule
from groups.models import Group
from groups.names import name_key
from targets.cleaning import clean_text
from targets.emails import email_key, normalise
from targets.imports.mapping import GROUPS
from targets.models import Target
from targets.seats import free_seats
from targets.selectors import FIELDS
from targets.suppression import Suppressed

MOST_GROUPS = 50
BATCH = 1000


@dataclass(frozen=True, slots=True)
class RowError:
    """`place` is of the row among the draft's rows, `line` its line in the file."""

    place: int
    line: int
    column: str
    value: str
    told: str


@dataclass(slots=True)
class Wanted:
    """A good row. `target` is who has the address already; `changes` what would change of them."""

    place: int
    values: dict[str, str]
    groups: tuple[str, ...] = ()
    target: Target | None = None
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def is_synced(self) -> bool:
        return bool(self.target and self.target.source)


@dataclass(slots=True)
class Checked:
    """`over` are new people for whom no seat is free: left out, or let in all the same (`lets_over_in`)."""

    new: list[Wanted] = field(default_factory=list)
    changed: list[Wanted] = field(default_factory=list)
    unchanged: list[Wanted] = field(default_factory=list)
    over: list[Wanted] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    unknown_groups: list[str] = field(default_factory=list)
    lets_over_in: bool = False

    @property
    def taken(self) -> list[Wanted]:
        over = self.over if self.lets_over_in else []
        return [*self.new, *over, *self.changed, *self.unchanged]

    @property
    def synced(self) -> int:
        return sum(one.is_synced for one in (*self.changed, *self.unchanged))


def check(
    *,
    account: Account,
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    columns: Sequence[str],
    makes_groups: bool = False,
) -> Checked:
    """`rows` without the heading. A handful of queries, however many rows there are."""
    found = Checked()
    wanted = _read(rows, lines, columns, Suppressed.of(account.pk), found)
    targets = _targets([one.values["email"] for one in wanted])
    for one in wanted:
        one.target = targets.get(email_key(one.values["email"]))
        _sort_in(one, found)
    _check_groups(account, found, makes_groups)
    _obey_seats(account, found)
    return found


def _read(
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    columns: Sequence[str],
    suppressed: Suppressed,
    found: Checked,
) -> list[Wanted]:
    seen: dict[str, int] = {}
    good: list[Wanted] = []
    for place, row in enumerate(rows):
        cells = {name: cell for name, cell in zip(columns, row, strict=False) if name}
        problem = _problem(cells, seen, lines[place], suppressed)
        if problem:
            found.errors.append(RowError(place, lines[place], *problem))
            continue
        groups = _groups(cells.pop(GROUPS, ""))
        values = {n: clean_text(cells.get(n, ""), 10_000)[0] for n in FIELDS if n in cells}
        values["email"] = normalise(cells["email"].strip())
        good.append(Wanted(place, values, groups))
    return good


Problem = tuple[str, str, str]


def _problem(
    cells: dict[str, str], seen: dict[str, int], line: int, suppressed: Suppressed
) -> Problem | None:
    """Column, value, and what is wrong with it."""
    found = _email_problem(cells.get("email", "").strip(), seen, suppressed)
    if found is None:
        seen[email_key(normalise(cells["email"].strip()))] = line
        found = _length_problem(cells)
    return found


def _email_problem(raw: str, seen: dict[str, int], suppressed: Suppressed) -> Problem | None:
    email = normalise(raw)
    key = email_key(email)
    if not raw:
        told = "The address is missing."
    elif not email:
        told = "This is not an e-mail address."
    elif key in seen:
        told = f"The address is in line {seen[key]} already."
    elif suppressed.has_email(key):
        raw, told = "", "This person was erased. Let them come back first (Erased people)."
    else:
        return None
    return "E-mail", raw[:80], told


def _length_problem(cells: dict[str, str]) -> Problem | None:
    for name, text in cells.items():
        longest = Target._meta.get_field(name).max_length if name in FIELDS else None
        if longest and len(text.strip()) > longest:
            return FIELDS[name], text[:80], f"Longer than {longest} characters."
    if len(_groups(cells.get(GROUPS, ""))) > MOST_GROUPS:
        return "Groups", cells[GROUPS][:80], f"More than {MOST_GROUPS} groups."
    return None


def _groups(text: str) -> tuple[str, ...]:
    names = (clean_text(name, 255)[0] for name in text.split(";"))
    return tuple(dict.fromkeys(name for name in names if name))


def _targets(emails: Iterable[str]) -> dict[str, Target]:
    keys = sorted(map(email_key, emails))
    found: dict[str, Target] = {}
    for start in range(0, len(keys), BATCH):
        part = Target.objects.filter(email_key__in=keys[start : start + BATCH])
        found |= {target.email_key: target for target in part}
    return found


def _sort_in(one: Wanted, found: Checked) -> None:
    if one.target is None:
        found.new.append(one)
        return
    if not one.is_synced:
        # An empty cell says nothing of somebody who is there already, and case is no other address.
        told = {n: v for n, v in one.values.items() if v and n != "email"}
        one.changes = {n: v for n, v in told.items() if getattr(one.target, n) != v}
    (found.changed if one.changes else found.unchanged).append(one)


def _check_groups(account: Account, found: Checked, makes_groups: bool) -> None:
    named = {name_key(name): name for one in found.taken for name in one.groups}
    known = set(Group.objects.filter(name_key__in=named).values_list("name_key", flat=True))
    found.unknown_groups = sorted(name for key, name in named.items() if key not in known)


def _obey_seats(account: Account, found: Checked) -> None:
    free = free_seats(account)
    if free is None or len(found.new) <= free:
        return
    kept = 0 if account.seat_rule == SeatRule.STOP else free
    found.lets_over_in = account.seat_rule == SeatRule.IMPORT_ALL
    found.new, found.over = found.new[:kept], found.new[kept:]
