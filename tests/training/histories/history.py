"""One account, one Litmos, and what happens to them, drawn from a seed."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from django.db import connection as database
from django.utils import timezone

from integrations.contract.errors import IntegrationError
from integrations.models import Connection
from tests.soak.portal import Killed, dying_after
from tests.training.histories import places
from tests.training.histories.compare import Comparing
from tests.training.histories.dying import Fate
from tests.training.histories.weights import KINDS, OUTAGES, PAUSES, STEPS
from training.models import Campaign, Enrollment, Lane
from training.services import by_hand, lanes, working
from training.services.campaigns import end_campaign
from training.services.completion_hook import keep_webhook, take_told
from training.services.lms import set_lms
from training.services.taking import NewAction, take_actions

DONE: Counter[str] = Counter()


class History(Comparing):
    def __init__(self, seed: int, sandbox, clock, fate: Fate) -> None:
        self.seed, self.random = seed, random.Random(seed)
        self.sandbox, self.clock, self.fate = sandbox, clock, fate
        self.log: list[str] = []
        self.mailed: set[str] = set()
        self.asked: set[tuple[str, str]] = set()
        self.actions: list[tuple[int, NewAction]] = []
        places.make(self)

    def play(self, steps: int) -> None:
        for _ in range(steps):
            name = self.random.choice(STEPS)
            self.log.append(name)
            getattr(self, name)()
            self.check_always()
        self.quiet()

    def quiet(self) -> None:
        self.sandbox.faults.clear()
        self.fate.forget()
        expected = self.expected_ends()
        self.let_work_until_quiet()
        self.compare(expected)
        DONE["quiet points"] += 1

    def pick(self, rows):
        found = list(rows)
        return self.random.choice(found) if found else None

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    # What people do

    def act(self) -> None:
        campaign = self.pick(Campaign.objects.order_by("pk"))
        one = NewAction(
            kind=self.random.choice(KINDS),
            email=self.random.choice([*self.emails, "who@stranger.example"]),
            happened_at=timezone.now(),
            is_bot=self.chance(0.15),
            key=f"k{len(self.actions)}",
        )
        self.actions.append((campaign.pk, one))
        self.take(campaign, one)
        DONE["actions"] += 1

    def crowd(self) -> None:
        """Everybody clicks at once."""
        campaign = self.pick(Campaign.objects.order_by("pk"))
        for email in self.emails:
            one = NewAction("CLICKED", email, timezone.now(), key=f"k{len(self.actions)}")
            self.actions.append((campaign.pk, one))
            self.take(campaign, one)
            DONE["actions"] += 1

    def replay(self) -> None:
        if self.actions:
            pk, one = self.random.choice(self.actions)
            before = self.rows()
            again = NewAction(one.kind, one.email, one.happened_at, key=one.key)
            take_actions(campaign=Campaign.objects.get(pk=pk), actions=[again] * 2, door="API")
            assert self.rows() == before
            DONE["duplicates"] += 1

    def bot_mark(self) -> None:
        if self.actions:
            pk, one = self.random.choice(self.actions)
            bot = NewAction(one.kind, one.email, one.happened_at, is_bot=True, key=one.key)
            self.mark_bot(Campaign.objects.get(pk=pk), bot)
            DONE["bot marks"] += 1

    # What workers do

    def step(self) -> None:
        self.advance()

    def dies_at_a_write(self) -> None:
        with suppress(Killed), database.execute_wrapper(dying_after(self.random.randint(0, 25))):
            self.advance()
            return
        DONE["kills"] += 1

    def dies_at_a_call(self) -> None:
        self.fate.at, self.fate.is_after = self.random.randint(0, 6), self.chance(0.5)
        try:
            self.advance()
        except Killed:
            DONE["kills"] += 1
        self.fate.forget()

    def is_overtaken(self) -> None:
        """Another worker does its step while this one is about to change something at Litmos."""
        self.fate.meanwhile = self.advance
        self.advance()
        self.fate.forget()
        DONE["takeovers"] += 1

    def zombie(self) -> None:
        """One whose lane was taken over writes nothing, and asks for nothing."""
        Lane.objects.update(lease_until=None, next_attempt_at=None)
        late = lanes.claim(self.connection)
        self.advance()
        before, there = self.rows(), self.tenant.pairs
        working._step(late, Connection.objects.get(pk=self.connection.pk))
        assert (self.rows(), self.tenant.pairs) == (before, there)
        DONE["takeovers"] += 1

    def advance(self) -> None:
        Lane.objects.update(lease_until=None, next_attempt_at=None)
        working.advance_lane(connection_id=self.connection.pk)
        DONE["steps"] += 1

    def pause(self) -> None:
        self.clock.shift(timedelta(minutes=self.random.choice(PAUSES)))

    def outage(self) -> None:
        self.sandbox.faults.set(self.random.choice(OUTAGES))
        DONE["faults"] += 1

    def mend(self) -> None:
        self.sandbox.faults.clear()

    # What happens at Litmos

    def user(self) -> str | None:
        return self.pick(sorted(self.tenant.rows))

    def litmos_person(self) -> None:
        if user := self.user():
            what = self.random.choice(("deactivate", "reactivate", "delete_user"))
            getattr(self.tenant, what)(user)
            DONE["deactivations"] += 1

    def litmos_arrival(self) -> None:
        email = self.random.choice(self.emails)
        if self.tenant.user_id(email) is None:
            self.tenant.add_user(Email=email, UserName=email)

    def litmos_course(self) -> None:
        if self.chance(0.2) and (key := self.pick(sorted(self.tenant.courses))):
            self.tenant.delete_course(key)
            DONE["deactivations"] += 1

    def litmos_progress(self) -> None:
        if pair := self.pick(sorted(self.tenant.pairs)):
            what = self.random.choice(("complete", "start", "let_expire"))
            if not self.tenant.assignments(pair[0])[pair[1]].completed:
                getattr(self.tenant, what)(*pair)

    def somebody_assigns(self) -> None:
        if (user := self.user()) and (course := self.pick(sorted(self.tenant.courses))):
            self.tenant.foreign.add((user, course))
            self.tenant.assign_by_others(user, course)

    def slow_imports(self) -> None:
        self.tenant.import_seconds = self.random.choice((0, 0, 120, 3600))

    def lost_import(self) -> None:
        self.tenant.imports.clear()

    # What administrators do

    def course_switched(self) -> None:
        if course := self.pick(self.courses()):
            course.is_active = not course.is_active
            course.save()
            DONE["deactivations"] += 1

    def integration_switched(self) -> None:
        self.connection.is_active = not self.connection.is_active
        self.connection.save(update_fields=["is_active"])
        DONE["deactivations"] += 1

    def seat_switched(self) -> None:
        if seat := self.pick(self.seats()):
            seat.is_active = not seat.is_active
            seat.save()

    def lms_set(self) -> None:
        group = self.pick(self.groups())
        kind = self.random.choice((None, self.connection, "default"))
        set_lms(
            account=self.account,
            groups=type(group).objects.filter(pk=group.pk),
            connection=kind if kind == self.connection else None,
            is_own=kind != "default",
        )

    def campaign_ends(self) -> None:
        campaign = self.pick(Campaign.objects.filter(state="RUNNING"))
        if campaign and Campaign.objects.count() < 4:
            end_campaign(campaign=campaign, withdraws=self.chance(0.5))
            places.make_campaign(self)

    def withdraw(self) -> None:
        rows = Enrollment.objects.order_by("pk")
        if row := self.pick(rows):
            with suppress(by_hand.NotNow, IntegrationError):
                by_hand.withdraw(row)

    def withdraw_many(self) -> None:
        by_hand.withdraw_all(account=self.account, rows=self.some())

    def ask_again(self) -> None:
        by_hand.ask_again(rows=self.some())

    def mark_done(self) -> None:
        if self.chance(0.3):
            by_hand.mark_done(rows=self.some())

    def some(self):
        ids = [row.pk for row in Enrollment.objects.order_by("pk") if self.chance(0.3)]
        return Enrollment.objects.filter(pk__in=ids)

    def webhook(self) -> None:
        done = [(u, c) for u, c, one in self.tenant.all_assignments() if one.completed]
        if pair := self.pick(sorted(done)):
            at = self.tenant.assignments(pair[0])[pair[1]].completed
            lane, _ = Lane.objects.get_or_create(connection=self.connection, account=self.account)
            told = {"userId": pair[0], "courseId": pair[1], "achievementDate": at.isoformat()}
            for _ in range(2):
                keep_webhook(lane, {"type": "achievement.earned", "data": told})
            take_told(connection_id=self.connection.pk)
            take_told(connection_id=self.connection.pk)
