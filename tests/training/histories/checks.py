"""Whether what became of each enrolment, and what Litmos was asked, is what the rules allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.training.histories.litmos import HOUR, PATIENCE, Litmos
from tests.training.histories.rules import (
    CLOCKS_DIFFER,
    ENDED,
    GIVEN_UP_AFTER,
    TO_ASK,
    WATCHED,
    Enrolment,
    Rules,
)
from tests.training.histories.seam import Call, Pair

Was = tuple[str, str]


@dataclass
class Checks:
    """`lies` are reasons that a wrong 404 of Litmos gives. `theirs` maps what somebody else had assigned
    to when; `taken_away` is what somebody else has taken away or deleted since."""

    rules: Rules
    litmos: Litmos
    creates_people: bool = False
    lies: set[str] = field(default_factory=set)
    theirs: dict[Pair, datetime] = field(default_factory=dict)
    taken_away: set[Pair] = field(default_factory=set)
    last_kill: datetime | None = None

    def call(self, call: Call) -> None:
        """Before it is sent: whether it may be."""
        if not call.is_asking or call.is_late:
            return
        for pair in call.named:
            open_ones = [one for one in self._of(pair) if one.state in TO_ASK]
            assert open_ones, f"asked for what nobody waits for: {pair} {self._of(pair)}"
            assert any(one.due_at <= call.at for one in open_ones), f"asked too early: {pair}"
            assert not all(one.is_bot for one in open_ones), f"asked for a bot: {open_ones}"
            since = max(one.created_at for one in open_ones)
            ours = self.litmos.ours.get(pair)
            is_twice = pair in call.before and ours and ours >= since
            assert not is_twice or pair in self.litmos.doubtful, f"asked twice: {pair} at {ours}"
            sent = self.litmos.imported.get(pair)
            is_on_its_way = sent and sent >= since and call.at - sent < PATIENCE
            assert not is_on_its_way, f"asked twice: {pair} is in an import of {sent}"
        if call.is_mailed:
            wanted = [one for pair in call.named for one in self._of(pair) if one.state in TO_ASK]
            campaigns = [self.rules.campaigns[one.campaign] for one in wanted]
            assert any(one.is_mailed for one in campaigns), f"mailed, though off: {call}"

    def sent(self, call: Call, mailed: list[str]) -> None:
        """After it came back, or did not: what it has changed."""
        known = self.litmos.mails
        for user in mailed:
            recent = [at for at, one in known if one == user and at > call.at - HOUR]
            assert call.is_asking, f"a mail by {call}"
            assert not recent, f"two mails to {user} within an hour: {recent} {call.at}"
            known.append((call.at, user))
        user = next(iter(call.named), ("", ""))[0]
        if call.is_asking and call.added and not mailed:
            self._nothing_was_due(call, user)
        if call.is_asking and call.is_mailed:
            self.litmos.tried.setdefault(user, []).append(call.at)
        for pair in call.removed & set(self.theirs):
            asked = [one.created_at for one in self._of(pair)]
            is_close = any(self.theirs[pair] > at - CLOCKS_DIFFER for at in asked)
            assert is_close or call.is_late, f"took away what somebody else had assigned: {pair}"
        self.litmos.take(call)

    def _nothing_was_due(self, call: Call, user: str) -> None:
        wanted = [one for pair in call.added for one in self._of(pair) if one.state in TO_ASK]
        if not any(self.rules.campaigns[one.campaign].is_mailed for one in wanted):
            return
        tried = [at for at in self.litmos.tried.get(user, []) if at > call.at - HOUR]
        is_unsure = self.last_kill and self.last_kill > call.at - HOUR
        assert tried or is_unsure or call.is_late, (
            f"no mail, though nothing stood against it: {call}"
        )

    def _of(self, pair: Pair) -> list[Enrolment]:
        return [
            one
            for one in self.rules.enrolments
            if pair in self.litmos.pairs(one.person, one.course)
        ]

    def step(self, one: Enrolment, state: str, reason: str, had: set[str], now: datetime) -> None:
        """A worker moved `one` on; `had`: states that Litmos's record stood for meanwhile."""
        old = one.state
        if state == old and (old not in ENDED or reason == one.reason):
            if old in WATCHED:
                assert reason == one.reason, f"{one} gets the reason {reason}"
            return
        told = f"{one} became {state} {reason}"
        assert old not in ENDED, told
        if old in TO_ASK:
            assert one.due_at <= now, f"{told} too early"
            self._leaves_the_queue(one, state, reason, had, now, told)
        elif old in WATCHED:
            assert state in (*WATCHED, "COMPLETED") and state in had, told
            assert reason == one.reason, told
        else:
            assert old == "WITHDRAWING" and state == "WITHDRAWN" and reason == one.reason, told

    def _leaves_the_queue(
        self, one: Enrolment, state: str, reason: str, had: set[str], now: datetime, told: str
    ) -> None:
        if state in (*WATCHED, "COMPLETED"):
            assert state in had, f"{told}, but Litmos had {had}"
            assert reason in self._origins(one), f"{told}: {self._origins(one)}"
        elif state == "FAILED":
            is_asked = one.is_maybe_asked or old_enough(one, now)
            assert old_enough(one, now) and is_asked, told
        elif state == "NOT_POSSIBLE":
            assert reason in self._impossible(one), f"{told}: {self._impossible(one)}"
            self._is_nowhere(one, reason, told)
        elif state == "WITHDRAWN":
            assert (reason, one.is_bot) == ("bot", True), told
            self._is_nowhere(one, reason, told)
        else:
            assert (one.state, state) == ("WAITING", "REQUESTED"), told

    def _is_nowhere(self, one: Enrolment, reason: str, told: str) -> None:
        """What Litmos has because of us is not said to be impossible."""
        pairs = self.litmos.pairs(one.person, one.course)
        left = [pair for pair in pairs if pair in self.litmos.ours and pair not in self.theirs]
        there = {pair for pair in left if self.litmos.ours[pair] >= one.created_at}
        is_there = self.litmos.has(one.person, one.course) and there - self.litmos.doubtful
        assert not is_there or reason in self.lies, f"{told}, but Litmos has it"

    def _origins(self, one: Enrolment) -> set[str]:
        pairs = self.litmos.pairs(one.person, one.course)
        if any(pair in self.litmos.doubtful for pair in pairs):
            return {"", "already"}
        if self.litmos.is_ours(one.person, one.course, one.created_at):
            return {""}
        times = self.litmos.assigned_at(one.person, one.course)
        if times and all(at < one.created_at - CLOCKS_DIFFER for at in times):
            return {"already"}
        return {"", "already"}

    def _impossible(self, one: Enrolment) -> set[str]:
        found = set(self.lies)
        found.add(self.rules.why_not_asked(one.course))
        if not self.litmos.has_active_account(one.person):
            found.add("no_account")
        ids = self.litmos.ids.get(one.person, [])
        if any(user not in self.litmos.tenant.rows for user in ids):
            found.add("person_missing")
        if not self.litmos.has_course(one.course):
            found.add("course_missing")
        if self.litmos.dropped & set(self.litmos.pairs(one.person, one.course)):
            found.add("not_taken")
        return found - {""}

    def end(self) -> None:
        """Once all is quiet: the whole record of Litmos against all enrolments."""
        for one in self.rules.enrolments:
            assert one.state not in (*TO_ASK, "WITHDRAWING"), f"stuck: {one}"
            pairs = set(self.litmos.pairs(one.person, one.course))
            is_free = pairs & (self.litmos.doubtful | self.taken_away)
            if one.state in WATCHED and not is_free:
                progress = self.litmos.progress(one.person, one.course)
                assert one.state in progress, f"{one}, but Litmos has {progress}"
            if one.state == "COMPLETED" and one.reason != "by_hand" and not is_free:
                assert "COMPLETED" in self.litmos.progress(one.person, one.course), one
        for user, course, _ in self.litmos.tenant.all_assignments():
            pair = (user, course)
            if pair in self.theirs or pair in self.litmos.doubtful:
                continue
            mine = self._of(pair)
            is_live = any(one.state in (*WATCHED, "COMPLETED") for one in mine)
            assert is_live, f"assigned, though no rule says so: {pair} {mine}"
        mails = self.litmos.tenant.mails
        assert sorted(user for _, user in self.litmos.mails) == sorted(user for user, _ in mails)


def old_enough(one: Enrolment, now: datetime) -> bool:
    return one.created_at < now - GIVEN_UP_AFTER
