"""What an Administrator does with enrolments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import Account
from integrations.contract.errors import Missing
from integrations.services.connecting import connect_to
from training.models import TO_ASK, WATCHED, Enrollment, State, Step
from training.services import taking_back
from training.services.planning import connections_for, why_not
from training.services.settling import store
from training.services.taking_back import ALREADY, Withdrawn
from training.services.telling import tell_completed
from training.services.timeline import note_each

WAITS_SECONDS = 20.0
BATCH = 500
ENDED = (State.NOT_POSSIBLE, State.FAILED, State.WITHDRAWN)
FINISHABLE = (*TO_ASK, *WATCHED, State.NOT_POSSIBLE, State.FAILED)
AGAIN = (
    "state",
    "connection",
    "reason",
    "detail",
    "attempts",
    "asked_at",
    "due_at",
    "created_at",
    "way",
    "looked_at",
    "person_id",
)


class NotNow(Exception):
    """The enrolment is in a state that this can't be done in, for a reason of `training.sentences`."""

    def __init__(self, reason: str = "moved_on") -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Done:
    """How many were changed, and how many left as they are, by reason."""

    changed: int = 0
    left: dict[str, int] = field(default_factory=dict)


def withdraw(row: Enrollment) -> Withdrawn:
    """Takes back at the LMS in one call what the Portal had assigned there; what is being asked for is left
    to the lane. Raises NotNow, and what the call raises: then nothing has changed."""
    if row.state not in WATCHED or row.reason == ALREADY or row.connection is None:
        found = withdraw_all(account=row.account, rows=Enrollment.objects.filter(pk=row.pk))
        if not found.total:
            raise NotNow
        return found
    with transaction.atomic():
        if taking_back.hand_over(row):
            _end(row)
            return Withdrawn(at_once=1)
    session = connect_to(row.connection, "ENROLL", WAITS_SECONDS)
    with closing(session), suppress(Missing):
        session.unassign_course(row.person_id, row.course.integration_id)
    _end(row)
    return Withdrawn(at_once=1)


@transaction.atomic
def _end(row: Enrollment) -> None:
    fresh = _locked([row.pk])[0]
    if fresh.state not in WATCHED or fresh.asked_at != row.asked_at:
        raise NotNow
    fresh.state, fresh.reason = State.WITHDRAWN, "by_hand"
    store([fresh], ("state", "reason"))
    _tell([fresh], "ENROLLMENT_WITHDRAWN", Step.WITHDRAWN, {"reason": "by_hand"})


@transaction.atomic
def withdraw_all(
    *, account: Account, rows: QuerySet[Enrollment], reason: str = "by_hand"
) -> Withdrawn:
    """What is at the LMS already is taken back there by the lane."""
    found = taking_back.withdraw_all(rows=rows, reason=reason)
    if found.total:
        audit.record(
            account=account,
            kind="ENROLLMENT_WITHDRAWN",
            subject=_named(list(rows[:2]), found.total),
            after={"at_once": found.at_once, "at_lms": found.at_lms},
        )
    return found


@transaction.atomic
def ask_again(*, rows: QuerySet[Enrollment], now: datetime | None = None) -> Done:
    """Each through the LMS that the person's group has now; not while another one for the same person and
    course is open, nor what could not be asked for anyhow."""
    moment = now or timezone.now()
    found = _locked(rows.values_list("pk", flat=True))
    for account_id in sorted({row.account_id for row in found}):
        list(Account.objects.select_for_update(no_key=True).filter(pk=account_id))
    reasons = _why_not_again(found)
    again = [row for row in found if not reasons[row.pk]]
    for row in again:
        row.state, row.reason, row.detail, row.attempts = State.WAITING, "", "", 0
        row.due_at = row.created_at = moment
        row.way, row.looked_at, row.asked_at, row.person_id = "", None, None, ""
    store(again, AGAIN)
    _tell(again, "ENROLLMENT_ASKED_AGAIN", Step.AGAIN, {})
    return Done(len(again), dict(Counter(filter(None, reasons.values()))))


def _why_not_again(rows: Sequence[Enrollment]) -> dict[int, str]:
    """Sets the connection that each row is to have."""
    connections = connections_for(rows)
    taken = _open_pairs(rows)
    reasons = {}
    for row in rows:
        pair = (row.target_id, row.course_id)
        row.connection = connections.get(row.pk, row.connection)
        reasons[row.pk] = "" if row.state in ENDED else "moved_on"
        reasons[row.pk] = reasons[row.pk] or ("bot" if row.action.is_bot else "")
        reasons[row.pk] = reasons[row.pk] or ("twin" if pair in taken else why_not(row))
        if not reasons[row.pk]:
            taken.add(pair)
    return reasons


def _open_pairs(rows: Sequence[Enrollment]) -> set[tuple[int, int]]:
    people = sorted({row.target_id for row in rows})
    found: set[tuple[int, int]] = set()
    for start in range(0, len(people), BATCH):
        twins = Enrollment.objects.filter(
            target__in=people[start : start + BATCH], state__in=(*TO_ASK, *WATCHED)
        )
        found |= set(twins.values_list("target_id", "course_id"))
    return found


@transaction.atomic
def mark_done(*, rows: QuerySet[Enrollment], now: datetime | None = None) -> Done:
    moment = now or timezone.now()
    found = _locked(rows.values_list("pk", flat=True))
    done = [row for row in found if row.state in FINISHABLE]
    for row in done:
        row.state, row.reason, row.completed_at = State.COMPLETED, "by_hand", moment
    store(done, ("state", "reason", "completed_at"))
    tell_completed(done)
    _tell(done, "ENROLLMENT_DONE_BY_HAND", Step.COMPLETED, {"reason": "by_hand"})
    left = len(found) - len(done)
    return Done(len(done), {"moved_on": left} if left else {})


def _locked(ids: Iterable[int]) -> list[Enrollment]:
    wanted, found = sorted(ids), []
    for start in range(0, len(wanted), BATCH):
        rows = Enrollment.objects.select_for_update(of=("self",)).select_related(
            "target", "course", "campaign", "connection", "action"
        )
        found += list(rows.filter(pk__in=wanted[start : start + BATCH]).order_by("pk"))
    return found


def _tell(rows: Sequence[Enrollment], kind: str, step: Step, values: dict[str, str]) -> None:
    if not rows:
        return
    audit.record(account=rows[0].account, kind=kind, subject=_named(rows, len(rows)))
    note_each(rows, step, values, at=timezone.now())


def _named(rows: Sequence[Enrollment], number: int) -> str:
    return str(rows[0]) if number == len(rows) == 1 else f"{number} enrolments"
