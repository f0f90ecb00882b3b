"""Generated histories: after random changes at the rehearsal Litmos and a sync over HTTP, the whole of
the Portal equals what the rules say. 30 histories of up to five syncs each, 200 in `make test-all`."""

from __future__ import annotations

import random

import pytest
from django_scopes import scope

from groups.models import Group
from integrations import budget, registry
from integrations.contract.provider import Session
from integrations.contract.secret import Secret
from integrations.models import Connection, GroupLink, SyncRun
from integrations.providers.litmos.sandbox import Sandbox
from integrations.services import open_run
from integrations.sync import engine, journal
from targets import tallies
from targets.models import GroupMembership, SetBy, Target
from tests.factories import AccountFactory
from tests.integrations.sync.rules import World
from tests.passes import spread, thorough
from tests.tallies import differing

pytestmark = pytest.mark.django_db

HISTORIES = 30
THOROUGH_HISTORIES = 200
BLOCK = 3


class History:
    def __init__(self, seed: int, url_region: str, sandbox: Sandbox) -> None:
        self.random = random.Random(seed)
        self.sandbox, self.tenant, self.region = sandbox, sandbox.tenant, url_region
        self.account = AccountFactory(name=f"History {seed}")
        self.world = World()
        self.emails = [f"p{number}@history.example" for number in range(30)]
        self.names = [f"team {number}" for number in range(8)]

    def play(self) -> None:
        with scope(account=self.account):
            self.connection = Connection.objects.create(
                account=self.account, provider="litmos", region=self.region, is_active=True
            )
            for _ in range(self.random.randint(2, 4)):
                self.new_team()
            for _ in range(self.random.randint(4, 16)):
                self.new_user()
            self.make_by_hand()
            for _ in range(self.random.randint(3, 5)):
                self.sync_and_compare()
                for _ in range(self.random.randint(0, 6)):
                    self.random.choice(self.CHANGES)(self)

    def sync_and_compare(self) -> SyncRun:
        tallies.recount(self.account)
        run = open_run(connection=self.connection, trigger=self.trigger()).run
        session = self.session()
        engine.work(journal.claim(run.pk), session, is_time_up=lambda: False)
        session.close()
        run = SyncRun.objects.get(pk=run.pk)
        assert run.status in ("SYNCED", "WARNINGS", "HELD"), (run.error_code, run.error_detail)
        assert differing(self.account) == []
        self.world.sync(*self.snapshot())
        assert portal_state() == self.world.result()
        return run

    def trigger(self) -> str:
        return "MANUAL"

    def session(self) -> Session:
        return registry.get("litmos").connect(
            region=self.region,
            api_key=Secret(self.sandbox.api_key),
            budget=budget.for_key(f"history{self.account.pk}", "SYNC"),
        )

    def snapshot(self):
        teams = {key: team["Name"] for key, team in self.tenant.teams.items()}
        people = {
            key: {
                "email": row["Email"] if "@" in row["Email"] else "",
                "name": f"{row['FirstName']} {row['LastName']}",
                "is_active": row["Active"],
            }
            for key, row in self.tenant.users.items()
        }
        return people, teams, {key: self.tenant.members(key) for key in teams}

    def user(self) -> str | None:
        keys = sorted(self.tenant.users)
        return self.random.choice(keys) if keys else None

    def team(self) -> str | None:
        keys = sorted(self.tenant.teams)
        return self.random.choice(keys) if keys else None

    def email(self) -> str:
        odd = self.random.random()
        return "" if odd < 0.05 else "broken" if odd < 0.1 else self.random.choice(self.emails)

    def new_user(self) -> None:
        number = self.random.randint(1, 10**6)
        key = self.tenant.add_user(
            UserName=f"user{number}x{self.random.randint(1, 10**6)}",
            FirstName=f"First{number}",
            LastName="Last",
            FullName=f"First{number} Last",
            Email=self.email(),
            IsCustomUsername=True,
        )
        for team in self.random.sample(sorted(self.tenant.teams), k=min(2, len(self.tenant.teams))):
            self.tenant.join(team, key)

    def new_team(self) -> None:
        used = {team["Name"] for team in self.tenant.teams.values()}
        free = [name for name in self.names if name not in used]
        if free:
            self.tenant.add_team(self.random.choice(free))

    def rename_team(self) -> None:
        used = {team["Name"] for team in self.tenant.teams.values()}
        free = [name for name in self.names if name not in used]
        if free and (team := self.team()):
            self.tenant.rename_team(team, self.random.choice(free))

    def delete_team(self) -> None:
        if team := self.team():
            self.tenant.delete_team(team)

    def join(self) -> None:
        if (team := self.team()) and (user := self.user()):
            self.tenant.join(team, user)

    def leave(self) -> None:
        pairs = [(t, u) for t in sorted(self.tenant.teams) for u in sorted(self.tenant.members(t))]
        if pairs:
            self.tenant.leave(*self.random.choice(pairs))

    def rename_user(self) -> None:
        if user := self.user():
            first = f"Renamed{self.random.randint(1, 10**6)}"
            self.tenant.update_user(
                user, FirstName=first, FullName=f"{first} Last", LastName="Last"
            )

    def change_email(self) -> None:
        if user := self.user():
            self.tenant.update_user(user, Email=self.email())

    def deactivate(self) -> None:
        if user := self.user():
            self.tenant.deactivate(user)

    def reactivate(self) -> None:
        if user := self.user():
            self.tenant.reactivate(user)

    def delete_user(self) -> None:
        if user := self.user():
            self.tenant.delete_user(user)

    def recreate(self) -> None:
        if user := self.user():
            self.tenant.recreate(user)

    def make_by_hand(self) -> None:
        """A group of an administrator's own, perhaps of a team's name, with people of either kind."""
        name = self.random.choice([*self.names, "own group"])
        if name in self.world.groups:
            return
        group = Group.objects.create(account=self.account, name=name)
        self.world.groups[name] = {"team": None, "remote": "", "gone": False}
        for email in self.random.sample(self.emails, k=3):
            target, is_new = Target.objects.get_or_create(
                account=self.account, email=email, defaults={"email_key": email, "name": "by hand"}
            )
            if is_new:
                self.world.targets[email] = {"id": "", "gone": False, "name": "by hand"}
            GroupMembership.objects.create(account=self.account, group=group, target=target)
            self.world.seats[name, email] = [True, False]

    def switch_off(self) -> None:
        rows = list(GroupMembership.objects.select_related("group", "target").order_by("pk"))
        if rows:
            row = self.random.choice(rows)
            row.is_active, row.set_by = False, SetBy.PERSON
            row.save()
            self.world.seats[row.group.name, row.target.email] = [False, False]

    CHANGES = (
        new_user,
        new_team,
        rename_team,
        delete_team,
        join,
        join,
        leave,
        leave,
        rename_user,
        change_email,
        deactivate,
        reactivate,
        delete_user,
        recreate,
        make_by_hand,
        switch_off,
    )


def portal_state() -> dict:
    links = {link.group_id: link.integration_id for link in GroupLink.objects.all()}
    seats = GroupMembership.objects.select_related("group", "target")
    return {
        "groups": {group.name: links.get(group.pk) for group in Group.objects.all()},
        "targets": {t.email: (t.name, t.left_source_at is not None) for t in Target.objects.all()},
        "seats": {(seat.group.name, seat.target.email): seat.is_active for seat in seats},
    }


@pytest.mark.parametrize(
    "first",
    [
        *spread(range(0, HISTORIES, BLOCK)),
        *thorough(range(HISTORIES, THOROUGH_HISTORIES, BLOCK)),
    ],
)
def test_portal_equals_the_rules_after_every_sync(first, settings):
    settings.LITMOS_RATE = "100000/60"
    for seed in range(first, min(first + BLOCK, THOROUGH_HISTORIES)):
        sandbox = Sandbox(users=0, teams=0, courses=0, seed=seed, rate=None)
        with sandbox.serve() as server:
            settings.LITMOS_EXTRA_REGIONS = f"Rehearsal={server.url}"
            History(seed, "rehearsal", sandbox).play()
