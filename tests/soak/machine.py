"""Random sequences of everything that may happen to a connection, against the rules of a sync.

What must hold at every step: nobody is made inactive who was in their team all along, nothing that a
customer sees changes before a plan is applied, one run is open at most, no target is ever deleted, and
what was staged goes with its run, or is the mirror. At every quiet point the Portal equals the rules' result.
"""

from __future__ import annotations

from django.db import transaction
from django_scopes import scope
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from groups.models import Group
from integrations.contract.errors import BudgetEmpty, Fatal, Retryable
from integrations.models import (
    OPEN_STATUSES,
    Change,
    Connection,
    GroupLink,
    Mirror,
    Outcome,
    StagedPerson,
    Status,
    SyncRun,
    TargetLink,
)
from integrations.services import (
    DecisionRefused,
    NothingToApply,
    apply_preview,
    cancel_run,
    decide,
    open_run,
    start_preview,
    start_undo,
)
from integrations.services.undoing import can_undo
from integrations.sync.confirm import FEW
from targets import tallies
from targets.models import GroupMembership, SetBy, Target
from tests.factories import AccountFactory
from tests.fakes import Remote
from tests.soak.portal import (
    difference,
    portal_state,
    seats,
    world_of_portal,
)
from tests.soak.remote_changes import CHANGES, EMAILS, TEAM_NAMES
from tests.soak.stepping import DONE, Stepping
from tests.tallies import differing

NUMBERS = st.integers(min_value=0, max_value=47)
FAULTS = (
    Retryable("litmos_unavailable"),
    BudgetEmpty(5),
    Fatal("too_large"),
    Retryable("throttled", delay_seconds=60),
)
MORE_THAN_ARE_ASKED_FOR = FEW + 5
NO_LIMITS = {
    "people": 10**6,
    "group_people": 10**6,
    "teams": 10**6,
    "unreadable_share": 1.0,
    "known_at_least": 10**6,
}
WEIGHTS = {
    "at_the_source": 8,
    "start": 5,
    "step": 5,
    "die": 4,
    "stall": 2,
    "zombie_wakes": 2,
    "overtaken": 2,
    "calls_fail": 1,
    "some_are_not_shown": 2,
    "one_is_unreadable": 1,
    "toggle": 1,
    "cancel": 1,
    "decide": 3,
    "lose_many": 2,
    "undo": 2,
    "switch_off": 1,
    "group_by_hand": 1,
    "quiet": 2,
}
ACTIONS = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
SIZE = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


