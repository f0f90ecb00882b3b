"""Asks an LMS for enrolments, person by person, and reads back what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from integrations.contract.errors import BudgetEmpty, Credentials, Fatal, IntegrationError, Missing
from integrations.contract.provider import MOST_READ_AT_ONCE, Session
from integrations.contract.records import AssignmentRecord
from targets.models import Target
from training.models import TO_ASK, Enrollment, Lane, State, Step
from training.services import people
from training.services.lanes import fenced
from training.services.planning import why_not
from training.services.settling import delay, end, save, settle, try_again
from training.services.timeline import note_each

MAIL_PAUSE = timedelta(hours=1)
#: What was asked for and not read back, because the step ended, is looked at with others after so long.
LOOK_AFTER = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=3)
ASKED = ("asked_at", "state", "attempts", "mailed_at", "due_at")
Found = dict[str, tuple[AssignmentRecord, ...]]


@dataclass(slots=True)
class Person:
    target: Target
    rows: list[Enrollment]
    person_id: str = ""


def ask_people(session: Session, lane: Lane, found: Sequence[Person]) -> None:
    """At most MOST_READ_AT_ONCE of them. Raises what concerns everybody; what else goes wrong is kept in
    the rows."""
    persons = [one for one in found if _keep_possible(lane, one, is_looked_for=False)]
    _identify(session, lane, persons)
    persons = [one for one in persons if one.person_id]
    _look(session, lane, persons)
    persons = [one for one in persons if _keep_possible(lane, one, is_looked_for=True)]
    asked = [one for one in persons if _ask(session, lane, one)]
    missing = _missing(lane, asked, _read(session, lane, asked))
    unseen = [row for person in missing for row in _last_look(session, lane, person)]
    _end_gone_courses(session, lane, unseen)
    try_again(lane, unseen)


def _keep_possible(lane: Lane, person: Person, *, is_looked_for: bool) -> bool:
    """What may be at the LMS already is only ended once it was looked for there."""
    for row in list(person.rows):
        if row.asked_at and not is_looked_for:
            continue
        if row.action.is_bot:
            end([row], lane, State.WITHDRAWN, "bot")
            person.rows.remove(row)
            continue
        reason = why_not(row)
        if reason:
            end([row], lane, State.NOT_POSSIBLE, reason)
            person.rows.remove(row)
    return bool(person.rows)


def _identify(session: Session, lane: Lane, persons: Sequence[Person]) -> None:
    known = people.known_ids(lane, [one.target for one in persons])
    for person in persons:
        person.person_id = known.get(person.target.pk, "")
        if not person.person_id:
            _find(session, lane, person)


def _find(session: Session, lane: Lane, person: Person) -> None:
    try:
        person.person_id = people.find(session, lane, person.target)
    except (BudgetEmpty, Credentials):
        raise
    except IntegrationError as error:
        _fail(lane, person, error)
        return
    if not person.person_id:
        end(person.rows, lane, State.NOT_POSSIBLE, "no_account")


def _fail(lane: Lane, person: Person, error: IntegrationError) -> None:
    """Raises what may be everybody's trouble."""
    delay(lane, person.rows, error)
    person.rows = []
    if not isinstance(error, Fatal):
        raise error


def _look(session: Session, lane: Lane, persons: Sequence[Person]) -> None:
    """What was asked for before, and how that went is not known: only what is missing is asked for."""
    unsure = [one for one in persons if any(row.asked_at for row in one.rows)]
    missing = _missing(lane, unsure, _read(session, lane, unsure))
    left = {one.target.pk: one.rows for one in missing}
    for person in unsure:
        person.rows = _not_given_up(lane, left.get(person.target.pk, []))


def _not_given_up(lane: Lane, rows: Sequence[Enrollment]) -> list[Enrollment]:
    since = timezone.now() - GIVE_UP_AFTER
    old = [row for row in rows if row.asked_at and row.created_at < since]
    for row in old:
        end([row], lane, State.FAILED, row.reason or "unexpected")
    return [row for row in rows if row not in old]


def _read(session: Session, lane: Lane, persons: Sequence[Person]) -> Found:
    try:
        return read_many(session, persons)
    except (BudgetEmpty, Credentials):
        raise
    except IntegrationError as error:
        delay(lane, [row for one in persons for row in one.rows], error)
        raise


