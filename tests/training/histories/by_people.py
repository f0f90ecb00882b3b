"""What happens at the Portal: actions by the doors, and what an Administrator does."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.db import transaction

from groups.models import Group
from integrations.contract.errors import IntegrationError
from integrations.models import Course
from targets.models import GroupMembership, Target
from tests.training.histories.clock import BEGIN
from tests.training.histories.portal import GROUPS
from tests.training.histories.rules import Enrolment, Told
from tests.training.histories.seam import Disturbance, Killed
from tests.training.histories.watching import Watching
from training.models import Enrollment
from training.services import by_hand
from training.services.campaigns import end_campaign
from training.services.taking import NewAction, take_actions
from training.services.taking_back import of_bots, withdraw_all

KINDS = ("CLICKED", "SUBMITTED", "CLICKED", "OPENED", "SENT", "REPORTED", "CLICKED")
STRANGER = "who@else.example"


class ByPeople(Watching):
    def _campaign_name(self, number: int) -> str:
        return sorted(self.rules.campaigns)[number % len(self.rules.campaigns)]

    def _email(self, number: int) -> str:
        return [*sorted(self.rules.people), *sorted(self.rules.people), STRANGER][
            number % (2 * len(self.rules.people) + 1)
        ]

    def _told(self, one: int, two: int, *, is_bot: bool = False) -> Told:
        kind, email = KINDS[one % len(KINDS)], self._email(two)
        letter = "ku"[one % 2]
        return Told(kind, email, f"{letter}|{kind}|{email}|{(one + two) % 4}", is_bot)

    def _tell(self, name: str, actions: list[Told]) -> None:
        now = self.clock.now()
        take_actions(
            campaign=self.portal.campaigns[name],
            actions=[_as_sent(one) for one in actions],
            door="API",
            now=now,
        )
        self.rules.act(name, actions, now)
        self.known += [(name, one) for one in actions]
        self.seam.done["actions"] += len(actions)
        self.seam.done["bot marks"] += sum(one.is_bot for one in actions)
        self.expect()

    def act(self, one: int, two: int) -> None:
        action = self._told(one, two, is_bot=one % 5 == 4)
        self._tell(self._campaign_name(one // 7), [action])

    def act_many(self, one: int, two: int) -> None:
        """Some of them twice, with a bot's mark on the first, the second, or neither."""
        actions = [
            self._told(one + at % 3, two + at, is_bot=(one + at) % 7 == 3) for at in range(6)
        ]
        again = actions[two % 6]
        actions.append(Told(again.kind, again.email, again.key, is_bot=one % 3 == 0))
        self._tell(self._campaign_name(two), actions)

    def mark_bot(self, one: int, two: int) -> None:
        """Mostly of an action that somebody was enrolled for."""
        keys = {row.key for row in self.rows.values()}
        known = [pair for pair in self.known if pair[1].key in keys or two % 3 == 0]
        if known:
            name, action = known[-1 - (one % len(known))]
            self._tell(name, [Told(action.kind, action.email, action.key, is_bot=True)])

    def tell_again(self, one: int, two: int) -> None:
        if self.known:
            name, action = self.known[-1 - (one % len(self.known))]
            self._tell(name, [Told(action.kind, action.email, action.key)] * (1 + two % 2))

    def door_dies(self, one: int, two: int) -> None:
        """In the middle of taking actions in; whoever sent them sends them again."""
        action = self._told(one, two)
        name = self._campaign_name(one)
        dying = self.seam.worker(Disturbance("die", two % 5, "write"))
        with suppress(Killed), transaction.atomic(), dying:
            self._tell(name, [action])
        self._tell(name, [action])

    def _pick(self, number: int) -> tuple[int, Enrolment] | None:
        pks = sorted(self.rows)
        pk = pks[number % len(pks)] if pks else 0
        return (pk, self.rows[pk]) if pks else None

    def _of(self, pks: list[int]):
        return Enrollment.objects.filter(pk__in=pks)

    def withdraw(self, one: int, two: int) -> None:
        """One, by its own page: what is at Litmos is taken back in front of the person."""
        chosen = self._pick(one)
        if chosen is None:
            return
        pk, row = chosen
        before = row.state
        with self.seam.worker(Disturbance()):
            try:
                by_hand.withdraw(Enrollment.objects.get(pk=pk))
            except by_hand.NotNow:
                self.expect()
                return
            except IntegrationError:
                self._is_unsure(row)
                self.expect()
                return
        if before in ("ASSIGNED", "IN_PROGRESS", "OVERDUE"):
            self.rules.hand_over(row)
            row.state, row.reason = "WITHDRAWN", "by_hand"
        else:
            self.rules.withdraw([row], "by_hand")
            self._resolve([pk])
        self.expect()

    def _is_unsure(self, row: Enrolment) -> None:
        """The call that takes it back got no answer."""
        pairs = self.litmos.pairs(row.person, row.course)
        self.litmos.doubtful |= set(pairs)

    def _resolve(self, pks: list[int]) -> None:
        """Whether a dead worker had begun to ask is for the Portal to say."""
        for row in self._of(pks):
            mine = self.rows[row.pk]
            is_either = {mine.state, row.state} == {"WITHDRAWN", "WITHDRAWING"}
            if is_either and mine.is_maybe_asked:
                mine.state = row.state

    def withdraw_many(self, one: int, two: int) -> None:
        pks = sorted(self.rows)[one % 4 :: 2]
        by_hand.withdraw_all(account=self.account, rows=self._of(pks))
        self.rules.withdraw([self.rows[pk] for pk in pks], "by_hand")
        self._resolve(pks)
        self.expect()

    def withdraw_bots(self, one: int, two: int) -> None:
        pks = list(of_bots().values_list("pk", flat=True))
        assert all(self.rows[pk].is_bot for pk in pks)
        withdraw_all(rows=of_bots(), reason="bot", now=self.clock.now())
        self.rules.withdraw([self.rows[pk] for pk in pks], "bot")
        self._resolve(pks)
        self.expect()

    def ask_again(self, one: int, two: int) -> None:
        """Some, but none that came of a bot's action."""
        pks = [pk for pk in sorted(self.rows)[one % 3 :: 1 + two % 2] if not self.rows[pk].is_bot]
        now = self.clock.now()
        by_hand.ask_again(rows=self._of(pks), now=now)
        self.rules.ask_again([self.rows[pk] for pk in pks], now)
        self.expect()

    def mark_done(self, one: int, two: int) -> None:
        chosen = self._pick(one)
        if chosen:
            by_hand.mark_done(rows=self._of([chosen[0]]), now=self.clock.now())
            self.rules.mark_done([chosen[1]])
            self.expect()

    def course_switched(self, one: int, two: int) -> None:
        name = sorted(self.rules.courses)[one % 3]
        if self.plan.courses[one % 3] == "GONE":
            return
        self.rules.courses[name] = not self.rules.courses[name]
        Course.objects.filter(name=name).update(is_active=self.rules.courses[name])

    def connection_switched(self, one: int, two: int) -> None:
        self.rules.is_on = not self.rules.is_on
        self.connection.is_active = self.rules.is_on
        self.connection.save(update_fields=["is_active"])

    def group_lms(self, one: int, two: int) -> None:
        self.portal.set_lms(GROUPS[one % 2], ("", "OWN", "NONE")[two % 3])

    def membership(self, one: int, two: int) -> None:
        """Begins, ends, or begins again."""
        name, email = GROUPS[one % 2], sorted(self.rules.people)[two % len(self.rules.people)]
        members = self.rules.places[name].members
        if email not in members:
            self.portal.join(name, email)
            return
        is_active, since = members[email]
        members[email] = (not is_active, since)
        GroupMembership.objects.filter(group__name=name, target__email=email).update(
            is_active=not is_active
        )

    def target_switched(self, one: int, two: int) -> None:
        email = sorted(self.rules.people)[one % len(self.rules.people)]
        self.rules.people[email] = not self.rules.people[email]
        Target.objects.filter(email=email).update(is_active=self.rules.people[email])

    def smart_sync(self, one: int, two: int) -> None:
        place = self.rules.places[GROUPS[one % 2]]
        place.is_smart = not place.is_smart
        Group.objects.filter(name=place.name).update(smart_sync=place.is_smart)

    def campaign_ends(self, one: int, two: int) -> None:
        name = self._campaign_name(one)
        if not self.rules.campaigns[name].is_running or two % 3:
            return
        end_campaign(
            campaign=self.portal.campaigns[name], withdraws=one % 2 == 0, now=self.clock.now()
        )
        self.rules.end_campaign(name, withdraws=one % 2 == 0)
        self.expect()


def _as_sent(one: Told) -> NewAction:
    number = int(one.key[-1])
    key = one.key if one.key.startswith("k") else ""
    at = BEGIN + timedelta(minutes=number)
    return NewAction(one.kind, one.email, at, is_bot=one.is_bot, key=key)
