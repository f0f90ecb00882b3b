"""Each reason for which somebody can't be enrolled."""

import pytest

from tests.factories import ConnectionFactory, GroupMembershipFactory, TargetFactory
from training.models import Enrollment, State, TimelineEntry
from training.services import by_hand
from training.services.lms import set_lms

pytestmark = pytest.mark.django_db


def only() -> Enrollment:
    return Enrollment.objects.get()


def steps() -> list[str]:
    return list(TimelineEntry.objects.order_by("pk").values_list("step", flat=True))


def _no_lms(connection, course, group, sandbox):
    set_lms(account=group.account, groups=group.__class__.objects, connection=None, is_own=True)


def _off(connection, course, group, sandbox):
    connection.is_active = False
    connection.save()


def _no_key(connection, course, group, sandbox):
    connection.api_key_sealed = ""
    connection.save()


def _inactive(connection, course, group, sandbox):
    course.is_active = False
    course.save()


def _elsewhere(connection, course, group, sandbox):
    course.connection = ConnectionFactory(account=connection.account, provider="other")
    course.save()


def _nobody(connection, course, group, sandbox):
    for user_id in list(sandbox.tenant.users):
        sandbox.tenant.delete_user(user_id)


def _gone(connection, course, group, sandbox):
    sandbox.tenant.delete_course(course.integration_id)


REASONS = [
    (_no_lms, "no_lms"),
    (_no_key, "no_lms"),
    (_off, "integration_off"),
    (_inactive, "course_inactive"),
    (_elsewhere, "course_elsewhere"),
    (_nobody, "no_account"),
    (_gone, "course_missing"),
]


@pytest.mark.parametrize(("spoil", "reason"), REASONS)
def test_each_reason_of_not_possible(
    spoil, reason, act, work, connection, course, group, sandbox, campaign
):
    spoil(connection, course, group, sandbox)
    act()
    work(times=3)
    assert (only().state, only().reason) == (State.NOT_POSSIBLE, reason)
    assert steps()[-1] == "NOT_POSSIBLE"


def test_a_course_that_is_there_and_never_taken(act, work, sandbox, course):
    sandbox.tenant.assign = lambda user_id, course_id: False
    act()
    work(times=2)
    assert only().state == State.REQUESTED
    work()
    assert (only().state, only().reason) == (State.NOT_POSSIBLE, "not_taken")


def test_a_person_deleted_between_plan_and_call(act, work, sandbox):
    act()
    work()
    by_hand.withdraw(only())
    _nobody(None, None, None, sandbox)
    by_hand.ask_again(rows=Enrollment.objects.all())
    work(times=3)
    assert (only().state, only().reason) == (State.NOT_POSSIBLE, "person_missing")


def test_a_course_that_is_gone_costs_no_call_for_the_others_who_wait(
    act, work, sandbox, course, group, campaign
):
    group.smart_sync = True
    group.save()
    act()
    for number in range(30):
        email = f"p{number}@acme.example"
        sandbox.tenant.add_user(Email=email)
        target = TargetFactory(account=group.account, email=email)
        GroupMembershipFactory(group=group, target=target)
        act(email=email)
    sandbox.tenant.delete_course(course.integration_id)
    work()
    states = Enrollment.objects.values_list("state", "reason").distinct()
    assert list(states) == [(State.NOT_POSSIBLE, "course_missing")]
    assert [call.method for call in sandbox.calls].count("POST") == 25 + 1


def test_what_is_spoilt_while_it_waits_is_not_asked_for(act, work, course, litmos):
    act()
    _inactive(None, course, None, None)
    work()
    assert (only().reason, litmos()) == ("course_inactive", (0, 0))


def test_ask_again_goes_through_the_lms_that_the_group_has_now(
    act, work, connection, group, litmos
):
    _no_lms(None, None, group, None)
    act()
    again = Enrollment.objects.all()
    assert by_hand.ask_again(rows=again) == by_hand.Done(0, {"no_lms": 1})
    set_lms(groups=group.__class__.objects, account=group.account, connection=None, is_own=False)
    assert by_hand.ask_again(rows=again) == by_hand.Done(1)
    work()
    assert (only().state, only().connection, litmos()) == (State.ASSIGNED, connection, (1, 0))


def test_ask_again_asks_nobody_whose_group_has_no_lms_any_more(
    act, work, connection, group, litmos
):
    act()
    again = Enrollment.objects.all()
    again.update(state=State.WITHDRAWN)
    _no_lms(None, None, group, None)
    assert by_hand.ask_again(rows=again) == by_hand.Done(0, {"no_lms": 1})
    work()
    assert (only().state, only().connection, litmos()) == (State.WITHDRAWN, connection, (0, 0))


def test_ask_again_goes_through_the_same_lms_for_who_is_in_no_group_any_more(
    act, work, group, litmos
):
    act()
    again = Enrollment.objects.all()
    again.update(state=State.WITHDRAWN)
    group.memberships.update(is_active=False)
    assert by_hand.ask_again(rows=again) == by_hand.Done(1)
    work()
    assert (only().state, litmos()) == (State.ASSIGNED, (1, 0))
