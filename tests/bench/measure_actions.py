"""Runs inside the Portal under test (`manage.py shell`): how many failing actions a second one process takes
in through the API. Prints one line of JSON."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Account, User
from accounts.tokens import make_token
from groups.models import Group
from integrations.models import Connection, Course, TargetLink
from integrations.sync import store
from targets.models import GroupMembership, Target
from training.models import Campaign, Enrollment, TimelineEntry
from training.services.campaigns import start_campaign

PEOPLE, BATCH = 10_000, 1000


def measure() -> None:
    account = Account.objects.get()
    with scope(account=account):
        campaign = _campaign(Connection.objects.get())
        _, token = make_token(
            account=account, user=User.objects.get(), name="Bench", scopes=["ACTIONS_WRITE"]
        )
    client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/v1/openapi.json").status_code == 200
    bodies = [_body(campaign, first) for first in range(0, PEOPLE, BATCH)]
    begin = time.monotonic()
    enrolled = sum(_send(client, body)["enrolled"] for body in bodies)
    seconds = time.monotonic() - begin
    found = {"seconds": seconds, "enrolled": enrolled, "queries": _queries(client, campaign)}
    with scope(account=account):
        found["rows"] = [Enrollment.objects.count(), TimelineEntry.objects.count()]
    print(json.dumps(found))


def _campaign(connection: Connection) -> Campaign:
    """Of one course, over people whom a sync has brought over; twice as many as are counted in time."""
    account = connection.account
    Connection.objects.update(default_lms="ALL_GROUPS", is_active=True)
    group = Group.objects.create(account=account, name="Phished")
    names = [f"phished{number}@bench.example" for number in range(2 * PEOPLE)]
    store.insert([Target(account=account, email=one, email_key=one, name=one) for one in names])
    people = list(Target.objects.filter(email__startswith="phished").order_by("pk"))
    store.insert([GroupMembership(account=account, group=group, target=one) for one in people])
    store.insert([_link(connection, one) for one in people])
    campaign = Campaign.objects.create(account=account, name="Bench")
    campaign.groups.add(group)
    campaign.courses.add(Course.objects.order_by("pk")[0])
    start_campaign(campaign=campaign)
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    return campaign


def _link(connection: Connection, target: Target) -> TargetLink:
    return TargetLink(
        account=connection.account,
        connection=connection,
        target=target,
        integration_id=f"P{target.pk}",
    )


def _body(campaign: Campaign, first: int, size: int = BATCH) -> str:
    at = datetime.now(UTC).isoformat()
    rows = [
        {"email": f"phished{number}@bench.example", "kind": "CLICKED", "happened_at": at}
        for number in range(first, first + size)
    ]
    return json.dumps({"campaign": campaign.pk, "actions": rows})


def _send(client: Client, body: str) -> dict:
    answer = client.post("/api/v1/actions", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def _queries(client: Client, campaign: Campaign) -> list[int]:
    """Of a batch of a hundred and of a thousand: both are large enough to be copied."""
    found = []
    for first, size in ((PEOPLE, 100), (PEOPLE + BATCH, BATCH)):
        with CaptureQueriesContext(database) as queries:
            _send(client, _body(campaign, first, size))
        found.append(len(queries))
    return found