class Machine(Stepping):
    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.account = AccountFactory()
        self.scope = scope(account=self.account)
        self.scope.__enter__()
        self.connection = Connection.objects.create(
            account=self.account, provider="litmos", region="us", is_active=True
        )
        self.remote = Remote(page_size=7, lists_changes=True)
        self.zombies: list[SyncRun] = []
        self.steady = self.truth()
        self.seats = seats()
        self.targets: set[int] = set()
        DONE["sequences"] += 1

    def teardown(self) -> None:
        self.scope.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(teams=st.integers(1, 3), people=st.integers(0, 40), has_limits=st.booleans())
    def begin(self, teams: int, people: int, has_limits: bool) -> None:
        """Without limits it is the completeness of a reading alone that keeps people."""
        self.has_limits = has_limits
        if not has_limits:
            self.connection.thresholds = NO_LIMITS
            self.connection.save(update_fields=["thresholds"])
        hire, new_team = CHANGES[0], CHANGES[12]
        for number in range(teams):
            new_team(self.remote, number, 0)
        for number in range(people):
            hire(self.remote, number, 3 * number + 1)
        self.steady = self.truth()

    def at_the_source(self, one: int, two: int) -> None:
        CHANGES[one % len(CHANGES)](self.remote, two, one + two)
        self.steady &= self.truth()
        DONE["changes"] += 1

    def group_by_hand(self, one: int, two: int) -> None:
        name, emails = TEAM_NAMES[one % len(TEAM_NAMES)], EMAILS[two % 8 : two % 8 + 3]
        if self.open_run or Group.objects.filter(name=name).exists():
            return
        group = Group.objects.create(account=self.account, name=name)
        for email in emails:
            target, _ = Target.objects.get_or_create(
                account=self.account, email_key=email, defaults={"email": email, "name": "by hand"}
            )
            GroupMembership.objects.create(account=self.account, group=group, target=target)
        tallies.recount(self.connection.account)
        self.by_hand()

    def switch_off(self, one: int, two: int) -> None:
        rows = GroupMembership.objects.order_by("pk")
        if rows:
            row = rows[(one + two) % len(rows)]
            GroupMembership.objects.filter(pk=row.pk).update(
                is_active=False, set_by=SetBy.PERSON, is_kept=False
            )
            tallies.recount(self.connection.account)
            self.by_hand()

    def calls_fail(self, one: int, two: int) -> None:
        self.remote.faults = [None] * (one % 7) + [FAULTS[two % len(FAULTS)]] * (1 + two % 6)
        DONE["faults"] += 1

    def some_are_not_shown(self, one: int, two: int) -> None:
        keys = sorted(self.remote.people)
        number = MORE_THAN_ARE_ASKED_FOR if two % 2 else 1 + two % 4
        self.remote.hidden = set(keys[one % (len(keys) or 1) :][:number])
        DONE["faults"] += 1
        self.start(1, two)
        self.step(0, two)

    def one_is_unreadable(self, one: int, two: int) -> None:
        keys = sorted(self.remote.people)
        self.remote.unreadable = set(keys[one % (len(keys) or 1) :][:1])
        DONE["faults"] += 1

    def toggle(self, one: int, two: int) -> None:
        self.connection.is_active = not self.connection.is_active
        self.connection.save(update_fields=["is_active"])

    def start(self, one: int, two: int) -> None:
        if not self.open_run:
            self.steady = self.truth()
        if one % 4 == 0:
            start_preview(connection=self.connection, user=None)
        else:
            self.open(two)

    def open(self, number: int) -> SyncRun:
        """By hand, or as a night that trusts the lists of changes."""
        Mirror.objects.update(agreed=100)
        is_night = self.connection.is_active and number % 2
        trigger = "AUTO" if is_night else "MANUAL"
        return open_run(connection=self.connection, trigger=trigger).run

    def cancel(self, one: int, two: int) -> None:
        before, run = portal_state(), self.open_run
        if run is None:
            return
        if cancel_run(run=run, user=None) == "DONE":
            assert run.status == Status.CANCELLED
        assert portal_state() == before
        DONE["cancels"] += 1

    def decide(self, one: int, two: int) -> None:
        run = self.last_run
        if run is None or run.status != Status.HELD:
            return
        held = Change.objects.filter(run=run, outcome=Outcome.HELD).order_by("pk")
        rows = held.filter(pk__in=list(held.values_list("pk", flat=True)[: 1 + one]))
        try:
            decide(
                run=run,
                user=None,
                rows=rows,
                plan_hash=run.plan_hash,
                is_approval=two % 3 > 0,
                reason="soak",
            )
            DONE["decisions"] += 1
        except DecisionRefused:
            return

    def undo(self, one: int, two: int) -> None:
        """Of the newest run that can be."""
        runs = SyncRun.objects.order_by("-pk")[:5]
        run = next(filter(can_undo, runs), None)
        if run is None or self.open_run:
            return
        preview = self.finish(start_undo(run=run, user=None).run)
        try:
            carried = apply_preview(preview=preview, user=None)
        except NothingToApply:
            return
        self.steady = set()
        self.finish(carried.run)
        DONE["undos"] += 1

    def quiet(self, one: int = 0, two: int = 0) -> None:
        """Nothing fails any more: what is open ends, and one more sync makes all equal."""
        self.remote.faults, self.remote.hidden, self.remote.unreadable = [], set(), set()
        if run := self.open_run:
            self.finish(run)
        self.steady = self.truth()
        world = world_of_portal()
        world.has_limits = self.has_limits
        world.sync(*self.snapshot())
        run = self.finish(self.open(two))
        DONE[f"quiet by {run.reading.get('way', 'none')}"] += 1
        assert run.status in ("SYNCED", "WARNINGS", "HELD"), run.error_code
        found = difference(portal_state(), world.result())
        assert not found, found
        DONE["quiet points"] += 1

    def lose_many(self, one: int, two: int) -> None:
        """So many that the guard holds them, when they are many enough."""
        hire_many, leave_many = CHANGES[1], CHANGES[8 + 2 * (one % 2)]
        hire_many(self.remote, one, two)
        self.quiet()
        leave_many(self.remote, one, two)
        self.quiet()

    @rule(action=st.sampled_from(ACTIONS), one=NUMBERS, two=NUMBERS)
    def act(self, action: str, one: int, two: int) -> None:
        """One rule for all, so that each comes as often as its weight says."""
        getattr(self, action)(one, two)

    @invariant()
    def nobody_is_lost(self) -> None:
        now = seats()
        lost = self.seats - now
        teams = dict(GroupLink.objects.values_list("group_id", "integration_id"))
        people = dict(TargetLink.objects.values_list("target_id", "integration_id"))
        places = {(teams.get(group), people.get(target)) for group, target in lost}
        assert not places & self.steady
        self.seats = now

    @invariant()
    def what_lists_show(self) -> None:
        assert differing(self.connection.account) == []

    @invariant()
    def what_is_kept(self) -> None:
        targets = set(Target.objects.values_list("pk", flat=True))
        assert targets >= self.targets
        self.targets = targets
        open_runs = set(
            SyncRun.objects.filter(status__in=OPEN_STATUSES).values_list("pk", flat=True)
        )
        assert len(open_runs) <= 1
        mirrors = set(Mirror.objects.values_list("run_id", flat=True))
        assert set(StagedPerson.objects.values_list("run_id", flat=True)) <= open_runs | mirrors
