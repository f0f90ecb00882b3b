import json

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.tokens import make_token
from integrations.models import Course
from integrations.providers.litmos.sandbox import Sandbox
from integrations.services.keys import put_key
from tests.factories import (
    ConnectionFactory,
    GroupFactory,
    GroupMembershipFactory,
    TargetFactory,
)
from tests.training.answers import ADDRESS
from training.models import Campaign, Enrollment, Lane, State
from training.services.campaigns import start_campaign
from training.services.taking import NewAction, take_actions
from training.services.working import advance_lane


@pytest.fixture
def sandbox(settings):
    made = Sandbox(users=0, teams=0, courses=0, rate=None)
    with made.serve() as serving:
        settings.LITMOS_EXTRA_REGIONS = f"Rehearsal={serving.url}"
        settings.LITMOS_RATE = "100000/60"
        yield made


@pytest.fixture
def in_acme(acme):
    with scope(account=acme):
        yield acme


@pytest.fixture
def connection(in_acme, sandbox):
    made = ConnectionFactory.build(
        account=in_acme, provider="litmos", region="rehearsal", default_lms="ALL_GROUPS"
    )
    put_key(made, sandbox.api_key)
    made.save()
    return made


@pytest.fixture
def course(connection, sandbox) -> Course:
    key = sandbox.tenant.add_course(Name="Spot the hook", Code="HOOK")
    return Course.objects.create(
        account=connection.account, connection=connection, integration_id=key, name="Spot the hook"
    )


@pytest.fixture
def group(in_acme):
    return GroupFactory(account=in_acme, name="Sales")


@pytest.fixture
def ann(group, sandbox):
    """A target of Sales, known at Litmos by her e-mail alone."""
    sandbox.tenant.add_user(Email="ann@acme.example", FirstName="Ann", LastName="Lee")
    target = TargetFactory(account=group.account, email="ann@acme.example", name="Ann Lee")
    GroupMembershipFactory(group=group, target=target)
    return target


@pytest.fixture
def campaign(group, course, ann) -> Campaign:
    made = Campaign.objects.create(account=group.account, name="Autumn", waiting_minutes=0)
    made.groups.add(group)
    made.courses.add(course)
    start_campaign(campaign=made)
    made.refresh_from_db()
    return made


@pytest.fixture
def act(campaign):
    """Tell an action: of Ann, a click, now, unless said otherwise."""

    def act(email="ann@acme.example", kind="CLICKED", **values):
        values.setdefault("happened_at", timezone.now())
        one = NewAction(kind=kind, email=email, **values)
        return take_actions(campaign=campaign, actions=[one], door="GOPHISH")

    return act


@pytest.fixture
def work(connection):
    """Let the lane work now, whatever it and its rows wait for."""

    def work(times=1):
        for _ in range(times):
            Lane.objects.update(next_attempt_at=None, lease_until=None)
            now = timezone.now()
            Enrollment.objects.filter(state__in=[State.WAITING, State.REQUESTED]).update(due_at=now)
            advance_lane(connection_id=connection.pk)

    return work


@pytest.fixture
def litmos(sandbox, ann, course):
    """What Litmos has: (assigned, e-mails)."""

    def litmos():
        made = [(user, one) for user, one, _ in sandbox.tenant.all_assignments()]
        return len(made), len(sandbox.tenant.mails)

    return litmos


@pytest.fixture
def token(acme, alice):
    return make_token(account=acme, user=alice, name="SIEM", scopes=["ACTIONS_WRITE"])[1]


@pytest.fixture
def row():
    def row(email="ann@acme.example", kind="clicked", **fields):
        fields.setdefault("happened_at", timezone.now().isoformat())
        return {"email": email, "kind": kind, **fields}

    return row


@pytest.fixture
def send(campaign, token):
    def send(actions=(), *, raw=None, bearer=token, headers=None, **body):
        headers = {"Authorization": f"Bearer {bearer}"} | (headers or {})
        sent = {"campaign": campaign.pk, "actions": actions} | body
        text = json.dumps(sent).encode() if raw is None else raw
        client = Client(enforce_csrf_checks=True)
        return client.post(ADDRESS, text, content_type="application/json", headers=headers)

    return send
