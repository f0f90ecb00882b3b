"""What was asked for and not read back: it may be at Litmos, or not, whatever happens meanwhile."""

import pytest

from training.models import Enrollment, State

pytestmark = pytest.mark.django_db


def only() -> Enrollment:
    return Enrollment.objects.get()


@pytest.fixture
def unsure(act, work, sandbox, litmos):
    """Ann was asked for and is at Litmos, but the answer and the list after it got lost."""
    act(key="one")
    sandbox.faults.set("500:/courses$@2-9")
    work()
    sandbox.faults.set("")
    assert (only().state, litmos()) == (State.REQUESTED, (1, 0))


@pytest.mark.parametrize("spoilt", ["course", "connection"])
def test_what_is_at_litmos_is_not_said_to_be_impossible(unsure, work, course, connection, spoilt):
    one = {"course": course, "connection": connection}[spoilt]
    one.is_active = False
    one.save()
    work()
    assert (only().state, only().reason) == (State.ASSIGNED, "")


def test_what_is_not_there_ends_with_its_reason(act, work, sandbox, course, litmos):
    act()
    sandbox.faults.set("500:/courses$@1-9")
    work()
    course.is_active = False
    course.save()
    sandbox.faults.set("")
    work()
    assert (only().state, only().reason, litmos()) == (State.NOT_POSSIBLE, "course_inactive", (0, 0))
