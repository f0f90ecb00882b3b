from __future__ import annotations

import json
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery

from webhooks.models import Delivery, Endpoint, State
from webhooks.wording import LABELS, outcome


@dataclass(frozen=True, slots=True)
class Line:
    """`last` is the latest attempt in words."""

    endpoint: Endpoint
    events: list[str]
    last: str


def endpoints_with_last() -> list[Line]:
    """Those in scope, each with `waiting`, how many events are, and when it was last tried."""
    tried = Delivery.objects.filter(endpoint=OuterRef("pk")).exclude(tried_at=None)
    newest = tried.order_by("-tried_at", "-pk")
    found = Endpoint.objects.order_by("pk").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=State.PENDING)),
        tried_at=Subquery(newest.values("tried_at")[:1]),
        status=Subquery(newest.values("status_code")[:1]),
        error=Subquery(newest.values("error")[:1]),
    )
    return [
        Line(
            each,
            [LABELS.get(one, one) for one in each.events],
            outcome(each.status, each.error or ""),
        )
        for each in found
    ]


@dataclass(frozen=True, slots=True)
class Sent:
    """One line of the log."""

    row: Delivery

    @property
    def what(self) -> str:
        return LABELS.get(self.row.type, self.row.type)

    @property
    def outcome(self) -> str:
        return outcome(self.row.status_code, self.row.error)

    @property
    def cells(self) -> tuple[object, ...]:
        row = self.row
        tried = row.tried_at.isoformat(timespec="seconds") if row.tried_at else ""
        made = row.created_at.isoformat(timespec="seconds")
        came = (row.get_state_display(), row.attempts, tried, self.outcome, row.answer)
        return made, row.type, row.event_id, *came

    @property
    def body(self) -> str:
        return json.dumps(self.row.body, ensure_ascii=False, indent=2)
