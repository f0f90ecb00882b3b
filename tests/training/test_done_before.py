"""Courses that were completed before the action for which they are asked: over, but no remediation."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.contract.records import CompletionRecord
from training.models import Enrollment, State
from training.sentences import enrollment_reason, timeline_sentence
from training.services.insights import Scope, charts_of, compared, totals_of
from training.services.polling import take_completions

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=600)


def read_back(sandbox, course, act, work, monkeypatch, at):
    (person_id,) = sandbox.tenant.users
    with monkeypatch.context() as patched:
        patched.setattr(sandbox.tenant, "now", lambda: at)
        sandbox.tenant.complete(person_id, course.integration_id)
    act()
    work()


def told_later(sandbox, course, act, work, monkeypatch, at):
    act()
    work()
    row = Enrollment.objects.get()
    record = CompletionRecord(row.person_id, course.integration_id, at)
    assert take_completions(row.connection_id, [record]) == 1


@pytest.fixture(params=[read_back, told_later])
def complete(request, sandbox, course, act, work, monkeypatch):
    """Ann has completed the course that long before she fails."""

    def complete(before):
        at = timezone.now() - before
        request.param(sandbox, course, act, work, monkeypatch, at)
        return at, Enrollment.objects.get()

    return complete


def figures(campaign, as_bob):
    """The completed ones: of the totals, the comparison, the chart and the list of campaigns."""
    scope = Scope(account=campaign.account, days=30, campaign=campaign)
    _, _, completions, _ = charts_of(scope)
    (listed,) = as_bob.get("/campaigns/").context["page"].object_list
    return (
        totals_of(scope).completed,
        sum(one.completed for one in compared(scope, "campaign__name")),
        sum(int(number) for _, number in completions.rows),
        listed.done,
    )


def test_what_was_completed_long_before_is_told_apart(complete, campaign, as_bob):
    at, row = complete(LONG_AGO)
    assert (row.state, row.reason) == (State.COMPLETED, "done_before")
    assert abs(row.completed_at - at) < timedelta(seconds=1)
    assert enrollment_reason(row).startswith("The person had completed it before the action.")
    last = row.timeline.order_by("pk").last()
    assert last.at > row.created_at
    told = f"The person had completed it before, on {at:%Y-%m-%d}."
    assert timeline_sentence(last, row) == told
    assert told in as_bob.get(f"/enrollments/{row.pk}/").text
    assert figures(campaign, as_bob) == (0, 0, 0, 0)


def test_a_date_of_another_zone_counts_as_after(complete, campaign, as_bob):
    _, row = complete(timedelta(hours=14))
    assert (row.state, row.reason == "done_before") == (State.COMPLETED, False)
    assert figures(campaign, as_bob) == (1, 1, 1, 1)
