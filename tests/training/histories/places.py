"""Who and what a history begins with."""

from __future__ import annotations

from django.utils import timezone

from integrations.models import Connection, Course, TargetLink
from integrations.services.keys import put_key
from targets.models import GroupMembership
from tests.factories import AccountFactory, GroupFactory, TargetFactory
from tests.training.histories.record import Recording
from training.models import Campaign, Lane
from training.services.campaigns import start_campaign


def make(history) -> None:
    """Two groups; people known by a link, by their e-mail, inactive at Litmos, or unknown there."""
    history.account = AccountFactory(name=f"History {history.seed}")
    # Each has a key of its own, and so a budget of its own.
    history.sandbox.api_key = f"{history.seed:08x}-0000-4000-8000-000000000000"
    history.tenant = history.sandbox.tenant = Recording(seed=history.seed)
    history.emails = []


def fill(history) -> None:
    history.connection = _connection(history)
    for number in range(history.random.randint(1, 3)):
        _course(history, number)
    groups = [GroupFactory(account=history.account, name=name) for name in ("Sales", "Works")]
    for group in groups:
        group.smart_sync = history.chance(0.7)
        group.save()
    for number in range(history.random.randint(2, 8)):
        _person(history, number, groups)
    make_campaign(history)
    if history.chance(0.5):
        make_campaign(history)
    Lane.objects.create(
        account=history.account,
        connection=history.connection,
        creates_people=history.chance(0.2),
    )


def _connection(history) -> Connection:
    made = Connection(
        account=history.account,
        provider="litmos",
        region="rehearsal",
        is_active=True,
        default_lms=history.random.choice(("ALL_GROUPS", "ALL_GROUPS", "NONE")),
    )
    put_key(made, history.sandbox.api_key)
    made.save()
    return made


def _course(history, number: int) -> None:
    name = f"Course {number}"
    key = history.tenant.add_course(Name=name, Code=f"C{number}")
    Course.objects.create(
        account=history.account,
        connection=history.connection,
        integration_id=key,
        name=name,
        is_active=history.chance(0.95),
    )


def _person(history, number: int, groups) -> None:
    email = f"p{number}@history.example"
    history.emails.append(email)
    target = TargetFactory(account=history.account, email=email, name=f"Person {number}")
    for group in groups:
        if history.chance(0.6):
            GroupMembership.objects.create(account=history.account, group=group, target=target)
    kind = history.random.choice(("linked", "linked", "by e-mail", "by e-mail", "unknown"))
    if kind == "unknown":
        return
    key = history.tenant.add_user(Email=email, UserName=email)
    if kind == "linked":
        TargetLink.objects.create(
            account=history.account,
            connection=history.connection,
            target=target,
            integration_id=key,
        )
    if history.chance(0.1):
        history.tenant.deactivate(key)


def make_campaign(history) -> None:
    made = Campaign.objects.create(
        account=history.account,
        name=f"Campaign {Campaign.objects.count()}",
        failing=history.random.choice((["CLICKED", "SUBMITTED"], ["OPENED", "CLICKED"])),
        waiting_minutes=history.random.choice((0, 0, 15)),
        not_again_days=history.random.choice((0, 30, 90)),
        is_mailed=history.chance(0.4),
    )
    made.groups.set(history.groups())
    courses = list(history.courses())
    made.courses.set(history.random.sample(courses, history.random.randint(1, len(courses))))
    start_campaign(campaign=made, now=timezone.now())
