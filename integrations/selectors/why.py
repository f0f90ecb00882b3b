"""Why somebody is here, or is not: what the Portal and the last reading know of them, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import AuditEvent
from groups.sources import source_label
from integrations.models import (
    Action,
    Change,
    Connection,
    Kind,
    Outcome,
    Status,
    SyncRun,
    TargetLink,
    Trigger,
)
from integrations.sentences import REASONS
from integrations.wording import held_because, reason_sentence
from targets.emails import email_key
from targets.models import GroupMembership, SetBy, Target
from targets.suppression import Suppressed

MOST = 10
READ_WELL = (Status.SYNCED, Status.WARNINGS, Status.HELD)
Row = TypeVar("Row", Change, GroupMembership)
WHOLE = (Trigger.SAVE, Trigger.MANUAL, Trigger.AUTO)


@dataclass(frozen=True, slots=True)
class Answer:
    """One person. `person_id` is their id at the provider, '' when there is none."""

    label: str
    email: str
    sentences: list[str]
    target_id: int | None = None
    person_id: str = ""


def last_reading(connection: Connection) -> SyncRun | None:
    """The newest whole sync that read everything."""
    runs = SyncRun.objects.filter(connection=connection, status__in=READ_WELL, trigger__in=WHOLE)
    return runs.order_by("-pk").first()


def answers(text: str, connection: Connection, reading: SyncRun | None) -> list[Answer]:
    """At most 10 targets and 10 people left out whose name or e-mail holds `text`."""
    targets = list(_targets(text))
    skipped = _skipped(text, reading)
    about = _About(targets, connection, reading, skipped)
    known = {target.pk for target in targets}
    others = [row for row in skipped if row.target_id not in known]
    erased = _erased(text, connection)
    return [*(about.answer(target) for target in targets), *map(about.left_out, others), *erased]


def _erased(text: str, connection: Connection) -> list[Answer]:
    """Known by the whole address alone."""
    if not Suppressed.of(connection.account_id).has_email(email_key(text)):
        return []
    return [Answer(text, text, [f"Is not here: {_lower(REASONS['ERASED'])}"])]


def _targets(text: str) -> Iterable[Target]:
    key = email_key(text) or text.casefold()
    found = Target.objects.filter(Q(name__icontains=text) | Q(email_key__contains=key))
    return found.order_by("name", "pk")[:MOST]


def _skipped(text: str, reading: SyncRun | None) -> list[Change]:
    rows = Change.objects.filter(run=reading, kind=Kind.PERSON, action=Action.SKIP)
    matching = rows.filter(Q(label__icontains=text) | Q(detail__icontains=text))
    return list(matching.order_by("pk")[:MOST]) if reading else []


class _About:
    """What is known of these targets, each kind of it asked for once."""

    def __init__(
        self,
        targets: list[Target],
        connection: Connection,
        reading: SyncRun | None,
        skipped: list[Change],
    ) -> None:
        self.provider = source_label(connection.provider)
        ids = [target.pk for target in targets]
        links = TargetLink.objects.filter(connection=connection, target__in=ids)
        self.person_ids = dict(links.values_list("target_id", "integration_id"))
        self.seats = _by_target(
            GroupMembership.objects.filter(target__in=ids)
            .select_related("group")
            .order_by("-is_active", "group__name_key")
        )
        self.skipped = _by_target(skipped)
        self.held = _by_target(
            Change.objects.filter(run=reading, outcome=Outcome.HELD, target_id__in=ids)
        )
        self.removed = _by_target(
            Change.objects.filter(
                target_id__in=ids, action=Action.DEACTIVATE, outcome=Outcome.APPLIED
            )
            .select_related("run")
            .order_by("-pk")
        )
        self.switched = _switched(ids)
        self.reading = reading

    def answer(self, target: Target) -> Answer:
        sentences = [*self._places(target), *self._source(target), *self._waiting(target)]
        person_id = self.person_ids.get(target.pk, "")
        return Answer(str(target), target.email, sentences, target.pk, person_id)

    def left_out(self, row: Change) -> Answer:
        sentence = f"Is not here: {_lower(reason_sentence(row, self.provider))}"
        return Answer(row.label, row.detail, [sentence], row.target_id, row.integration_id)

    def _places(self, target: Target) -> Iterable[str]:
        seats = self.seats[target.pk]
        active = [seat.group.name for seat in seats if seat.is_active]
        if not target.is_active:
            yield "An administrator switched this person off everywhere."
        if active:
            yield f"Is active in {', '.join(active)}."
        elif not seats:
            yield "Is in no group."
        for seat in seats:
            yield from self._place(target, seat)

    def _place(self, target: Target, seat: GroupMembership) -> Iterable[str]:
        name = seat.group.name
        if not seat.is_active:
            yield f"Is inactive in {name}: {self._inactive(target, seat)}"
        if seat.group.locked:
            yield f"The group {name} is locked, so no sync changes who is in it."
        if seat.is_kept:
            yield f"An administrator keeps this person in {name}."

    def _inactive(self, target: Target, seat: GroupMembership) -> str:
        on = _day(seat.changed_at)
        if seat.set_by == SetBy.PERSON:
            who = self.switched.get((target.pk, seat.group_id), "an administrator")
            return f"switched off by {who} on {on}."
        for row in self.removed[target.pk]:
            if row.group_id in (None, seat.group_id):
                return f"{_lower(reason_sentence(row, self.provider))} Since {on}."
        return f"a sync switched them off on {on}."

    def _source(self, target: Target) -> Iterable[str]:
        if target.pk not in self.person_ids:
            yield f"Is linked to nobody at {self.provider}, so no sync of it changes them."
        for row in self.skipped[target.pk]:
            yield f"Was left as it is in the last sync: {_lower(reason_sentence(row, self.provider))}"

    def _waiting(self, target: Target) -> Iterable[str]:
        for row in self.held[target.pk]:
            since = _day(row.run.finished_at) if row.run.finished_at else ""
            yield f"A change is held since {since}: {held_because(row.hold_reason)}."


def _switched(target_ids: list[int]) -> dict[tuple[int, int], str]:
    """(target, group) → who switched the membership last, as the audit log has it."""
    events = AuditEvent.objects.filter(kind="MEMBERSHIP_SWITCHED", after__target_id__in=target_ids)
    rows = events.order_by("pk").values_list("after", "actor")
    return {(after["target_id"], after.get("group_id")): actor for after, actor in rows}


def _by_target(rows: Iterable[Row]) -> defaultdict[int | None, list[Row]]:
    found: defaultdict[int | None, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.target_id].append(row)
    return found


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "j M Y")


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
