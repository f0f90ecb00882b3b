"""Who is deleted at the LMS and made anew while a course is open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import TargetLink
from tests.training.rows import action_of, enrollment_of
from training.models import Enrollment, Lane, State
from training.sentences import timeline_sentence

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(connection, ann, sandbox):
    """A sync has linked Ann."""
    (person_id,) = sandbox.tenant.users
    return TargetLink.objects.create(
        account=ann.account, connection=connection, target=ann, integration_id=person_id
    )


@pytest.fixture
def relink(link, sandbox):
    """Ann is made anew at Litmos, and the next sync has linked her to that; returns her new id."""

    def relink(*, is_deleted=True):
        (old,) = sandbox.tenant.users
        if is_deleted:
            sandbox.tenant.delete_user(old)
        new = sandbox.tenant.add_user(
            Email="ann@acme.example", UserName="ann2", FirstName="Ann", LastName="Lee"
        )
        TargetLink.objects.update(integration_id=new)
        return new

    return relink


@pytest.fixture
def later(work):
    """The lane works once everything is due again."""

    def later():
        Lane.objects.update(polled_at=None, progress_at=timezone.now() - timedelta(hours=2))
        work(2)

    return later


def test_it_is_asked_for_under_the_new_id_and_completed(act, work, relink, later, sandbox, course):
    act()
    work()
    assert Enrollment.objects.get().state == State.ASSIGNED
    new = relink()
    later()
    row = Enrollment.objects.get()
    assert (row.state, row.person_id) == (State.ASSIGNED, new)
    assert [user for user, _, _ in sandbox.tenant.all_assignments()] == [new]
    again = row.timeline.get(step="AGAIN")
    assert timeline_sentence(again, row).startswith("The person was made anew at the LMS")
    sandbox.tenant.complete(new, course.integration_id)
    later()
    assert Enrollment.objects.get().state == State.COMPLETED


def test_whose_old_id_is_there_still_keeps_it(act, work, link, relink, later):
    act()
    work()
    relink(is_deleted=False)
    later()
    row = Enrollment.objects.get()
    assert (row.state, row.timeline.filter(step="AGAIN").count()) == (State.ASSIGNED, 0)


def test_of_several_for_one_course_one_is_asked_for(
    act, work, relink, later, campaign, ann, course
):
    act()
    work()
    first = Enrollment.objects.get()
    second = enrollment_of(
        action_of(campaign, ann, minutes=1),
        course,
        connection=first.connection,
        person_id=first.person_id,
        state=State.ASSIGNED,
    )
    relink()
    later()
    found = {row.pk: (row.state, row.reason) for row in Enrollment.objects.all()}
    assert found == {
        first.pk: (State.NOT_POSSIBLE, "twin"),
        second.pk: (State.ASSIGNED, ""),
    }


def test_what_was_withdrawn_stays_so(act, work, relink, later):
    act()
    work()
    relink()
    Enrollment.objects.update(state=State.WITHDRAWN)
    later()
    assert Enrollment.objects.get().state == State.WITHDRAWN
