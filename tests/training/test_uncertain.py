"""What was asked for and not read back: it may be at Litmos, or not, whatever happens meanwhile."""

import pytest
from django.db import connection as database
from django.utils import timezone

from training.models import Action, Enrollment, State
from training.services import by_hand
from training.services.taking import NewAction, take_actions

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
    assert (only().state, only().reason, litmos()) == (
        State.NOT_POSSIBLE,
        "course_inactive",
        (0, 0),
    )


@pytest.mark.parametrize("marks", [(True, False), (False, True)])
def test_an_action_told_twice_at_once_is_a_bots_when_either_says_so(campaign, ann, marks):
    at = timezone.now()
    told = [NewAction("CLICKED", ann.email, at, is_bot=mark, key="one") for mark in marks]
    taken = take_actions(campaign=campaign, actions=told, door="API")
    assert (taken.new, taken.known, taken.enrolled) == (1, 1, 0)
    assert Action.objects.get().is_bot


@pytest.mark.parametrize("fault", ["500:/courses$@1-9", "500:/courses$@2-9"])
def test_a_bot_mark_while_it_is_not_known_asks_no_more(act, work, sandbox, litmos, fault):
    """What the LMS has stays, and can be withdrawn by hand; what it has not is not asked for again."""
    act(key="one")
    sandbox.faults.set(fault)
    work()
    before = litmos()
    act(key="one", is_bot=True)
    sandbox.faults.set("")
    work(2)
    expected = {(0, 0): (State.WITHDRAWN, "bot"), (1, 0): (State.ASSIGNED, "")}
    assert (litmos(), (only().state, only().reason)) == (before, expected[before])


def test_what_came_of_a_bot_is_not_asked_for_again_by_hand(act, work, litmos):
    act(key="one")
    act(key="one", is_bot=True)
    assert by_hand.ask_again(rows=Enrollment.objects.all()) == by_hand.Done(0, {"bot": 1})
    work()
    assert (only().state, litmos()) == (State.WITHDRAWN, (0, 0))


class Killed(BaseException):
    """Stands for SIGKILL."""


@pytest.mark.parametrize("fault", ["404", "500"])
def test_a_worker_that_dies_before_the_timeline_is_written_changes_nothing(
    act, work, sandbox, course, fault
):
    def dies(execute, sql, params, many, context):
        if sql.startswith("INSERT") and "timelineentry" in sql:
            raise Killed
        return execute(sql, params, many, context)

    act()
    before = Enrollment.objects.values().get()
    sandbox.faults.set(f"{fault}:/users")
    course.is_active = fault == "500"
    course.save()
    with database.execute_wrapper(dies), pytest.raises(Killed):
        work()
    after = Enrollment.objects.values().get()
    assert {**after, "due_at": None} == {**before, "due_at": None}
