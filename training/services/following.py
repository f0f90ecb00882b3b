"""People who were deleted at the LMS and made anew: a sync links them to their new id, and what they had open
under the old one is asked for again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Account
from integrations.contract.errors import Missing
from integrations.models import TargetLink
from training.models import TO_ASK, WATCHED, Enrollment, Lane, State, Step
from training.services.lanes import fenced
from training.services.polling import is_progress_due
from training.services.settling import store
from training.services.timeline import note_each
from training.services.turn import Turn

AGAIN = (
    "state",
    "reason",
    "detail",
    "person_id",
    "percentage",
    "way",
    "attempts",
    "looked_at",
    "asked_at",
    "assigned_at",
    "due_at",
)


def follow_people(turn: Turn) -> bool:
    """As often as progress is read, for one call each. Whose old id is there still keeps what is open under
    it. False when time ran out before the end."""
    if not is_progress_due(turn.lane):
        return True
    found = _under_old_ids(turn.lane).values_list("target_id", "person_id").distinct()
    for target_id, person_id in list(found.order_by("target_id", "person_id")):
        if turn.is_time_up():
            return False
        try:
            turn.session.read_assignments_of(person_id)
        except Missing:
            _ask_again(turn.lane, target_id, person_id, timezone.now())
    return True


def _under_old_ids(lane: Lane) -> QuerySet[Enrollment]:
    links = TargetLink.objects.filter(
        connection=lane.connection_id, target=OuterRef("target"), gone_at=None
    )
    rows = Enrollment.objects.filter(connection=lane.connection_id, state__in=WATCHED)
    linked = rows.annotate(linked_id=Subquery(links.values("integration_id")[:1]))
    return linked.exclude(person_id="").exclude(linked_id=None).exclude(linked_id=F("person_id"))


def _ask_again(lane: Lane, target_id: int, person_id: str, now: datetime) -> None:
    """One at a time in an account, as with what new actions ask for: nothing is asked for twice."""
    with fenced(lane):
        list(Account.objects.select_for_update(no_key=True).filter(pk=lane.account_id))
        rows = Enrollment.objects.select_for_update().filter(
            connection=lane.connection_id,
            target=target_id,
            person_id=person_id,
            state__in=WATCHED,
        )
        waiting = Enrollment.objects.filter(target=target_id, state__in=TO_ASK)
        taken = set(waiting.values_list("course_id", flat=True))
        moved: dict[int, Enrollment] = {}
        twins: list[Enrollment] = []
        for row in rows.order_by("-pk"):
            if row.course_id in taken or row.course_id in moved:
                twins.append(row)
            else:
                moved[row.course_id] = row
        _begin_anew(list(moved.values()), now)
        _end(twins, now)


def _begin_anew(rows: Sequence[Enrollment], now: datetime) -> None:
    for row in rows:
        row.state, row.reason, row.detail, row.person_id = State.WAITING, "", "", ""
        row.percentage, row.way, row.attempts = 0, "", 0
        row.looked_at = row.asked_at = row.assigned_at = None
        row.due_at = now
    store(rows, AGAIN)
    note_each(rows, Step.AGAIN, {"reason": "made_anew"}, at=now)


def _end(rows: Sequence[Enrollment], now: datetime) -> None:
    for row in rows:
        row.state, row.reason = State.NOT_POSSIBLE, "twin"
    store(rows, ("state", "reason"))
    note_each(rows, Step.NOT_POSSIBLE, {"reason": "twin"}, at=now)
