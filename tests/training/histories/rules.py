"""What the product promises of remediation, in plain Python, without a look at how it is done.

An enrolment may be in a state that only its worker knows (was it asked for when the worker died?), so
the rules say from which state which others may come, given what was true at Litmos meanwhile; and what
must have become of everybody once nothing fails any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TO_ASK = ("WAITING", "REQUESTED")
WATCHED = ("ASSIGNED", "IN_PROGRESS", "OVERDUE")
ENDED = ("COMPLETED", "NOT_POSSIBLE", "FAILED", "WITHDRAWN")
GIVEN_UP_AFTER = timedelta(days=3)
CLOCKS_DIFFER = timedelta(minutes=10)
Pair = tuple[str, str]


@dataclass
class Place:
    """`lms`: '' follows the account's default, OWN is Litmos, NONE none."""

    name: str
    is_smart: bool
    lms: str
    #: E-mail → (takes part, since when).
    members: dict[str, tuple[bool, datetime]] = field(default_factory=dict)


@dataclass
class Campaign:
    name: str
    groups: list[str]
    courses: list[str]
    waiting: timedelta
    not_again: timedelta
    is_mailed: bool
    failing: list[str]
    started_at: datetime
    is_running: bool = True
    #: Key → whether it is a bot's.
    actions: dict[str, bool] = field(default_factory=dict)


@dataclass
class Enrolment:
    person: str
    course: str
    campaign: str
    key: str
    state: str
    reason: str
    created_at: datetime
    due_at: datetime
    had_lms: bool = True
    is_bot: bool = False
    #: Begun to be asked for at some time, as far as Litmos or a dead worker can tell.
    is_maybe_asked: bool = False

    @property
    def pair(self) -> Pair:
        return self.person, self.course

    @property
    def shown(self) -> tuple[str, str, str, str, str]:
        return self.campaign, self.person, self.course, self.state, self.reason


@dataclass(frozen=True)
class Told:
    """An action as a door tells it."""

    kind: str
    email: str
    key: str
    is_bot: bool = False


@dataclass
class Rules:
    places: dict[str, Place] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    #: Name of a course as the Portal has it → active there.
    courses: dict[str, bool] = field(default_factory=dict)
    #: E-mail → takes part at all.
    people: dict[str, bool] = field(default_factory=dict)
    is_on: bool = True
    is_default: bool = True
    enrolments: list[Enrolment] = field(default_factory=list)

    def act(self, name: str, actions: Iterable[Told], now: datetime) -> None:
        """New actions are kept, bots' withdraw what waits, the first failure of each person enrols."""
        campaign = self.campaigns[name]
        told: dict[str, Told] = {}
        bots = {one.key for one in actions if one.is_bot}
        for one in actions:
            told.setdefault(one.key, one)
        known = set(campaign.actions)
        for one in told.values():
            campaign.actions[one.key] = campaign.actions.get(one.key, False) or one.key in bots
        self._withdraw_bots(name, bots)
        failed: dict[str, Told] = {}
        for one in told.values():
            is_new = one.key not in known and one.key not in bots
            if is_new and one.kind in campaign.failing and one.email in self.people:
                failed.setdefault(one.email, one)
        if campaign.is_running:
            for one in failed.values():
                self._enrol(campaign, one, now)

    def _withdraw_bots(self, name: str, bots: set[str]) -> None:
        for one in self.enrolments:
            if one.campaign == name and one.key in bots:
                one.is_bot = True
                if one.state == "WAITING":
                    one.state, one.reason = "WITHDRAWN", "bot"

    def _enrol(self, campaign: Campaign, action: Told, now: datetime) -> None:
        if not self.groups_of(action.email, campaign):
            return
        for course in campaign.courses:
            if self._is_spoken_for(action.email, course, campaign.not_again, now):
                continue
            reason = self.why_not(action.email, course, campaign)
            self.enrolments.append(
                Enrolment(
                    person=action.email,
                    course=course,
                    campaign=campaign.name,
                    key=action.key,
                    state="NOT_POSSIBLE" if reason else "WAITING",
                    reason=reason,
                    created_at=now,
                    due_at=now + campaign.waiting,
                    had_lms=reason != "no_lms",
                )
            )

    def groups_of(self, email: str, campaign: Campaign) -> list[str]:
        if not self.people[email]:
            return []
        found = []
        for name in sorted(campaign.groups):
            place = self.places[name]
            takes_part, since = place.members.get(email, (False, campaign.started_at))
            if takes_part and (place.is_smart or since <= campaign.started_at):
                found.append(name)
        return found

    def has_lms(self, email: str, campaign: Campaign) -> bool:
        chosen = [self.places[name].lms for name in self.groups_of(email, campaign)]
        return any(lms == "OWN" or (lms == "" and self.is_default) for lms in chosen)

    def why_not(self, email: str, course: str, campaign: Campaign) -> str:
        if not self.has_lms(email, campaign):
            return "no_lms"
        return self.why_not_asked(course)

    def why_not_asked(self, course: str) -> str:
        if not self.courses[course]:
            return "course_inactive"
        return "" if self.is_on else "integration_off"

    def _is_spoken_for(self, email: str, course: str, not_again: timedelta, now: datetime) -> bool:
        mine = [one for one in self.enrolments if one.pair == (email, course)]
        is_open = any(one.state in TO_ASK for one in mine)
        had = [one for one in mine if one.state in (*WATCHED, "COMPLETED")]
        return is_open or any(one.created_at > now - not_again for one in had)

    def end_campaign(self, name: str, *, withdraws: bool) -> None:
        self.campaigns[name].is_running = False
        for one in self.enrolments:
            if withdraws and one.campaign == name and one.state == "WAITING":
                one.state, one.reason = "WITHDRAWN", "campaign_ended"

    def withdraw(self, chosen: Iterable[Enrolment], reason: str) -> None:
        """What was never asked for, or had been there before, ends at once; the rest at Litmos."""
        for one in chosen:
            if one.state not in (*TO_ASK, *WATCHED):
                continue
            is_ours = one.is_maybe_asked and one.reason != "already"
            one.state, one.reason = ("WITHDRAWING" if is_ours else "WITHDRAWN"), reason

    def hand_over(self, given_up: Enrolment) -> None:
        """What we had assigned is from now on that of whoever needs it too, and found it there."""
        if given_up.reason == "already":
            return
        for twin in self.enrolments:
            is_there = twin.state in (*WATCHED, "COMPLETED") and twin.reason == "already"
            if twin.pair == given_up.pair and is_there:
                twin.reason = ""

    def ask_again(self, chosen: Iterable[Enrolment], now: datetime) -> None:
        for one in chosen:
            twins = [other for other in self.enrolments if other.pair == one.pair]
            is_open = any(twin.state in (*TO_ASK, *WATCHED) for twin in twins)
            campaign = self.campaigns[one.campaign]
            if one.state not in ("NOT_POSSIBLE", "FAILED", "WITHDRAWN") or is_open or one.is_bot:
                continue
            is_in_a_group = bool(self.groups_of(one.person, campaign))
            has_lms = self.has_lms(one.person, campaign) if is_in_a_group else one.had_lms
            if not has_lms or self.why_not_asked(one.course):
                continue
            one.had_lms = True
            one.state, one.reason, one.is_maybe_asked = "WAITING", "", False
            one.created_at = one.due_at = now

    def mark_done(self, chosen: Iterable[Enrolment]) -> None:
        for one in chosen:
            if one.state in (*TO_ASK, *WATCHED, "NOT_POSSIBLE", "FAILED"):
                one.state, one.reason = "COMPLETED", "by_hand"
