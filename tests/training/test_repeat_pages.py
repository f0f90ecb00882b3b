import pytest
from django.test import Client

from tests.factories import CourseFactory
from training.models import RepeatRule

pytestmark = pytest.mark.django_db
LIST = "/campaigns/repeat-offenders/"


@pytest.fixture
def rule(campaign, course):
    made = RepeatRule.objects.create(account=campaign.account, name="Twice", failures=2, days=180)
    made.courses.add(course)
    return made


def form(course, **values):
    return {
        "name": "Thrice",
        "failures": "3",
        "days": "365",
        "courses": [course.pk],
        "not_again_days": "90",
        "is_active": "on",
        **values,
    }


def test_who_may_see_and_change_rules(as_alice, as_bob, as_charlie, rule):
    page, remove = f"{LIST}{rule.pk}/", f"{LIST}{rule.pk}/delete/"
    assert [one.get(LIST).status_code for one in (as_alice, as_bob, Client())] == [200, 200, 302]
    assert [one.get(page).status_code for one in (as_alice, as_bob, as_charlie)] == [200, 403, 404]
    assert [one.post(remove).status_code for one in (as_bob, as_charlie)] == [403, 404]
    assert "Twice" not in as_charlie.get(LIST).content.decode()
    assert RepeatRule.objects.count() == 1


def test_a_rule_is_made_changed_and_deleted(as_alice, course, group, campaign):
    as_alice.post(f"{LIST}new/", form(course, groups=[group.pk]))
    made = RepeatRule.objects.get()
    assert (made.name, made.failures, made.days, made.is_active) == ("Thrice", 3, 365, True)
    assert "3 failed campaigns within 365 days, in Sales" in as_alice.get(LIST).content.decode()
    as_alice.post(f"{LIST}{made.pk}/", form(course, name="More", is_active=""))
    made.refresh_from_db()
    assert (made.name, made.is_active, made.groups.count()) == ("More", False, 0)
    asked = as_alice.get(f"{LIST}{made.pk}/delete/").content.decode()
    assert ("Delete the rule More?" in asked, RepeatRule.objects.count()) == (True, 1)
    as_alice.post(f"{LIST}{made.pk}/delete/")
    assert RepeatRule.objects.count() == 0
    log = as_alice.get("/administration/audit/").content.decode()
    assert all(told in log for told in ("Made a rule", "Changed a rule", "Deleted a rule"))


@pytest.mark.parametrize(
    "bad", [{"name": ""}, {"failures": "1"}, {"days": "0"}, {"courses": []}, {"days": "9" * 30}]
)
def test_a_bad_rule_says_so(as_alice, course, bad):
    answer = as_alice.post(f"{LIST}new/", form(course, **bad))
    assert (answer.status_code, "is-invalid" in answer.content.decode()) == (200, True)
    assert RepeatRule.objects.count() == 0


def test_another_accounts_course_can_not_be_chosen(as_alice, course, globex):
    foreign = CourseFactory(account=globex)
    assert as_alice.post(f"{LIST}new/", form(foreign)).status_code == 200
    assert RepeatRule.objects.count() == 0
