"""One connection to a source that is a dict, its runs taken step by step."""

from __future__ import annotations

from collections import Counter

from django.db import connection as database
from hypothesis.stateful import RuleBasedStateMachine

from groups.models import Group
from integrations.models import OPEN_STATUSES, Connection, Status, SyncRun
from integrations.sync import engine
from targets import tallies
from targets.emails import normalise
from tests.fakes import Remote
from tests.soak.portal import Killed, dying_after, portal_state, seats, take_over

MOST_STEPS = 200
#: How often each thing was done, over all sequences of this process.
DONE: Counter[str] = Counter()


class Stepping(RuleBasedStateMachine):
    connection: Connection
    remote: Remote
    seats: set[tuple[int, int]]
    zombies: list[SyncRun]

    def start(self, one: int, two: int) -> None:
        raise NotImplementedError

    def truth(self) -> set[tuple[str, str]]:
        """(team, person) of everybody active, whatever a reading is shown of them."""
        people = self.remote.people
        return {
            (team, person)
            for team, members in self.remote.members.items()
            for person in members
            if person in people and people[person]["is_active"]
        }

    @property
    def open_run(self) -> SyncRun | None:
        return SyncRun.objects.filter(status__in=OPEN_STATUSES).first()

    @property
    def last_run(self) -> SyncRun | None:
        return SyncRun.objects.exclude(status__in=OPEN_STATUSES).order_by("-pk").first()

    def by_hand(self) -> None:
        """What an administrator or the source did just now is not for a sync to answer for."""
        self.seats = seats()

    def advance(self, run: SyncRun, writes: int | None, *, whole: bool) -> None:
        """One step; with `writes`, the worker dies after so many of them."""
        claimed = take_over(run)
        if claimed is None:
            return
        DONE["steps"] += 1
        before = portal_state()
        try:
            with database.execute_wrapper(dying_after(writes)):
                engine.work(claimed, self.remote.session(), is_time_up=lambda: not whole)
        except Killed:
            DONE["kills"] += 1
        run.refresh_from_db()
        self.check_step(run, before)

    def check_step(self, run: SyncRun, before: dict) -> None:
        if portal_state() != before:
            assert run.phase == "FINISH" or run.status in ("SYNCED", "WARNINGS", "HELD", "UNDONE")
            assert not run.is_preview
        if run.undoes_id and run.status == Status.UNDONE:
            Group.objects.filter(is_archived=True).delete()
            tallies.recount(self.connection.account)
            self.by_hand()

    def finish(self, run: SyncRun) -> SyncRun:
        for _ in range(MOST_STEPS):
            run.refresh_from_db()
            if not run.is_open:
                return run
            self.advance(run, None, whole=True)
        raise AssertionError(f"{run} does not end: {run.phase} {run.cursor}")

    def snapshot(self) -> tuple[dict, dict, dict]:
        people = {
            key: {**row, "email": normalise(row["email"])}
            for key, row in self.remote.people.items()
        }
        members = {team: set(people) & ids for team, ids in self.remote.members.items()}
        return people, dict(self.remote.teams), members

    def step(self, one: int, two: int) -> None:
        if run := self.open_run:
            self.advance(run, None, whole=one % 3 == 0)

    def die(self, one: int, two: int) -> None:
        if run := self.open_run:
            self.advance(run, one, whole=True)

    def stall(self, one: int, two: int) -> None:
        """A worker claims the run and is not heard of for a while."""
        run = self.open_run
        if run and (claimed := take_over(run)):
            self.zombies.append(claimed)

    def zombie_wakes(self, one: int, two: int) -> None:
        if not self.zombies:
            return
        zombie = self.zombies.pop()
        current = SyncRun.objects.get(pk=zombie.pk)
        before, is_late = portal_state(), current.epoch != zombie.epoch
        engine.work(zombie, self.remote.session(), is_time_up=lambda: False)
        after = SyncRun.objects.get(pk=zombie.pk)
        if is_late:
            DONE["takeovers"] += 1
            assert (portal_state(), after.phase, after.status) == (
                before,
                current.phase,
                current.status,
            )
        else:
            self.check_step(after, before)

    def overtaken(self, one: int, two: int) -> None:
        """Another worker goes one step on, then the late one wants to."""
        self.start(1, two)
        self.stall(one, two)
        self.step(1, two)
        self.zombie_wakes(one, two)
