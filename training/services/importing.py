"""Large waves: one bulk import asks for two thousand people. The LMS does it later and tells nobody how it
went, so what is there before and after is read as well."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations.contract.errors import BudgetEmpty, Credentials, Fatal, Missing
from integrations.contract.provider import MOST_CODES, MOST_IMPORTED, Session
from integrations.contract.records import LoginRecord
from integrations.models import TargetLink
from training.models import Enrollment, Lane, Login, PersonLink, State, Step, Way
from training.services import people
from training.services.asking import ASKED, LOOK_AFTER, restore
from training.services.lanes import fenced, keep
from training.services.listing import read_on
from training.services.looking import look_before
from training.services.planning import why_not
from training.services.settling import end, save
from training.services.timeline import note_each
from training.services.turn import Turn
from training.services.waves import Wave

logger = logging.getLogger(__name__)
#: Fewer people than this are never worth an import that takes the LMS a while.
FEWEST = 250
BATCH = 500


def wave_rows(lane: Lane) -> QuerySet[Enrollment]:
    """Due, not asked for, and without e-mail: whether an import sends one is not ours to say."""
    return Enrollment.objects.filter(
        connection=lane.connection_id,
        state=State.WAITING,
        way="",
        asked_at=None,
        campaign__is_mailed=False,
        due_at__lte=timezone.now(),
    )


def measure(session: Session, lane: Lane) -> Wave | None:
    """The wave that is due; None for one too small to be looked at."""
    rows = wave_rows(lane)
    counted = rows.aggregate(
        people=Count("target", distinct=True), courses=Count("course", distinct=True)
    )
    if counted["people"] < FEWEST:
        return None
    return Wave(
        people=counted["people"],
        unknown=_unknown(lane, rows),
        courses=counted["courses"],
        size=size_of(session, lane),
        has_logins=people.has_logins(lane),
    )


def _unknown(lane: Lane, rows: QuerySet[Enrollment]) -> int:
    linked = Q(
        target__in=TargetLink.objects.filter(connection=lane.connection_id).values("target")
    ) | Q(target__in=PersonLink.objects.filter(connection=lane.connection_id).values("target"))
    return rows.exclude(linked).order_by().values("target").distinct().count()


def size_of(session: Session, lane: Lane) -> int:
    """How many people the LMS has: asked once, and again with each reading of the logins."""
    if lane.size is None:
        lane.size = session.count_people()
        keep(lane, size=lane.size)
    return lane.size


def ask_wave(turn: Turn) -> bool:
    """True when nothing is left for this way, False when time ran out before."""
    lane = turn.lane
    wave = measure(turn.session, lane)
    if wave is None or not wave.is_imported:
        return True
    logger.info(
        "connection %s: %s people in a bulk import, %s calls instead of %s",
        lane.connection_id,
        wave.people,
        wave.calls_by_import,
        wave.calls_singly,
    )
    if not people.has_logins(lane) and not _read_logins(turn):
        return False
    _identify(lane)
    if not look_before(turn, wave_rows(lane), size_of(turn.session, lane)):
        return False
    return _import_all(turn)


def _read_logins(turn: Turn) -> bool:
    lane = turn.lane

    def take(records: Sequence[LoginRecord]) -> None:
        now = timezone.now()
        rows = [
            Login(
                account_id=lane.account_id,
                connection_id=lane.connection_id,
                integration_id=one.integration_id,
                user_name=one.user_name[:255],
                email_key=one.email_key[:255],
                is_active=one.is_active,
                read_at=now,
            )
            for one in records
        ]
        Login.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["connection", "integration_id"],
            update_fields=["user_name", "email_key", "is_active", "read_at"],
        )

    began = read_on(turn, "logins", turn.session.read_logins, take)
    if began is None:
        return False
    logins = Login.objects.filter(connection=lane.connection_id)
    with fenced(lane):
        logins.filter(read_at__lt=began).delete()
    lane.logins_at, lane.size = began, logins.count()
    keep(lane, logins_at=began, size=lane.size)
    return True


def _identify(lane: Lane) -> None:
    """Each row gets its person's id; who has no usable login is left to be asked for singly."""
    with fenced(lane):
        _take_ids(lane)
    rows = wave_rows(lane).filter(person_id="").select_related("target")
    strangers = list({row.target_id: row.target for row in rows}.values())
    logins = people.logins_by_email(lane, strangers)
    found = {
        target.pk: logins[target.email_key].integration_id
        for target in strangers
        if target.email_key in logins
    }
    people.remember(lane, found)
    usable = Login.objects.filter(
        connection=lane.connection_id, integration_id=OuterRef("person_id"), is_active=True
    )
    with fenced(lane):
        _take_ids(lane)
        wave_rows(lane).exclude(Exists(usable.exclude(user_name=""))).update(way=Way.SINGLE)


