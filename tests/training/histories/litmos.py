"""What was true at the rehearsal Litmos, as its own record and the calls say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from integrations.providers.litmos.sandbox.tenant import Tenant
from tests.training.histories.seam import Call

HOUR = timedelta(hours=1)
PATIENCE = timedelta(minutes=30)
Pair = tuple[str, str]


@dataclass
class Litmos:
    """Users are told by e-mail: `ids` keeps every id that an e-mail ever had there. `ours` maps
    (user id, course id) to when the Portal had it assigned; `doubtful` are those that a call of a late
    worker, or an import that came too late, has changed."""

    tenant: Tenant
    ids: dict[str, list[str]] = field(default_factory=dict)
    course_ids: dict[str, str] = field(default_factory=dict)
    ours: dict[Pair, datetime] = field(default_factory=dict)
    #: By an import that was taken in, and is carried out some time after.
    imported: dict[Pair, datetime] = field(default_factory=dict)
    doubtful: set[Pair] = field(default_factory=set)
    dropped: set[Pair] = field(default_factory=set)
    mails: list[tuple[datetime, str]] = field(default_factory=list)
    #: When a mail may have been sent, or was given up with the call that should have brought it.
    tried: dict[str, list[datetime]] = field(default_factory=dict)

    def pairs(self, email: str, course: str) -> list[Pair]:
        return [(user, self.course_ids[course]) for user in self.ids.get(email, [])]

    def has(self, email: str, course: str) -> bool:
        return any(
            pair[1] in self.tenant.assignments(pair[0]) for pair in self.pairs(email, course)
        )

    def progress(self, email: str, course: str) -> set[str]:
        """States that what Litmos has of the pair stands for."""
        found = set()
        for user, key in self.pairs(email, course):
            one = self.tenant.assignments(user).get(key)
            if one:
                found.add(_state(one))
        return found

    def is_ours(self, email: str, course: str, since: datetime) -> bool:
        made = [self.ours[pair] for pair in self.pairs(email, course) if pair in self.ours]
        return any(at >= since for at in made)

    def assigned_at(self, email: str, course: str) -> list[datetime]:
        there = [self.tenant.assignments(user).get(key) for user, key in self.pairs(email, course)]
        return [one.assigned for one in there if one]

    def is_doubtful(self, email: str, course: str) -> bool:
        return any(pair in self.doubtful for pair in self.pairs(email, course))

    def has_account(self, email: str) -> bool:
        return any(user in self.tenant.rows for user in self.ids.get(email, []))

    def has_active_account(self, email: str) -> bool:
        users = self.tenant.users
        return any(users[user]["Active"] for user in self.ids.get(email, []) if user in users)

    def has_course(self, course: str) -> bool:
        return self.tenant.course(self.course_ids[course]) is not None

    def take(self, call: Call) -> None:
        """Note what a call has changed; its mails are told apart by their number."""
        for pair in call.added:
            self.ours[pair] = call.at
        for pair in call.removed:
            self.ours.pop(pair, None)
        if call.is_late:
            self.doubtful |= call.added | call.removed
        if not call.is_sent or call.status >= 300:
            return
        if call.method == "DELETE" and not call.removed:
            # Litmos said that it was taken away, and it was not.
            self.doubtful |= call.named
        if call.path == "/bulkimports":
            self.imported |= dict.fromkeys(call.named, call.at)
            return
        if call.is_asking and not call.added:
            self.dropped |= {pair for pair in call.named if pair not in call.before}


def _state(one: object) -> str:
    if getattr(one, "completed", None):
        return "COMPLETED"
    if getattr(one, "is_overdue", False):
        return "OVERDUE"
    begun = getattr(one, "percentage", 0) or getattr(one, "started", None)
    return "IN_PROGRESS" if begun else "ASSIGNED"
