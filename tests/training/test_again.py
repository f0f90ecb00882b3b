"""Who is asked for again by hand is asked for as if for the first time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from training.models import Enrollment, State
from training.services import by_hand

pytestmark = pytest.mark.django_db


def only() -> Enrollment:
    return Enrollment.objects.get()


@pytest.fixture
def again(act, work):
    """Ann was enrolled, and withdrawn; this asks for her again."""

    def again():
        assert by_hand.ask_again(rows=Enrollment.objects.all()) == by_hand.Done(1)

    act(key="one")
    work()
    by_hand.withdraw(only())
    return again


def test_a_bot_mark_withdraws_it_while_it_waits(again, act, sandbox):
    again()
    del sandbox.calls[:]
    assert act(key="one", is_bot=True).withdrawn == 1
    assert (only().state, only().reason, sandbox.calls) == (State.WITHDRAWN, "bot", [])


def test_what_somebody_else_has_assigned_since_is_not_taken_back(
    again, work, sandbox, course, litmos
):
    Enrollment.objects.update(asked_at=timezone.now() - timedelta(days=2))
    earlier, now = timezone.now() - timedelta(days=1), sandbox.tenant.now
    sandbox.tenant.now = lambda: earlier
    sandbox.tenant.assign(next(iter(sandbox.tenant.users)), course.integration_id)
    sandbox.tenant.now = now
    again()
    work()
    assert (only().state, only().reason) == (State.ASSIGNED, "already")
    by_hand.withdraw(only())
    assert (only().state, litmos()) == (State.WITHDRAWN, (1, 0))