def _take_ids(lane: Lane) -> None:
    """Of those whom a sync brought over or who were found before."""
    for kind in (TargetLink, PersonLink):
        mine = kind.objects.filter(connection=lane.connection_id, target=OuterRef("target"))
        named = Coalesce(Subquery(mine.values("integration_id")[:1]), Value(""))
        wave_rows(lane).filter(person_id="").update(person_id=named)


def _import_all(turn: Turn) -> bool:
    codes = _codes(turn.session, turn.lane)
    while rows := _next(turn.lane):
        _import(turn.session, turn.lane, rows, codes)
        if turn.is_time_up():
            return False
    return True


def _codes(session: Session, lane: Lane) -> dict[int, str]:
    """Course's pk → by which code an import knows it; what has none is asked for singly."""
    rows = wave_rows(lane).exclude(looked_at=None)
    pairs = rows.order_by("course").values_list("course_id", "course__integration_id").distinct()
    codes = {}
    for pk, course_id in list(pairs):
        try:
            codes[pk] = session.course_import_code(course_id)
        except Missing as error:
            end(list(rows.filter(course=pk)), lane, State.NOT_POSSIBLE, error.code)
            continue
        if not codes[pk]:
            with fenced(lane):
                rows.filter(course=pk).update(way=Way.SINGLE)
    return codes


def _next(lane: Lane) -> list[Enrollment]:
    """All rows of the next people, as many as an import takes."""
    looked = wave_rows(lane).exclude(looked_at=None)
    ids = list(
        looked.order_by("person_id").values_list("person_id", flat=True).distinct()[:MOST_IMPORTED]
    )
    if not ids:
        return []
    between = looked.filter(person_id__gte=ids[0], person_id__lte=ids[-1])
    return list(between.select_related("course", "connection", "campaign"))


def _import(session: Session, lane: Lane, rows: list[Enrollment], codes: dict[int, str]) -> None:
    rows = _possible(lane, rows)
    logins = people.logins_by_id(lane, [row.person_id for row in rows])
    by_name: dict[str, list[str]] = {}
    asked = []
    for row in rows:
        login = logins.get(row.person_id)
        mine = by_name.setdefault(login.user_name, []) if login else None
        if mine is None or row.course_id not in codes or len(mine) >= MOST_CODES:
            row.way = Way.SINGLE
        else:
            mine.append(codes[row.course_id])
            asked.append(row)
    save(lane, [row for row in rows if row.way], "way")
    if asked:
        _send(session, lane, asked, by_name)


def _possible(lane: Lane, rows: list[Enrollment]) -> list[Enrollment]:
    reasons: dict[str, list[Enrollment]] = {}
    for row in rows:
        reasons.setdefault(why_not(row), []).append(row)
    good = reasons.pop("", [])
    for reason, bad in reasons.items():
        end(bad, lane, State.NOT_POSSIBLE, reason)
    return good


def _send(
    session: Session, lane: Lane, rows: list[Enrollment], codes_by_name: dict[str, list[str]]
) -> None:
    """Marked before the call, as with one person (decision 0018)."""
    before = {row.pk: [getattr(row, name) for name in ASKED] for row in rows}
    now = timezone.now()
    for row in rows:
        row.asked_at, row.state, row.way = now, State.REQUESTED, Way.IMPORT
        row.attempts, row.due_at = row.attempts + 1, now + LOOK_AFTER
    kept = save(lane, rows, *ASKED, "way")
    try:
        session.import_assignments(codes_by_name)
    except Credentials:
        raise
    except BudgetEmpty:
        _take_back(lane, kept, before, "")
        raise
    except (Fatal, Missing) as error:
        logger.warning("connection %s takes no bulk import: %s", lane.connection_id, error)
        _take_back(lane, kept, before, Way.SINGLE)
        return
    with fenced(lane):
        note_each(kept, Step.ASKED, {"mailed": False, "way": Way.IMPORT}, at=now)


def _take_back(
    lane: Lane, rows: list[Enrollment], before: dict[int, list[object]], way: str
) -> None:
    restore(lane, rows, before)
    for row in rows:
        row.way = way
    save(lane, rows, "way")
