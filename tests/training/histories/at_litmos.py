"""What happens at Litmos by itself: faults, completions, and what its own administrators do."""

from __future__ import annotations

from tests.training.histories.watching import Watching
from training.models import Lane
from training.services.completion_hook import keep_webhook

OUTAGES = (
    "500",
    "503",
    "429=7@1-3",
    "500:/courses$",
    "503:/users/",
    "empty200:/users/",
    "html200",
    "truncated",
    "reset:/courses",
    "shortbody",
    "reset",
    "500:/bulkimports",
    "404:/bulkimports",
    "406:/bulkimports",
    "reset:/bulkimports",
    "404:/achievements",
    "404:/results",
    "500:/users/courses",
    "401",
    "500:/users/details",
)


class AtLitmos(Watching):
    def outage(self, one: int, two: int) -> None:
        fault = OUTAGES[one % len(OUTAGES)]
        span = "" if "@" in fault or two % 3 == 0 else f"@{1 + two % 4}-{1 + two % 4 + two % 5}"
        self.sandbox.faults.set(fault + span)
        self.seam.done["faults"] += 1

    def all_well(self, one: int, two: int) -> None:
        self.sandbox.faults.clear()

    def _assignment(self, number: int) -> tuple[str, str] | None:
        found = sorted((user, course) for user, course, _ in self.portal.tenant.all_assignments())
        return found[number % len(found)] if found else None

    def complete(self, one: int, two: int) -> None:
        if pair := self._assignment(one):
            self.portal.tenant.complete(*pair)
            self.sample()

    def begin_course(self, one: int, two: int) -> None:
        pair = self._assignment(one)
        if pair and not self.portal.tenant.assignments(pair[0])[pair[1]].completed:
            if two % 4:
                self.portal.tenant.start(*pair)
            else:
                self.portal.tenant.let_expire(*pair)
            self.sample()

    def told_by_hook(self, one: int, two: int) -> None:
        """Litmos tells a completion, perhaps twice."""
        pair = self._assignment(one)
        if pair is None:
            return
        self.portal.tenant.complete(*pair)
        self.sample()
        at = self.portal.tenant.assignments(pair[0])[pair[1]].completed
        told = {"userId": pair[0], "courseId": pair[1], "achievementDate": at.isoformat()}
        self.told_complete.add(pair)
        lane = Lane.objects.select_related("connection", "account").get()
        for _ in range(1 + two % 2):
            keep_webhook(lane, {"type": "achievement.earned", "data": told})

    def _somebody(self, number: int) -> str | None:
        users = sorted(self.portal.tenant.rows)
        return users[number % len(users)] if users else None

    def assigned_by_others(self, one: int, two: int) -> None:
        """Mostly what the Portal has an enrolment for."""
        pair = self._pair(one, two)
        if pair and self.portal.tenant.assign(*pair):
            self.checks.theirs[pair] = self.clock.now()
            self.checks.taken_away.discard(pair)
            self.sample()

    def _pair(self, one: int, two: int) -> tuple[str, str] | None:
        tenant, rows = self.portal.tenant, list(self.rows.values())
        if two % 4 and rows:
            row = rows[one % len(rows)]
            pairs = self.litmos.pairs(row.person, row.course)
            found = [pair for pair in pairs if pair[0] in tenant.rows and pair[1] in tenant.courses]
            return found[-1] if found else None
        user, courses = self._somebody(one), sorted(tenant.courses)
        return (user, courses[two % len(courses)]) if user and courses else None

    def unassigned_by_others(self, one: int, two: int) -> None:
        if pair := self._assignment(one):
            self.sample()
            self.portal.tenant.unassign(*pair)
            self._took_away([pair])

    def _took_away(self, pairs: list[tuple[str, str]]) -> None:
        self.checks.taken_away |= set(pairs)
        for pair in pairs:
            self.checks.theirs.pop(pair, None)
            self.litmos.ours.pop(pair, None)

    def person_deactivated(self, one: int, two: int) -> None:
        user = self._somebody(one)
        if user and self.portal.tenant.users[user]["Active"]:
            self.portal.tenant.deactivate(user)
        elif user:
            self.portal.tenant.reactivate(user)

    def person_deleted(self, one: int, two: int) -> None:
        if two % 2 and (user := self._somebody(one)):
            self.sample()
            self._took_away([(user, course) for course in self.portal.tenant.assignments(user)])
            self.portal.tenant.delete_user(user)

    def person_appears(self, one: int, two: int) -> None:
        """Somebody unknown, or gone, gets an account."""
        email = sorted(self.rules.people)[one % len(self.rules.people)]
        if not self.litmos.has_account(email):
            self.portal.account_at_litmos(email)

    def course_deleted(self, one: int, two: int) -> None:
        courses = sorted(self.portal.tenant.courses)
        if two % 2 and courses:
            course = courses[one % len(courses)]
            self.sample()
            pairs = [(u, c) for u, c, _ in self.portal.tenant.all_assignments() if c == course]
            self._took_away(pairs)
            self.portal.tenant.delete_course(course)
