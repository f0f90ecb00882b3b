"""What webhooks are told of enrolments, in the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from training.models import Enrollment
from webhooks.models import EventType
from webhooks.services import emit_each

BATCH = 500


def tell_completed(rows: Sequence[Enrollment]) -> None:
    """Rows of one account that are completed since, and stored as such."""
    if rows:
        emit_each(
            account_id=rows[0].account_id,
            type=EventType.ENROLLMENT_COMPLETED,
            bodies=_bodies([row.pk for row in rows]),
        )


def _bodies(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), BATCH):
        rows = Enrollment.objects.filter(pk__in=ids[start : start + BATCH])
        for row in rows.select_related("course", "target").order_by("pk"):
            yield {
                "enrollment": row.pk,
                "target": row.target_id,
                "email": row.target.email,
                "course": {"id": row.course_id, "name": row.course.name},
                "campaign": row.campaign_id,
                "completed_at": row.completed_at.isoformat() if row.completed_at else None,
                "is_by_hand": row.reason == "by_hand",
            }
