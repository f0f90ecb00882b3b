"""Takes somebody's name and address out of what is kept as text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, QuerySet
from django.db.models.functions import Cast

from accounts.models import Account, AuditEvent

ERASED = "an erased person"
SHORTEST_NAME = 3
#: A name alone tells a person only where an event is about people.
OF_PEOPLE = ("MEMBERSHIP_", "TARGET", "ENROLLMENT_", "SYNC_STARTED")


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody is called. Names shorter than three signs are left, since they are parts of others."""

    emails: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        names = [name for name in self.names if len(name) >= SHORTEST_NAME]
        return sorted({*filter(None, self.emails), *names}, key=len, reverse=True)

    def taken_out_of(self, text: str) -> str:
        if not self.all:
            return text
        found = "|".join(re.escape(word) for word in self.all)
        return re.sub(rf"(?<!\w)(?:{found})(?!\w)", ERASED, text, flags=re.IGNORECASE)

    def taken_out_of_json(self, value: Any) -> Any:
        return json.loads(self.taken_out_of(json.dumps(value, ensure_ascii=False)))


def scrub_audit_log(*, account: Account, words: Words, target_id: int) -> int:
    """What was done stays, and who did it; to whom does not. Returns in how many events."""
    events = list(_about(account, words, target_id))
    for event in events:
        AuditEvent.objects.filter(pk=event.pk).rewrite(
            subject=words.taken_out_of(event.subject),
            before=words.taken_out_of_json(event.before),
            after=words.taken_out_of_json(event.after),
            reason=words.taken_out_of(event.reason),
        )
    return len(events)


def audit_events_about(*, account: Account, words: Words, target_id: int) -> QuerySet[AuditEvent]:
    return _about(account, words, target_id)


def _about(account: Account, words: Words, target_id: int) -> QuerySet[AuditEvent]:
    of_people = Q()
    for prefix in OF_PEOPLE:
        of_people |= Q(kind__startswith=prefix)
    named = Q()
    for name in words.names:
        if len(name) >= SHORTEST_NAME:
            named |= Q(subject__icontains=name) | Q(told__icontains=name)
    found = Q(after__target_id=target_id) | (of_people & named if named else Q(pk=None))
    for email in filter(None, words.emails):
        found |= Q(subject__icontains=email) | Q(told__icontains=email) | Q(was__icontains=email)
        found |= Q(reason__icontains=email)
    told, was = (Cast(F(name), CharField()) for name in ("after", "before"))
    return AuditEvent.objects.filter(account=account).annotate(told=told, was=was).filter(found)
