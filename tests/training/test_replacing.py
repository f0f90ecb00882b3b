"""A course that can't be assigned any more is replaced in one place."""

import pytest

from accounts.models import AuditEvent
from integrations.models import Course
from tests.factories import CourseFactory
from training.models import Campaign, CampaignState, Enrollment, RepeatRule, State
from training.services.replacing import replace_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(connection, sandbox) -> Course:
    key = sandbox.tenant.add_course(Name="Spot it anew", Code="ANEW")
    return Course.objects.create(
        account=connection.account,
        connection=connection,
        integration_id=key,
        name="Spot it anew",
    )


@pytest.fixture
def broken(course) -> Course:
    course.is_active = False
    course.save()
    return course


def names(rows):
    return [[course.name for course in row.courses.order_by("name")] for row in rows]


def test_it_is_replaced_wherever_it_counts(as_alice, campaign, broken, other, in_acme):
    rule = RepeatRule.objects.create(account=in_acme, name="Twice", failures=2, days=9)
    rule.courses.add(broken)
    ended = Campaign.objects.create(account=in_acme, name="Old", state=CampaignState.ENDED)
    ended.courses.add(broken)
    warned = as_alice.get("/campaigns/").content.decode()
    assert "A course in use can&#x27;t be assigned" in warned or "A course in use can't" in warned
    page = as_alice.get(f"/courses/{broken.pk}/replace/").content.decode()
    assert "Autumn" in page and "Twice" in page and "Old" not in page
    as_alice.post(f"/courses/{broken.pk}/replace/", {"course": other.pk})
    assert names([campaign, rule, ended]) == [["Spot it anew"], ["Spot it anew"], ["Spot the hook"]]
    told = AuditEvent.objects.get(kind="COURSE_REPLACED")
    assert (told.subject, told.after["campaigns"]) == ("Spot the hook", ["Autumn"])
    assert "in use can" not in as_alice.get("/campaigns/").content.decode()


def test_people_who_could_not_be_enrolled_get_the_new_one(act, work, broken, other, litmos):
    act()
    assert Enrollment.objects.get().reason == "course_inactive"
    assert replace_course(old=broken, new=other, moves_people=True) == 1
    row = Enrollment.objects.get()
    assert (row.state, row.course, row.reason) == (State.WAITING, other, "")
    work()
    assert (Enrollment.objects.get().state, litmos()) == (State.ASSIGNED, (1, 0))
    steps = list(row.timeline.order_by("pk").values_list("step", flat=True))
    assert steps[2:4] == ["NOT_POSSIBLE", "REPLACED"]


def test_people_stay_where_they_are_unless_wished(act, broken, other):
    act()
    assert replace_course(old=broken, new=other, moves_people=False) == 0
    assert Enrollment.objects.get().state == State.NOT_POSSIBLE


def test_who_has_the_new_course_is_left_out(act, campaign, broken, other):
    campaign.courses.add(other)
    act()
    assert replace_course(old=broken, new=other, moves_people=True) == 0


def test_one_person_is_moved_once(act, work, campaign, course, other):
    act()
    Enrollment.objects.update(state=State.NOT_POSSIBLE, reason="not_taken")
    act(kind="SUBMITTED")
    assert replace_course(old=course, new=other, moves_people=True) == 1


def test_who_may_and_what_may_be_chosen(
    as_alice, as_bob, as_charlie, campaign, broken, other, globex
):
    address = f"/courses/{broken.pk}/replace/"
    assert [one.get(address).status_code for one in (as_bob, as_charlie)] == [403, 404]
    foreign = CourseFactory(account=globex)
    inactive = CourseFactory(connection=broken.connection, is_active=False)
    for pk in (foreign.pk, inactive.pk, broken.pk, "x", ""):
        answer = as_alice.post(address, {"course": pk})
        assert "is-invalid" in answer.content.decode()


def test_a_course_that_nobody_uses(as_alice, other):
    assert "Nothing to replace" in as_alice.get(f"/courses/{other.pk}/replace/").content.decode()


def test_the_list_of_courses_tells_who_uses_them(as_alice, as_bob, campaign, other):
    page = as_alice.get("/courses/").content.decode()
    assert page.count("Replace</a>") == 1
    assert "1 campaign or rule" in page
    assert "Replace</a>" not in as_bob.get("/courses/").content.decode()
