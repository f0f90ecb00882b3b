import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.logging_in import confirm
from training.models import Enrollment, Lane, State, ToldCompletion
from training.services.completion_hook import (
    forget_told,
    renew_address,
    take_told,
    told_connections,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(act, work, connection):
    """Of the address; Ann's enrolment is assigned."""
    act()
    work()
    return renew_address(connection=connection)


@pytest.fixture
def tell(secret, course):
    def tell(body=None, *, address=secret, kind="achievement.earned", **data):
        told = {
            "userId": Enrollment.objects.get().person_id,
            "courseId": course.integration_id,
            "achievementDate": "2026-11-20T01:12:35.990",
            "compliantTilldate": None,
            "achievementId": 368800,
            **data,
        }
        sent = {"id": 4513, "type": kind, "object": "event", "data": told}
        raw = json.dumps(sent).encode() if body is None else body
        client = Client(enforce_csrf_checks=True)
        return client.post(f"/hooks/completions/{address}/", raw, content_type="application/json")

    return tell


def test_it_completes_the_enrolment_once(tell, connection):
    assert [tell().json(), tell().json()] == [{"accepted": 1}, {"accepted": 1}]
    assert Enrollment.objects.get().state == State.ASSIGNED
    assert told_connections() == [connection.pk]
    assert take_told(connection_id=connection.pk) == 1
    assert told_connections() == []
    tell()
    assert take_told(connection_id=connection.pk) == 0
    row = Enrollment.objects.get()
    assert row.state == State.COMPLETED
    assert row.completed_at.isoformat() == "2026-11-20T01:12:35.990000+00:00"
    assert row.timeline.filter(step="COMPLETED").count() == 1


@pytest.mark.parametrize(
    ("data", "accepted"),
    [
        ({"courseId": "other"}, 1),
        ({"userId": "other"}, 1),
        ({"courseId": None}, 0),
        ({"kind": "session.created"}, 0),
    ],
)
def test_what_is_about_something_else_changes_nothing(tell, connection, data, accepted):
    answer = tell(**data)
    assert (answer.status_code, answer.json()) == (202, {"accepted": accepted})
    assert take_told(connection_id=connection.pk) == 0
    assert Enrollment.objects.get().state == State.ASSIGNED


@pytest.mark.parametrize(
    "bad",
    [
        {"body": b"no"},
        {"body": b"[]"},
        {"achievementDate": "soon"},
        {"userId": ""},
        {"userId": {"a": 1}},
        {"courseId": ["x"]},
    ],
)
def test_bad_input_is_refused(tell, bad):
    assert tell(**bad).status_code == 400
    assert Enrollment.objects.get().state == State.ASSIGNED


def test_an_old_or_unknown_address_is_refused(tell, secret, connection):
    renew_address(connection=connection)
    assert tell().status_code == 404
    assert tell(address="x").status_code == 404
    assert tell(body=b"x" * 600_000).status_code == 413
    assert secret not in str(Lane.objects.values())


def test_what_was_taken_in_is_forgotten_after_a_month(tell, connection):
    tell()
    tell(courseId="other")
    take_told(connection_id=connection.pk)
    first = ToldCompletion.objects.order_by("pk").first()
    ToldCompletion.objects.filter(pk=first.pk).update(taken_at=timezone.now() - timedelta(days=31))
    tell(courseId="third")
    forget_told()
    left = ToldCompletion.objects.order_by("pk").values_list("course_id", flat=True)
    assert list(left) == ["other", "third"]


def test_the_address_is_shown_once(as_alice, as_bob, connection):
    assert "No address yet" in as_alice.get("/enrollments/lms/").content.decode()
    asked = as_alice.post("/enrollments/lms/", {"connection": connection.pk})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    page = confirm(as_alice).post("/enrollments/lms/", {"connection": connection.pk})
    address = page.content.decode().partition("/hooks/completions/")[2].partition("/")[0]
    assert len(address) > 40
    again = as_alice.get("/enrollments/lms/").content.decode()
    assert address not in again
    assert "Not used yet" in again
    assert as_bob.get("/enrollments/lms/").status_code == 403
