"""Who completes a course is told to webhooks once, whichever way it becomes known."""

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from integrations.contract.records import CompletionRecord
from training.models import Enrollment, State
from training.services.by_hand import mark_done
from training.services.polling import take_completions
from webhooks.models import Delivery
from webhooks.services import make_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(in_acme):
    return make_endpoint(
        account=in_acme,
        address="https://hooks.example.com/",
        events=["enrollment.completed"],
        include_email=True,
    )[0]


def told() -> list[dict]:
    with scopes_disabled():
        return [row.body["data"] for row in Delivery.objects.order_by("pk")]


def data(row: Enrollment, *, is_by_hand: bool) -> dict:
    row.refresh_from_db()
    return {
        "enrollment": row.pk,
        "target": row.target_id,
        "email": "ann@acme.example",
        "course": {"id": row.course_id, "name": "Spot the hook"},
        "campaign": row.campaign_id,
        "completed_at": row.completed_at.isoformat(),
        "is_by_hand": is_by_hand,
    }


def test_by_polling(act, work, endpoint, connection, course):
    act()
    work()
    row = Enrollment.objects.get()
    assert (row.state, told()) == (State.ASSIGNED, [])
    record = CompletionRecord(row.person_id, course.integration_id, timezone.now())
    for _ in range(2):
        take_completions(connection.pk, [record])
    assert told() == [data(row, is_by_hand=False)]


def test_completed_when_first_looked_at(act, work, endpoint, sandbox, course):
    """It was on the person's list before, and finished there."""
    (person,) = sandbox.tenant.users
    sandbox.tenant.assign(person, course.integration_id)
    sandbox.tenant.complete(person, course.integration_id)
    act()
    work(2)
    row = Enrollment.objects.get()
    assert row.state == State.COMPLETED
    assert told() == [data(row, is_by_hand=False)]


def test_by_hand(act, endpoint):
    act()
    for _ in range(2):
        mark_done(rows=Enrollment.objects.all())
    assert told() == [data(Enrollment.objects.get(), is_by_hand=True)]


def test_nothing_is_told_of_what_was_withdrawn(act, work, endpoint, connection, course):
    act()
    work()
    row = Enrollment.objects.get()
    Enrollment.objects.update(state=State.WITHDRAWN)
    record = CompletionRecord(row.person_id, course.integration_id, timezone.now())
    take_completions(connection.pk, [record])
    assert told() == []
