"""An account in which there is one of each thing that the API shows."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from groups.models import Group
from integrations.models import Change, Connection, Course, GroupLink, Status, SyncRun, TargetLink
from integrations.services.keys import put_key
from targets.models import GroupMembership, Target
from tests.factories import ConnectionFactory, GroupFactory, SyncRunFactory, TargetFactory
from training.models import Action, Campaign, Enrollment

PLAN = "a" * 64
KEY = "good-key-0123456789"


@dataclass
class World:
    group: Group
    target: Target
    connection: Connection
    course: Course
    held: SyncRun
    change: Change
    preview: SyncRun
    campaign: Campaign
    action: Action
    enrollment: Enrollment


def make_world(account) -> World:
    connection = ConnectionFactory.build(account=account, provider="litmos", is_active=True)
    put_key(connection, KEY)
    connection.save()
    group = GroupFactory(account=account, name="Sales", source="litmos")
    GroupLink.objects.create(
        account=account,
        connection=connection,
        group=group,
        integration_id="T1",
        remote_name="Sales",
    )
    target = TargetFactory(account=account, email="ann@acme.example", name="Ann Lee")
    GroupMembership.objects.create(account=account, group=group, target=target)
    TargetLink.objects.create(
        account=account, connection=connection, target=target, integration_id="P1"
    )
    course = Course.objects.create(
        account=account, connection=connection, integration_id="C1", name="Phishing, the basics"
    )
    preview = SyncRunFactory(connection=connection, status=Status.PREVIEWED, is_preview=True)
    held = SyncRunFactory(
        connection=connection,
        status=Status.HELD,
        plan_hash=PLAN,
        finished_at=timezone.now(),
        counts={"PERSON.DEACTIVATE.HELD": 1},
    )
    change = Change.objects.create(
        account=account,
        run=held,
        kind="PERSON",
        action="DEACTIVATE",
        outcome="HELD",
        reason="GONE",
        integration_id="P1",
        label="Ann Lee",
        detail="ann@acme.example",
        target_id=target.pk,
        team_ids=["T1"],
    )
    return World(
        group,
        target,
        connection,
        course,
        held,
        change,
        preview,
        *_remediation(account, target, course),
    )


def _remediation(account, target, course):
    campaign = Campaign.objects.create(account=account, name="Autumn")
    now = timezone.now()
    action = Action.objects.create(
        account=account,
        campaign=campaign,
        target=target,
        kind="CLICKED",
        email=target.email,
        door="API",
        key="e1",
        happened_at=now,
    )
    enrollment = Enrollment.objects.create(
        account=account,
        campaign=campaign,
        action=action,
        target=target,
        course=course,
        due_at=now + timedelta(minutes=15),
    )
    enrollment.timeline.create(account=account, step="WAITING")
    return campaign, action, enrollment
