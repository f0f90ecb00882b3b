"""Lists at the LMS that may be longer than a step: read on from where the lane stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from integrations.contract.records import Page
from training.models import Lane
from training.services.lanes import fenced, keep
from training.services.turn import Turn

Record = TypeVar("Record")
#: After so long a list has moved too much to go on in the middle of it.
TOO_OLD = timedelta(hours=1)


def read_on(
    turn: Turn,
    name: str,
    read: Callable[[int], Page[Record]],
    take: Callable[[Sequence[Record]], object],
) -> datetime | None:
    """Each page is taken in, and its place kept, in one transaction. Returns when the list was begun once
    it is at its end; None when time ran out before. What `read` raises leaves the place as it is."""
    lane = turn.lane
    began, start = _place(lane, name)
    while True:
        page = read(start)
        start += page.received
        with fenced(lane):
            take(page.records)
            _keep_place(lane, name, None if page.is_last else (began, start))
        if page.is_last:
            return began
        if turn.is_time_up():
            return None


def _place(lane: Lane, name: str) -> tuple[datetime, int]:
    now = timezone.now()
    if name in lane.places:
        began, start = lane.places[name]
        if now - datetime.fromisoformat(began) < TOO_OLD:
            return datetime.fromisoformat(began), int(start)
    return now, 0


def _keep_place(lane: Lane, name: str, place: tuple[datetime, int] | None) -> None:
    others = {key: value for key, value in lane.places.items() if key != name}
    if place:
        others[name] = [place[0].isoformat(), place[1]]
    if others != lane.places:
        lane.places = others
        keep(lane, places=others)