def read_many(session: Session, persons: Sequence[Person]) -> Found:
    """One call, for one person as well as for many."""
    ids = [one.person_id for one in persons]
    if not ids:
        return {}
    if len(ids) > 1:
        return session.read_assignments_of_many(ids)
    try:
        return {ids[0]: session.read_assignments_of(ids[0])}
    except Missing:
        return {}


def _missing(lane: Lane, persons: Sequence[Person], found: Found) -> list[Person]:
    """Take what was read into the rows; returns who still lacks some, with those rows."""
    there: list[tuple[Enrollment, AssignmentRecord]] = []
    left = []
    for person in persons:
        records = {one.course_id: one for one in found.get(person.person_id, ())}
        keys = [(row, records.get(row.course.integration_id)) for row in person.rows]
        there += [(row, record) for row, record in keys if record]
        absent = [row for row, record in keys if not record]
        if absent:
            left.append(Person(person.target, absent, person.person_id))
    settle(lane, [row for row, _ in there], [record for _, record in there])
    return left


def _ask(session: Session, lane: Lane, person: Person) -> bool:
    """Whether the LMS was asked for something of this person."""
    if not person.rows:
        return False
    try:
        return _send(session, lane, person)
    except (BudgetEmpty, Credentials):
        raise
    except Missing as error:
        people.forget(lane, person.target)
        end(person.rows, lane, State.NOT_POSSIBLE, error.code)
    except IntegrationError as error:
        _fail(lane, person, error)
    return False


def _send(session: Session, lane: Lane, person: Person) -> bool:
    before = {row.pk: [getattr(row, name) for name in ASKED] for row in person.rows}
    is_mailed = _mark_asked(lane, person)
    if not person.rows:
        return False
    courses = [row.course.integration_id for row in person.rows]
    try:
        session.assign_courses(person.person_id, courses, send_message=is_mailed)
    except BudgetEmpty:
        restore(lane, person.rows, before)
        raise
    with fenced(lane):
        note_each(person.rows, Step.ASKED, {"mailed": is_mailed}, at=timezone.now())
    return True


def restore(lane: Lane, rows: Sequence[Enrollment], before: dict[int, list[object]]) -> None:
    """As if they had not been asked for: no call was made."""
    for row in rows:
        for name, value in zip(ASKED, before[row.pk], strict=True):
            setattr(row, name, value)
    save(lane, rows, *ASKED)


def _mark_asked(lane: Lane, person: Person) -> bool:
    """Before the call, so that an answer that gets lost is looked for and not asked for twice. Returns
    whether the LMS is to send its e-mail: at most one an hour and person."""
    now = timezone.now()
    is_wanted = any(row.campaign.is_mailed for row in person.rows)
    recent = Enrollment.objects.filter(target=person.target, mailed_at__gt=now - MAIL_PAUSE)
    is_mailed = is_wanted and not recent.exists()
    for row in person.rows:
        row.asked_at, row.state, row.person_id = now, State.REQUESTED, person.person_id
        row.due_at = now + LOOK_AFTER
        row.attempts += 1
        row.mailed_at = now if is_mailed else row.mailed_at
    person.rows = save(lane, person.rows, *ASKED, "person_id")
    return is_mailed


def _last_look(session: Session, lane: Lane, person: Person) -> list[Enrollment]:
    """A list of many may leave something out, so the person's own is read before it counts as missing.
    Returns what is."""
    try:
        found = {person.person_id: session.read_assignments_of(person.person_id)}
    except Missing as error:
        people.forget(lane, person.target)
        end(person.rows, lane, State.NOT_POSSIBLE, error.code)
        return []
    return [row for one in _missing(lane, [person], found) for row in one.rows]


def _end_gone_courses(session: Session, lane: Lane, rows: Sequence[Enrollment]) -> None:
    """The LMS says nothing of a course that it does not know. Where it has none any more, everybody who
    waits for it is told, without asking for them."""
    for course in {row.course_id: row.course for row in rows}.values():
        try:
            session.course_import_code(course.integration_id)
        except Missing as error:
            waiting = Enrollment.objects.filter(
                connection=lane.connection_id, course=course, state__in=TO_ASK
            )
            end(list(waiting), lane, State.NOT_POSSIBLE, error.code)


def chunks(persons: Sequence[Person]) -> list[Sequence[Person]]:
    size = MOST_READ_AT_ONCE
    return [persons[start : start + size] for start in range(0, len(persons), size)]
