"""One history: its steps are done to the Portal, to Litmos, and to the rules, and compared after each."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django.conf import settings
from django.db import transaction
from django_scopes import scope

from integrations.providers.litmos.sandbox import Sandbox
from tests.factories import AccountFactory
from tests.training.histories.at_litmos import AtLitmos
from tests.training.histories.by_people import ByPeople
from tests.training.histories.clock import Clock
from tests.training.histories.plan import Step, World
from tests.training.histories.seam import Disturbance, Killed, Seam
from training.models import Enrollment, Lane, PersonLink, TimelineEntry
from training.services.completion_hook import take_told, told_connections
from training.services.working import advance_lane, due_connections

QUIET_MINUTES = (1, 1, 2, 5, 10, 20, 31, 61, 61, 61, 61, 61)
LETTERS = {
    "ACTED": "A",
    "NO_BOT": "B",
    "WAITING": "W",
    "ASKED": "K",
    "VERIFIED": "V",
    "STARTED": "S",
    "COMPLETED": "C",
    "OVERDUE": "O",
    "NOT_POSSIBLE": "N",
    "FAILED": "F",
    "DELAYED": "D",
    "WITHDRAWING": "X",
    "WITHDRAWN": "Z",
    "AGAIN": "G",
}
ENDING = "(V[SO]*(C|X?Z)?|XZ|Z|[NF]C?|C)"
LEGAL = re.compile(f"AB(W[DK]*{ENDING}|N C?)(G[DK]*{ENDING})*".replace(" ", ""))
#: How often each thing was done, over all histories of this process.
DONE: Counter[str] = Counter()


class History(ByPeople, AtLitmos):
    def play(self, steps: list[Step]) -> None:
        with self.seam.watching():
            for name, one, two in steps:
                DONE["steps"] += 1
                getattr(self, name)(one, two)
                self.observe()
            self.quiet()
        DONE["histories"] += 1
        DONE.update(self.seam.done)

    def nothing(self, one: int, two: int) -> None:
        """What a shrunk history is made of."""

    def minutes(self, one: int, two: int) -> None:
        self.clock.pass_by(60 * (1 + one))

    def hours(self, one: int, two: int) -> None:
        self.clock.pass_by(3600 * (1 + one % 6))

    def days(self, one: int, two: int) -> None:
        self.clock.pass_by(86400 * (1 + one % 4))

    def tick(self, one: int, two: int) -> None:
        self.work(Disturbance())

    def _let_be_due(self, one: int, two: int) -> None:
        """Mostly somebody waits, so that there is something to disturb."""
        if one // 3 % 3:
            self.act_many(two, one)
            self.clock.pass_by(60 * max(self.waiting_minutes))

    @property
    def waiting_minutes(self) -> list[int]:
        return [one.waiting_minutes for one in self.plan.campaigns]

    def die(self, one: int, two: int) -> None:
        self._let_be_due(one, two)
        place = ("before", "after", "write")[one % 3]
        self.work(Disturbance("die", two % (12 if place == "write" else 6), place))

    def stall(self, one: int, two: int) -> None:
        self._let_be_due(one, two)
        self.meanwhile = one
        self.work(Disturbance("stall", two % 6, ("before", "after")[one % 2]))

    def answer_lost(self, one: int, two: int) -> None:
        self._let_be_due(one, two)
        self.work(Disturbance(("lost", "unsent")[one % 2], two % 6))

    def budget_empty(self, one: int, two: int) -> None:
        self._let_be_due(one, two)
        self.work(Disturbance("budget", two % 6))

    def step_is_short(self, one: int, two: int) -> None:
        before, settings.STEP_SECONDS = settings.STEP_SECONDS, 0
        try:
            self.work(Disturbance())
        finally:
            settings.STEP_SECONDS = before

    def work(self, disturbance: Disturbance) -> None:
        """One step of the lane, where the tick finds that it is due."""
        self.had = {}
        self.sample()
        if told_connections():
            take_told(connection_id=self.connection.pk)
            self.observe()
        if self.connection.pk not in due_connections(now=self.clock.now()):
            return
        DONE["lane steps"] += 1
        with self.seam.worker(disturbance) as worker:
            try:
                advance_lane(connection_id=self.connection.pk)
            except Killed:
                self.checks.last_kill = self.clock.now()
        if worker.is_late:
            DONE["late workers"] += 1
            assert self.stored() == self.left_by_other, "a worker that was taken over wrote"
        self.observe()

    def overtake(self) -> bool:
        """The lease runs out, something happens, and another worker goes on."""
        self.observe()
        self.checks.last_kill = self.clock.now()
        epoch = Lane.objects.get().epoch
        self.clock.pass_by(settings.LEASE_SECONDS + 15)
        one = self.meanwhile
        name = ("tick", "mark_bot", "withdraw_many", "act", "minutes", "tick")[one % 6]
        if name != "tick":
            getattr(self, name)(one // 3, one)
        self.observe()
        for _ in range(2):
            self.work(Disturbance())
            self.clock.pass_by(61)
        self.left_by_other = self.stored()
        return Lane.objects.get().epoch != epoch

    def stored(self) -> list[Any]:
        """Everything that a worker writes."""
        return [
            list(Enrollment.objects.order_by("pk").values()),
            list(TimelineEntry.objects.order_by("pk").values()),
            list(Lane.objects.values()),
            list(PersonLink.objects.order_by("pk").values()),
        ]

    def quiet(self) -> None:
        """Nothing fails any more and time goes on: all must come to an end."""
        self.sandbox.faults.clear()
        self.observe()
        for minutes in QUIET_MINUTES:
            self.clock.pass_by(60 * minutes)
            for _ in range(3):
                self.work(Disturbance())
            if minutes > 30 and not self.has_open():
                break
        self.clock.pass_by(61 * 60)
        for _ in range(3):
            self.work(Disturbance())
        self.checks.end()
        self.timelines_are_legal()
        DONE.update(f"ended {one.state} {one.reason}".strip() for one in self.rules.enrolments)
        DONE["enrolments compared"] += len(self.rows)
        DONE["assignments compared"] += len(list(self.portal.tenant.all_assignments()))
        DONE["mails compared"] += len(self.portal.tenant.mails)
        DONE["bulk imports"] += len(self.portal.tenant.imports)
        DONE["calls"] += len(self.sandbox.calls)

    def has_open(self) -> bool:
        return any(
            one.state in ("WAITING", "REQUESTED", "WITHDRAWING") for one in self.rules.enrolments
        )

    def timelines_are_legal(self) -> None:
        told: dict[int, list[TimelineEntry]] = {}
        for entry in TimelineEntry.objects.order_by("pk"):
            told.setdefault(entry.enrollment_id, []).append(entry)
        for pk, entries in told.items():
            word = "".join(LETTERS[entry.step] for entry in entries)
            assert LEGAL.fullmatch(word), f"{self.rows[pk]}: {word}"


def play(sandbox: Sandbox, clock: Clock, seam: Seam, world: World, steps: list[Step]) -> None:
    """In a transaction that is not kept."""
    with transaction.atomic():
        account = AccountFactory()
        with scope(account=account):
            History(account, world, sandbox, clock, seam).play(steps)
        transaction.set_rollback(True)
