from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from training.models import Enrollment, Step, TimelineEntry

BATCH = 500


def note_each(
    rows: Iterable[Enrollment],
    step: Step,
    values: dict[str, Any] | None = None,
    *,
    at: datetime,
) -> None:
    """One entry for each of the enrolments, in the transaction that changes them."""
    entries = [
        TimelineEntry(
            account_id=row.account_id, enrollment=row, step=step, values=values or {}, at=at
        )
        for row in rows
    ]
    TimelineEntry.objects.bulk_create(entries, batch_size=BATCH)
