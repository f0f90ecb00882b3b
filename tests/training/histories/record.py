"""What the rehearsal Litmos itself has seen: who was assigned what and when, and who got an e-mail."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.providers.litmos.sandbox.tenant import Tenant

Pair = tuple[str, str]


class Mails(list):
    def __init__(self) -> None:
        super().__init__()
        self.times: list[tuple[str, datetime]] = []

    def append(self, mail: tuple[str, str]) -> None:
        super().append(mail)
        self.times.append((mail[0], timezone.now()))


class Recording(Tenant):
    """`effective` counts how often each pair was assigned when it was not there, `repeated` how often
    when it was; `foreign` are pairs that somebody else has assigned or taken away."""

    def __init__(self, *, seed: int) -> None:
        super().__init__(seed=seed)
        self.mails = Mails()
        self.effective: Counter[Pair] = Counter()
        self.repeated: Counter[Pair] = Counter()
        self.taken_away: Counter[Pair] = Counter()
        self.foreign: set[Pair] = set()

    def assign(self, user_id: str, course_id: str) -> bool:
        is_new = super().assign(user_id, course_id)
        (self.effective if is_new else self.repeated)[user_id, course_id] += 1
        return is_new

    def _progress(self, user_id: str, course_id: str, **changes) -> None:
        repeated = self.repeated.copy()
        super()._progress(user_id, course_id, **changes)
        self.repeated = repeated

    def assign_by_others(self, user_id: str, course_id: str) -> None:
        super().assign(user_id, course_id)

    @property
    def mails_of_imports(self) -> int:
        return sum(job.is_mailed for job in self.imports.values())

    def unassign(self, user_id: str, course_id: str) -> None:
        super().unassign(user_id, course_id)
        self.taken_away[user_id, course_id] += 1

    @property
    def pairs(self) -> set[Pair]:
        return {(user, course) for user, course, _ in self.all_assignments()}

    def mails_too_soon(self) -> list[tuple[str, timedelta]]:
        last: dict[str, datetime] = {}
        found = []
        for user, at in self.mails.times:
            if user in last and at - last[user] < timedelta(hours=1):
                found.append((user, at - last[user]))
            last[user] = at
        return found
