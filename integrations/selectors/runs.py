"""The history of a connection, and one run's rows: held first, then skipped, then done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.keyset import KeysetPage, counted
from integrations.models import Action, Change, Connection, Kind, Outcome, Status, SyncRun

OUTCOMES: tuple[str, ...] = (
    Outcome.HELD,
    Outcome.SKIPPED,
    Outcome.KEPT,
    Outcome.PLANNED,
    Outcome.APPLIED,
)
DONE = (Action.CREATE, Action.ADOPT, Action.UPDATE, Action.REACTIVATE)
TAKEN_AWAY = (Action.DEACTIVATE, Action.UNLINK)


@dataclass(frozen=True, slots=True)
class ChangeFilters:
    kind: str = ""
    action: str = ""
    outcome: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class CountRow:
    """One kind's line of the table above the rows; `cells` in the order of `CountTable.columns`."""

    kind: str
    label: str
    cells: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class CountTable:
    columns: list[str] = field(default_factory=list)
    rows: list[CountRow] = field(default_factory=list)
    is_nothing_changed: bool = True


class ChangeRows:
    """The rows in the order shown, cut out of the index outcome by outcome: nothing is sorted, and a
    page is found by the row before it, so that it costs the same wherever it is."""

    def __init__(
        self, rows: QuerySet[Change], outcomes: Sequence[str], total: int | None = None
    ) -> None:
        self._rows = rows
        self._outcomes = outcomes
        self._total = total

    def page(self, after: str, size: int) -> KeysetPage[Change]:
        """`after` is the `following` of the page before; anything else is the first page."""
        outcome, last_id, shown = _place_of(after)
        found: list[Change] = []
        for each in self._outcomes:
            if OUTCOMES.index(each) < OUTCOMES.index(outcome):
                continue
            rows = self._of(each)
            if each == outcome:
                rows = rows.filter(pk__gt=last_id)
            found += rows[: size + 1 - len(found)]
        page = found[:size]
        following = f"{page[-1].outcome}-{page[-1].pk}-{shown + size}" if len(found) > size else ""
        shown_rows = self._rows.filter(outcome__in=self._outcomes)
        total, is_more = counted(shown_rows) if self._total is None else (self._total, False)
        return KeysetPage(page, shown + 1, total if page else 0, is_more, following)

    def each(self) -> Iterator[Change]:
        """All of them, without holding them in memory."""
        for outcome in self._outcomes:
            yield from self._of(outcome).iterator(chunk_size=2000)

    def _of(self, outcome: str) -> QuerySet[Change]:
        return self._rows.filter(outcome=outcome).order_by("id")


def _place_of(after: str) -> tuple[str, int, int]:
    match = re.fullmatch(r"([A-Z]{1,10})-(\d{1,18})-(\d{1,9})", after, re.ASCII)
    if match and match[1] in OUTCOMES:
        return match[1], int(match[2]), int(match[3])
    return OUTCOMES[0], 0, 0


def history(connection: Connection) -> QuerySet[SyncRun]:
    """Each with `is_undone`."""
    runs = SyncRun.objects.filter(connection=connection)
    undone = SyncRun.objects.filter(undoes=OuterRef("pk"), is_preview=False, status=Status.UNDONE)
    return runs.annotate(is_undone=Exists(undone)).select_related("requested_by", "group")


def newest_run(connection: Connection) -> SyncRun | None:
    return SyncRun.objects.filter(connection=connection).order_by("-id").first()


def rows_of(run: SyncRun, filters: ChangeFilters) -> ChangeRows:
    exact = {"kind": filters.kind, "action": filters.action, "outcome": filters.outcome}
    rows = Change.objects.select_related("decision__user").filter(
        run=run, **{key: value for key, value in exact.items() if value}
    )
    outcomes = [filters.outcome] if filters.outcome else _outcomes_of(run)
    if filters == ChangeFilters() and not run.is_open:
        return ChangeRows(rows, outcomes, count_of(run.counts))
    if filters.outcome == Outcome.SKIPPED and filters.kind != Kind.NOTE:
        # They are shown as noted, which is a change of its own.
        rows = rows.exclude(kind=Kind.NOTE)
    return ChangeRows(_searched(rows, outcomes, filters.q) if filters.q else rows, outcomes)


def _searched(rows: QuerySet[Change], outcomes: list[str], text: str) -> QuerySet[Change]:
    """By a part of the name or the e-mail; what is in neither may be a whole id. Asked for one after the
    other, because there is an index for texts alone."""
    found = rows.filter(Q(label__icontains=text) | Q(detail__icontains=text))
    if found.filter(outcome__in=outcomes).order_by()[:1]:
        return found
    return rows.filter(integration_id=text)


def _outcomes_of(run: SyncRun) -> list[str]:
    """Those that the run's rows have, once it has ended."""
    ended = {key.rpartition(".")[2] for key in run.counts}
    return [outcome for outcome in OUTCOMES if run.is_open or outcome in ended]


def count_of(counts: dict[str, int]) -> int:
    """How many rows a run that has ended has."""
    kinds = set(Kind.values)
    return sum(number for key, number in counts.items() if key.split(".")[0] in kinds)


def duration_of(run: SyncRun) -> timedelta | None:
    if run.started_at is None:
        return None
    return (run.finished_at or timezone.now()) - run.started_at


def count_table(counts: dict[str, int]) -> CountTable:
    """Per kind: one column per action done, what is held or skipped, and what was equal already.
    Columns that are empty everywhere are left out."""
    sums = _sums(counts)
    columns = [name for name in COLUMNS if any((kind, name) in sums for kind in Kind.values)]
    rows = [
        CountRow(
            kind, str(Kind(kind).label), [(name, sums.get((kind, name), 0)) for name in columns]
        )
        for kind in Kind.values
        if any((kind, name) in sums for name in columns)
    ]
    changed = {name for _kind, name in sums} - {"Unchanged", "Skipped", "Noted", "Kept"}
    return CountTable(columns, rows, is_nothing_changed=not changed)


COLUMNS = (
    *(str(Action(action).label) for action in (*DONE, *TAKEN_AWAY)),
    "Held",
    "Kept",
    "Skipped",
    "Noted",
    "Unchanged",
)


def _sums(counts: dict[str, int]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for key, number in counts.items():
        place = _place(key.split("."))
        if place and number:
            sums[place] = sums.get(place, 0) + number
    return sums


def _place(parts: list[str]) -> tuple[str, str] | None:
    if len(parts) == 2 and parts[0] == "UNCHANGED":
        return parts[1], "Unchanged"
    if len(parts) != 3 or parts[0] not in Kind.values:
        return None
    kind, action, outcome = parts
    is_left = outcome == Outcome.SKIPPED and action not in (Action.SKIP, Action.WARN)
    if outcome in (Outcome.HELD, Outcome.KEPT) or is_left:
        return kind, str(Outcome(outcome).label)
    return kind, str(Action(action).label)
