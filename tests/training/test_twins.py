"""Two enrolments of one person in one course: what happens to one leaves the other as it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from training.models import Enrollment, State
from training.services import by_hand

pytestmark = pytest.mark.django_db
EVERY = Enrollment.objects.order_by


@pytest.fixture
def twins(act, work, campaign):
    """Ann failed again after the days were over, and has the course still."""
    act()
    work()
    Enrollment.objects.update(
        created_at=timezone.now() - timedelta(days=91), asked_at=timezone.now() - timedelta(days=91)
    )
    act()
    work()
    return list(EVERY("pk"))


def states() -> list[str]:
    return list(EVERY("pk").values_list("state", flat=True))


def test_withdrawing_one_by_its_page_leaves_the_course_to_the_other(twins, litmos):
    by_hand.withdraw(twins[0])
    assert (states(), litmos()) == ([State.WITHDRAWN, State.ASSIGNED], (1, 0))
    by_hand.withdraw(EVERY("pk").last())
    assert (states(), litmos()) == ([State.WITHDRAWN, State.WITHDRAWN], (0, 0))


def test_withdrawing_one_of_many_leaves_the_course_to_the_other(twins, work, litmos, in_acme):
    by_hand.withdraw_all(account=in_acme, rows=Enrollment.objects.filter(pk=twins[0].pk))
    work()
    assert (states(), litmos()) == ([State.WITHDRAWN, State.ASSIGNED], (1, 0))


def test_who_fails_again_while_the_course_is_taken_back_keeps_it(
    act, work, sandbox, litmos, in_acme
):
    act()
    work()
    by_hand.withdraw_all(account=in_acme, rows=Enrollment.objects.all())
    Enrollment.objects.update(due_at=timezone.now() + timedelta(hours=1))
    act(kind="SUBMITTED")
    work()
    Enrollment.objects.filter(state=State.WITHDRAWING).update(due_at=timezone.now())
    work()
    assert (states(), litmos()) == ([State.WITHDRAWN, State.ASSIGNED], (1, 0))
