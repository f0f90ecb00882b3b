"""Rules for repeat offenders: N failures in M days → these courses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Course
from tests.factories import GroupFactory
from training.models import Campaign, Enrollment, RepeatRule, State, TimelineEntry
from training.services.campaigns import start_campaign
from training.services.taking import NewAction, take_actions

pytestmark = pytest.mark.django_db
EMAIL = "ann@acme.example"


@pytest.fixture
def harder(connection, sandbox) -> Course:
    key = sandbox.tenant.add_course(Name="Again", Code="AGAIN")
    return Course.objects.create(
        account=connection.account, connection=connection, integration_id=key, name="Again"
    )


@pytest.fixture
def rule(campaign, harder) -> RepeatRule:
    made = RepeatRule.objects.create(
        account=campaign.account, name="Twice a year", failures=2, days=180
    )
    made.courses.add(harder)
    return made


@pytest.fixture
def start(group, course):
    def start(name):
        made = Campaign.objects.create(account=group.account, name=name, waiting_minutes=0)
        made.groups.add(group)
        made.courses.add(course)
        start_campaign(campaign=made)
        made.refresh_from_db()
        return made

    return start


@pytest.fixture
def second(campaign, start) -> Campaign:
    return start("Winter")


@pytest.fixture
def third(second, start) -> Campaign:
    return start("Spring")


def fail(campaign, *, days_ago=0, **values):
    at = timezone.now() - timedelta(days=days_ago)
    one = NewAction(kind="CLICKED", email=EMAIL, happened_at=at, **values)
    return take_actions(campaign=campaign, actions=[one], door="API")


def of_rule():
    rows = Enrollment.objects.filter(rule__isnull=False).order_by("pk")
    return [(row.course.name, row.state, row.campaign.name) for row in rows]


def test_the_second_failure_brings_the_rules_courses(campaign, second, rule, ann, work, sandbox):
    fail(campaign, days_ago=100)
    assert of_rule() == []
    fail(second)
    assert of_rule() == [("Again", State.WAITING, "Winter")]
    told = TimelineEntry.objects.get(step="REPEATED")
    assert told.values == {"failures": 2, "days": 180, "rule": "Twice a year"}
    work()
    assert of_rule() == [("Again", State.ASSIGNED, "Winter")]


def test_one_campaign_counts_once(campaign, rule, ann):
    fail(campaign, days_ago=3)
    fail(campaign)
    assert of_rule() == []


def test_what_is_longer_ago_does_not_count(campaign, second, rule, ann):
    fail(campaign, days_ago=181)
    fail(second)
    assert of_rule() == []


def test_a_bots_failure_does_not_count(campaign, second, rule, ann):
    fail(campaign, is_bot=True)
    fail(second)
    assert of_rule() == []


def test_what_does_not_count_as_failing_there_does_not_count_here(campaign, second, rule, ann):
    campaign.failing = ["SUBMITTED"]
    campaign.save()
    fail(campaign)
    fail(second)
    assert of_rule() == []


def test_a_bot_mark_that_comes_later_takes_it_back(campaign, second, rule, ann):
    fail(campaign, key="one")
    fail(second)
    fail(campaign, key="one", is_bot=True)
    assert of_rule() == [("Again", State.WITHDRAWN, "Winter")]


def test_not_again_within_the_rules_days(campaign, second, third, rule, ann):
    fail(campaign)
    fail(second)
    Enrollment.objects.update(state=State.COMPLETED)
    fail(third)
    assert of_rule() == [("Again", State.COMPLETED, "Winter")]
    Enrollment.objects.update(created_at=timezone.now() - timedelta(days=91))
    fail(third, key="another")
    assert of_rule()[1:] == [("Again", State.WAITING, "Spring")]


def test_only_members_of_the_rules_groups(campaign, second, rule, ann):
    rule.groups.add(GroupFactory(account=campaign.account, name="Other"))
    fail(campaign)
    fail(second)
    assert of_rule() == []


def test_a_rule_that_is_off_enrols_nobody(campaign, second, rule, ann):
    RepeatRule.objects.update(is_active=False)
    fail(campaign)
    fail(second)
    assert of_rule() == []


def test_a_course_of_both_is_enrolled_once(campaign, second, rule, ann, course):
    rule.courses.set([course])
    fail(campaign)
    Enrollment.objects.all().delete()
    fail(second)
    assert [row.rule for row in Enrollment.objects.all()] == [None]
