"""What is said of open enrolments when their integration is turned off or removed."""

import pytest

from accounts.models import AuditEvent
from tests.factories import ConnectionFactory
from training.models import Enrollment, State

pytestmark = pytest.mark.django_db
OFF = "/administration/integrations/litmos/turn-off/"


def page_of(client, address=OFF):
    return " ".join(client.get(address).content.decode().split())


def test_without_enrolments_nothing_is_asked(as_alice, connection, ann):
    assert "enrolment" not in page_of(as_alice)


@pytest.mark.parametrize(
    ("ticked", "state"), [({}, State.WAITING), ({"stop": "enrollments"}, State.WITHDRAWN)]
)
def test_open_enrolments_are_named_and_stopped_where_wished(
    as_alice, act, connection, ticked, state
):
    act()
    assert "Withdraw 1 open enrolment." in page_of(as_alice)
    as_alice.post(OFF, ticked)
    assert Enrollment.objects.get().state == state
    told = AuditEvent.objects.get(kind="INTEGRATION_TURNED_OFF").after
    assert told.get("enrollments", 0) == len(ticked)


def test_what_is_assigned_is_taken_back_though_the_integration_is_off(
    as_alice, act, work, connection, litmos
):
    act()
    work()
    as_alice.post(OFF, {"stop": "enrollments"})
    work()
    assert (Enrollment.objects.get().state, litmos()) == (State.WITHDRAWN, (0, 0))


def test_those_of_another_connection_are_left(as_alice, act, connection, in_acme):
    act()
    other = ConnectionFactory(account=in_acme, provider="other")
    Enrollment.objects.update(connection=other)
    as_alice.post(OFF, {"stop": "enrollments"})
    assert Enrollment.objects.get().state == State.WAITING


def test_removing_says_what_comes_of_them(as_alice, act):
    act()
    told = page_of(as_alice, "/administration/integrations/litmos/remove/")
    assert "1 open enrolment: what waits ends as not possible" in told
