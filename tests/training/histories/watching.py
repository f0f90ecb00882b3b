"""The enrolments as the Portal has them, held against those of the rules after each step."""

from __future__ import annotations

from accounts.models import Account
from integrations.providers.litmos.sandbox import Sandbox
from tests.training.histories.checks import Checks
from tests.training.histories.clock import Clock
from tests.training.histories.plan import World
from tests.training.histories.portal import Portal
from tests.training.histories.rules import TO_ASK, WATCHED, Enrolment, Told
from tests.training.histories.seam import Call, Pair, Seam
from training.models import Enrollment

SHOWN = ("campaign__name", "target__email", "course__name", "state", "reason")
#: Reasons that somebody was asked for before.
FROM_LITMOS = ("person_missing", "course_missing", "not_taken")
#: An import that comes later than this finds people who were asked for by themselves, or not at all.
PATIENCE_MINUTES = 30


class Watching:
    def __init__(
        self, account: Account, plan: World, sandbox: Sandbox, clock: Clock, seam: Seam
    ) -> None:
        self.sandbox, self.clock, self.seam, self.plan = sandbox, clock, seam, plan
        seam.tenant = sandbox.tenant
        sandbox.tenant.now = clock.now
        sandbox.tenant.import_seconds = 60 * plan.import_minutes
        self.portal = Portal(account, plan, sandbox, clock)
        self.account, self.connection = account, self.portal.connection
        self.rules, self.litmos = self.portal.rules, self.portal.litmos
        self.checks = Checks(self.rules, self.litmos, plan.creates_people)
        self.rows: dict[int, Enrolment] = {}
        self.had: dict[tuple[str, str], set[str]] = {}
        self.known: list[tuple[str, Told]] = []
        self.told_complete: set[Pair] = set()
        self.left_by_other: list[object] = []
        self.meanwhile = 0
        seam.overtake, seam.check, seam.sent = self.overtake, self.checks.call, self.sent
        seam.workers = []

    def overtake(self) -> bool:
        raise NotImplementedError

    def sent(self, call: Call, mailed: list[str]) -> None:
        for user, row in self.portal.tenant.users.items():
            known = self.litmos.ids.setdefault(str(row["Email"]), [])
            if user not in known:
                known.append(user)
        self.checks.sent(call, mailed)
        if call.path == "/bulkimports" and self.plan.import_minutes > PATIENCE_MINUTES:
            self.litmos.doubtful |= call.named
        self.sample()

    def sample(self) -> None:
        """Keep what Litmos has of each enrolment: a worker may have read it at any time."""
        for one in self.rules.enrolments:
            found = self.had.setdefault(one.pair, set())
            found |= self.litmos.progress(*one.pair)
            if self.told_complete & set(self.litmos.pairs(*one.pair)):
                found.add("COMPLETED")

    def observe(self) -> None:
        """What workers did since: allowed or not, and then taken for what it is."""
        self.sample()
        now = self.clock.now()
        stored = {row[0]: row[1:] for row in Enrollment.objects.values_list("pk", *SHOWN)}
        assert set(stored) == set(self.rows), "an enrolment was lost, or made by nobody"
        given_up = {one.pair for one in self.rows.values() if one.state == "WITHDRAWING"}
        for pk, one in self.rows.items():
            *_, state, reason = stored[pk]
            if one.pair in given_up and (one.reason, reason) == ("already", ""):
                # What a withdrawn one had at Litmos is from now on that of one which needs it too.
                one.reason = ""
            self.checks.step(one, state, reason, self.had[one.pair], now)
            one.state = state
            one.reason = "" if state in TO_ASK else reason
            is_at_litmos = state in WATCHED and reason == ""
            if state == "REQUESTED" or is_at_litmos or reason in FROM_LITMOS:
                one.is_maybe_asked = True

    def expect(self) -> None:
        """After something that nobody but the rules decides: each enrolment exactly as they say."""
        known = {id(one) for one in self.rows.values()}
        fresh = [one for one in self.rules.enrolments if id(one) not in known]
        stored = {row[0]: row[1:] for row in Enrollment.objects.values_list("pk", *SHOWN)}
        new = {pk: row for pk, row in stored.items() if pk not in self.rows}
        told = sorted(one.shown for one in fresh)
        assert sorted(new.values()) == told, f"made {sorted(new.values())}, not {told}"
        by_shown = {one.shown: one for one in fresh}
        for pk, row in new.items():
            self.rows[pk] = by_shown[row]
        for pk, one in self.rows.items():
            found = stored[pk][3:]
            state = (one.state, one.reason)
            is_open = one.state in TO_ASK and found[0] == one.state
            assert is_open or found == state, f"{one} is {found}"
