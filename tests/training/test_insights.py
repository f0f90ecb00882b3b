"""Remediation over time, against the same figures worked out one by one."""

from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import GroupFactory, GroupMembershipFactory, TargetFactory
from training.models import Action, Campaign, Enrollment, State
from training.services.evidence import evidence_of_campaign
from training.services.failures import failures_of
from training.services.insights import Scope, charts_of, compared, totals_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PAGE = "/enrollments/insights/"


@pytest.fixture
def rows(campaign, group, course, ann):
    """Sixty actions in 200 days, some of them bots' or no failures, and what came of them."""
    drawn = Random(4)
    other = TargetFactory(account=group.account, email="bo@acme.example")
    made = []
    for number in range(60):
        at = NOW - timedelta(hours=drawn.randint(1, 200 * 24))
        action = Action.objects.create(
            account=group.account,
            campaign=campaign,
            target=drawn.choice((ann, other)),
            kind=drawn.choice(("CLICKED", "CLICKED", "OPENED")),
            is_bot=number % 7 == 0,
            email="x@y.example",
            key=str(number),
            happened_at=at,
        )
        days = drawn.randint(1, 40)
        is_done = number % 2 == 0 and at + timedelta(days=days) < NOW
        made.append(
            Enrollment.objects.create(
                account=group.account,
                campaign=campaign,
                action=action,
                target=action.target,
                course=course,
                state=State.COMPLETED if is_done else State.ASSIGNED,
                due_at=at,
                created_at=at,
                completed_at=at + timedelta(days=days) if is_done else None,
            )
        )
    return made


def scope(campaign, days, **chosen) -> Scope:
    campaign.account.time_zone = "Pacific/Auckland"
    return Scope(account=campaign.account, days=days, now=NOW, **chosen)


@pytest.mark.parametrize("days", [30, 90, 365])
def test_each_bucket_has_what_happened_in_it(rows, campaign, days):
    chosen = scope(campaign, days)
    zone = ZoneInfo("Pacific/Auckland")

    def bucket(moment):
        day = moment.astimezone(zone).date()
        return chosen.label(chosen.bucket(day)) if day >= chosen.first else None

    def expected(moments):
        found = [bucket(one) for one in moments]
        return [(label, str(found.count(label))) for label in labels]

    failures, enrolments, completions, medians = charts_of(chosen)
    labels = [label for label, _ in failures.rows]
    assert len(set(labels)) == len(labels) == len(chosen.buckets())
    failed = {}
    for action in sorted((row.action for row in rows), key=lambda one: one.happened_at):
        if not action.is_bot:
            failed.setdefault(action.target, action.happened_at)
    assert failures.rows == expected(failed.values())
    assert enrolments.rows == expected([row.created_at for row in rows])
    done = [row for row in rows if row.completed_at]
    assert completions.rows == expected([row.completed_at for row in done])
    by_label = {
        label: [
            (row.completed_at - row.created_at).days
            for row in done
            if bucket(row.completed_at) == label
        ]
        for label in labels
    }
    assert [float(told) for _, told in medians.rows if told != "–"] == [
        float(median(one)) for one in by_label.values() if one
    ]


def test_days_weeks_and_months(campaign):
    found = {days: scope(campaign, days).buckets() for days in (30, 90, 365)}
    assert {days: len(buckets) for days, buckets in found.items()} == {30: 30, 90: 14, 365: 13}
    assert {bucket.weekday() for bucket in found[90]} == {0}
    assert {bucket.day for bucket in found[365]} == {1}


def test_totals_and_comparison(rows, campaign, group, ann):
    chosen = scope(campaign, 365)
    found = totals_of(chosen)
    done = sum(row.state == State.COMPLETED for row in rows)
    assert (found.people, found.enrolled, found.completed) == (2, 60, done)
    (line,) = compared(chosen, "campaign__name")
    assert (line.name, line.people, line.enrolled, line.completed) == ("Autumn", 2, 60, done)
    mine = [row for row in rows if row.target == ann]
    (line,) = compared(chosen, "target__memberships__group__name")
    assert (line.name, line.people, line.enrolled) == ("Sales", 1, len(mine))


def test_of_a_group_only_its_members_count(rows, campaign, ann):
    other = GroupFactory(account=campaign.account, name="Other")
    assert totals_of(scope(campaign, 365, group=other)).enrolled == 0
    GroupMembershipFactory(group=other, target=ann)
    mine = sum(row.target == ann for row in rows)
    assert totals_of(scope(campaign, 365, group=other)).enrolled == mine


def test_pages_say_it(as_alice, as_bob, rows, campaign, group):
    page = as_bob.get(PAGE).content.decode()
    assert page.count('role="img"') == 4
    assert "Median days to complete as a table" in page
    assert Client().get(PAGE).status_code == 302
    lines = b"".join(as_bob.get(f"{PAGE}remediation.csv").streaming_content).decode()
    assert '"Campaign","Autumn"' in lines
    assert '"Group","Sales"' in lines
    for address in (f"/campaigns/{campaign.pk}/", f"/groups/{group.pk}/", "/"):
        assert 'role="img"' in as_alice.get(address).content.decode()


def test_without_actions_it_says_what_to_do(as_alice, campaign):
    assert "Nothing has happened yet" in as_alice.get(PAGE).content.decode()
    assert 'role="img"' not in as_alice.get(f"/campaigns/{campaign.pk}/").content.decode()


@pytest.mark.parametrize("query", ["campaign=x", "days=9e9", f"group={'9' * 40}", "days=-1"])
def test_junk_counts_as_not_chosen(as_alice, rows, query):
    assert as_alice.get(f"{PAGE}?{query}").status_code == 200


def test_another_accounts_campaign_is_not_chosen(as_charlie, rows, campaign):
    page = as_charlie.get(f"{PAGE}?campaign={campaign.pk}").content.decode()
    assert "Autumn" not in page


def test_queries_do_not_grow(as_alice, rows, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        as_alice.get(PAGE)


def test_people_who_failed_are_as_many_everywhere(as_bob, campaign, ann, act):
    """Ann twice, Bo, Cy who is in no group, a stranger; no bot and no report."""
    bo = TargetFactory(account=campaign.account, email="bo@acme.example")
    GroupMembershipFactory(group=campaign.groups.get(), target=bo)
    Campaign.objects.update(started_at=timezone.now())
    cy = TargetFactory(account=campaign.account, email="cy@acme.example", name="Cy")
    for email in ("ann", "ann", "Bo", "cy", "stranger", "STRANGER"):
        act(email=f"{email}@acme.example")
    act(email="di@acme.example", is_bot=True)
    act(email="ed@acme.example", kind="REPORTED")
    chosen = Scope(account=campaign.account, days=30, campaign=campaign)
    pack = list(failures_of(evidence_of_campaign(campaign).failing))
    listed = as_bob.get("/campaigns/").context["page"].object_list
    assert [one.failed for one in listed] == [4]
    assert totals_of(chosen).people == 4
    assert sum(int(number) for _, number in charts_of(chosen)[0].rows) == 4
    assert sorted((one.email.casefold(), one.times) for one in pack) == [
        ("ann@acme.example", 2),
        ("bo@acme.example", 1),
        ("cy@acme.example", 1),
        ("stranger@acme.example", 2),
    ]
    told = "In no group of the campaign: not enrolled."
    assert as_bob.get(f"/campaigns/{campaign.pk}/actions/").text.count(told) == 1
    assert told in as_bob.get(f"/targets/{cy.pk}/remediation/").text
    assert told not in as_bob.get(f"/targets/{ann.pk}/remediation/").text
