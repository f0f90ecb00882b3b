"""Runs inside the Portal under test (`manage.py shell`): how many calls it takes to enrol waves of people in
one course, against a rehearsal Litmos of its own. Prints one line of JSON."""

from __future__ import annotations

import json
import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_scopes import scope

from accounts.models import Account
from groups.models import Group
from integrations.models import Connection, Course, TargetLink
from integrations.providers.litmos.sandbox import Sandbox
from integrations.services.keys import put_key
from integrations.sync import store
from targets.models import GroupMembership, Target
from training.models import Campaign, Enrollment, Lane, State, Way
from training.services.campaigns import start_campaign
from training.services.taking import NewAction, take_actions
from training.services.working import advance_lane

SIZES = (1, 100, 10_000)


def measure() -> None:
    sandbox = Sandbox(users=0, teams=0, courses=0, rate=None)
    with sandbox.serve() as serving, scope(account=Account.objects.get()):
        settings.LITMOS_EXTRA_REGIONS = f"Waves={serving.url}"
        connection = Connection.objects.get()
        connection.region, connection.default_lms, connection.is_active = (
            "waves",
            "ALL_GROUPS",
            True,
        )
        put_key(connection, sandbox.api_key)
        connection.save()
        print(json.dumps([_wave(sandbox, connection, size) for size in SIZES]))


def _wave(sandbox: Sandbox, connection: Connection, size: int) -> dict[str, float]:
    campaign = _campaign(sandbox, connection, size)
    now = timezone.now()
    clicks = [NewAction("CLICKED", f"w{size}-{at}@bench.example", now) for at in range(size)]
    take_actions(campaign=campaign, actions=clicks, door="API")
    _leave_progress_for_later(connection)
    del sandbox.calls[:]
    begin = time.monotonic()
    rows = Enrollment.objects.filter(campaign=campaign)
    while rows.filter(state__in=(State.WAITING, State.REQUESTED)).exists():
        if not rows.filter(state=State.WAITING).exists():
            rows.filter(way=Way.IMPORT).update(due_at=timezone.now())
        Lane.objects.update(next_attempt_at=None)
        advance_lane(connection_id=connection.pk)
    seconds = time.monotonic() - begin
    assigned = rows.filter(state=State.ASSIGNED).count()
    return {"size": size, "calls": len(sandbox.calls), "assigned": assigned, "seconds": seconds}


def _leave_progress_for_later(connection: Connection) -> None:
    """Reading how far people got is no part of enrolling them."""
    tomorrow = timezone.now() + timedelta(days=1)
    Lane.objects.update_or_create(
        connection=connection, defaults={"account": connection.account, "polled_at": tomorrow}
    )


def _campaign(sandbox: Sandbox, connection: Connection, size: int) -> Campaign:
    account = connection.account
    key = sandbox.tenant.add_course(Name=f"Wave {size}", Code=f"W{size}")
    course = Course.objects.create(
        account=account, connection=connection, integration_id=key, name=f"Wave {size}"
    )
    group = Group.objects.create(account=account, name=f"Wave {size}")
    emails = [f"w{size}-{at}@bench.example" for at in range(size)]
    store.insert([Target(account=account, email=one, email_key=one, name=one) for one in emails])
    people = list(Target.objects.filter(email__startswith=f"w{size}-").order_by("pk"))
    store.insert([GroupMembership(account=account, group=group, target=one) for one in people])
    store.insert([_link(sandbox, connection, one) for one in people])
    made = Campaign.objects.create(account=account, name=f"Wave {size}", waiting_minutes=0)
    made.groups.add(group)
    made.courses.add(course)
    start_campaign(campaign=made)
    made.refresh_from_db()
    return made


def _link(sandbox: Sandbox, connection: Connection, target: Target) -> TargetLink:
    key = sandbox.tenant.add_user(Email=target.email, UserName=target.email)
    return TargetLink(
        account=connection.account, connection=connection, target=target, integration_id=key
    )
