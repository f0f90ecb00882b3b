"""The Portal's and Litmos's side of a world, made from its plan."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import Account
from groups.models import Group
from integrations.models import Connection, Course, TargetLink
from integrations.providers.litmos.sandbox import Sandbox
from integrations.services.keys import put_key
from targets.models import GroupMembership, Target
from tests.factories import ConnectionFactory, GroupFactory, TargetFactory
from tests.training.histories import rules
from tests.training.histories.clock import Clock
from tests.training.histories.litmos import Litmos
from tests.training.histories.plan import FAILING, World
from training.models import Campaign, Lane
from training.services.campaigns import start_campaign
from training.services.lms import set_lms

GROUPS = ("Accounts", "Sales")
COURSES = ("Course A", "Course B", "Course C")


class Portal:
    def __init__(self, account: Account, plan: World, sandbox: Sandbox, clock: Clock) -> None:
        self.account, self.plan, self.tenant, self.clock = account, plan, sandbox.tenant, clock
        self.rules = rules.Rules(is_default=plan.is_default)
        self.litmos = Litmos(self.tenant)
        self.connection = self._connection(sandbox.api_key)
        self.groups: dict[str, Group] = {}
        self.targets: dict[str, Target] = {}
        self.courses: dict[str, Course] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.made = 0
        for name, (is_smart, lms) in zip(GROUPS, plan.groups, strict=True):
            self._group(name, is_smart, lms)
        for number, (kind, places) in enumerate(plan.people):
            self._person(f"p{number}@acme.example", kind, places)
        for name, state in zip(COURSES, plan.courses, strict=True):
            self._course(name, state)
        for number in range(len(plan.campaigns)):
            self._campaign(number)

    def _connection(self, api_key: str) -> Connection:
        default = "ALL_GROUPS" if self.plan.is_default else "NONE"
        made = ConnectionFactory.build(
            account=self.account, provider="litmos", region="rehearsal", default_lms=default
        )
        put_key(made, api_key)
        made.save()
        Lane.objects.create(
            account=self.account, connection=made, creates_people=self.plan.creates_people
        )
        return made

    def _group(self, name: str, is_smart: bool, lms: str) -> None:
        made = GroupFactory(account=self.account, name=name, smart_sync=is_smart)
        self.groups[name] = made
        self.rules.places[name] = rules.Place(name, is_smart, "")
        self.set_lms(name, lms)

    def set_lms(self, name: str, lms: str) -> None:
        set_lms(
            account=self.account,
            groups=Group.objects.filter(name=name),
            connection=self.connection if lms == "OWN" else None,
            is_own=lms != "",
        )
        self.rules.places[name].lms = lms

    def _person(self, email: str, kind: str, places: int) -> None:
        target = TargetFactory(account=self.account, email=email, name=f"Person {email}")
        self.targets[email] = target
        self.rules.people[email] = True
        for bit, name in enumerate(GROUPS):
            if places >> bit & 1:
                self.join(name, email)
        if kind == "TWICE":
            self.tenant.deactivate(self.account_at_litmos(email))
        if kind != "UNKNOWN":
            user = self.account_at_litmos(email)
        if kind in ("INACTIVE", "OFF"):
            self.tenant.deactivate(user)
        if kind in ("LINKED", "DELETED", "OFF"):
            TargetLink.objects.create(
                account=self.account, connection=self.connection, target=target, integration_id=user
            )
        if kind == "DELETED":
            self.tenant.delete_user(user)

    def account_at_litmos(self, email: str) -> str:
        self.made += 1
        user = self.tenant.add_user(
            Email=email, UserName=f"user{self.made}x", FirstName="P", IsCustomUsername=True
        )
        self.litmos.ids.setdefault(email, []).append(user)
        return user

    def join(self, name: str, email: str) -> None:
        now = self.clock.now()
        GroupMembership.objects.create(
            account=self.account,
            group=self.groups[name],
            target=self.targets[email],
            created_at=now,
        )
        self.rules.places[name].members[email] = (True, now)

    def _course(self, name: str, state: str) -> None:
        key = self.tenant.add_course(Name=name, Code=name[-1])
        self.litmos.course_ids[name] = key
        self.rules.courses[name] = state == "GOOD"
        self.courses[name] = Course.objects.create(
            account=self.account,
            connection=self.connection,
            integration_id=key,
            name=name,
            is_active=state != "INACTIVE",
            gone_at=self.clock.now() if state == "GONE" else None,
        )
        if state == "GONE":
            self.tenant.delete_course(key)

    def _campaign(self, number: int) -> None:
        plan = self.plan.campaigns[number]
        name, now = f"Campaign {number}", self.clock.now()
        made = Campaign.objects.create(
            account=self.account,
            name=name,
            waiting_minutes=plan.waiting_minutes,
            not_again_days=plan.not_again_days,
            is_mailed=plan.is_mailed,
            failing=FAILING[plan.failing],
        )
        groups, courses = [GROUPS[at] for at in plan.groups], [COURSES[at] for at in plan.courses]
        made.groups.set([self.groups[one] for one in groups])
        made.courses.set([self.courses[one] for one in courses])
        start_campaign(campaign=made, now=now)
        self.campaigns[name] = Campaign.objects.get(pk=made.pk)
        self.rules.campaigns[name] = rules.Campaign(
            name=name,
            groups=groups,
            courses=courses,
            waiting=timedelta(minutes=plan.waiting_minutes),
            not_again=timedelta(days=plan.not_again_days),
            is_mailed=plan.is_mailed,
            failing=FAILING[plan.failing],
            started_at=now,
        )
