from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from integrations.sync import store
from training.models import Enrollment, Step, TimelineEntry


def note_each(
    rows: Iterable[Enrollment],
    step: Step,
    values: dict[str, Any] | None = None,
    *,
    at: datetime,
) -> None:
    """One entry for each of the enrolments, in the transaction that changes them."""
    keep(entries_of(rows, step, values, at=at))


def entries_of(
    rows: Iterable[Enrollment], step: Step, values: dict[str, Any] | None = None, *, at: datetime
) -> list[TimelineEntry]:
    """Not kept yet."""
    shared = values or {}
    return [
        TimelineEntry(
            account_id=row.account_id, enrollment_id=row.pk, step=step, values=shared, at=at
        )
        for row in rows
    ]


def keep(entries: Sequence[TimelineEntry]) -> None:
    """Those of one enrolment in the order in which they are to be read."""
    store.insert(entries)
