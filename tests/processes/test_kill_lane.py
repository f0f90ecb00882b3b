"""A worker that dies while it enrols people: another goes on, and everybody is asked for once."""

from collections import Counter

import pytest

from tests.passes import spread

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

EVERYBODY_CLICKS = """
from django.utils import timezone
from django_scopes import scope
from accounts.models import Account
from groups.models import Group
from integrations.models import Course
from targets.models import Target
from training.models import Campaign
from training.services.campaigns import start_campaign
from training.services.taking import NewAction, take_actions
account = Account.objects.get()
with scope(account=account):
    campaign = Campaign.objects.create(account=account, name="Autumn", waiting_minutes=0)
    campaign.groups.set(Group.objects.all())
    campaign.courses.set(Course.objects.filter(is_active=True)[:1])
    start_campaign(campaign=campaign)
    now = timezone.now()
    clicks = [NewAction("CLICKED", one.email, now) for one in Target.objects.all()]
    print(take_actions(campaign=campaign, actions=clicks * 2, door="API").enrolled)
"""
BY_STATE = "SELECT state, count(*) FROM training_enrollment GROUP BY state"


@pytest.fixture
def everybody(installation, sandbox):
    """So many people were synced, and have clicked."""
    worker = installation.worker()
    installation.sync()
    assert installation.wait_for_the_end()["status"] == "SYNCED"
    installation.kill(worker)
    installation.execute(
        "UPDATE integrations_connection SET is_active = true, default_lms = 'ALL_GROUPS'"
    )
    installation.before = {(one, key) for one, key, _ in sandbox.tenant.all_assignments()}
    sandbox.calls.clear()
    return int(installation.manage("shell", "-v0", "-c", EVERYBODY_CLICKS).stdout.split()[-1])


def end(installation) -> None:
    """Another worker goes on; what is looked at after a minute is looked at now."""
    installation.execute("UPDATE training_enrollment SET due_at = '2026-01-01 00:00:00+00:00'")
    installation.worker()
    installation.wait_until(
        lambda: (
            {state for state, _ in installation.query(BY_STATE)}
            <= {"ASSIGNED", "IN_PROGRESS", "COMPLETED", "OVERDUE"}
        ),
        "the end of the asking",
    )


def asked(sandbox) -> Counter:
    paths = [call.path for call in sandbox.calls if call.method == "POST"]
    return Counter(path for path in paths if path != "/users/courses")


@pytest.mark.parametrize(
    ("kill_after", "fewest"), spread([("7:/courses", "250"), ("1:/bulkimports", "10")])
)
def test_worker_killed_while_it_asks(installation, sandbox, everybody, kill_after, fewest):
    stopped = installation.worker(
        app="tests.processes.killing_lane", KILL_AFTER=kill_after, FEWEST=fewest
    )
    installation.beat()
    stopped.wait(timeout=60)
    assert "REQUESTED" in dict(installation.query(BY_STATE))
    end(installation)

    pairs = set(installation.query(WHO))
    there = {(user, course) for user, course, _ in sandbox.tenant.all_assignments()}
    assert len(pairs) == everybody > 25
    assert there == installation.before | pairs
    assert set(asked(sandbox).values()) == {1}
    if fewest == "10":
        assert asked(sandbox) == {"/bulkimports": 1}
    else:
        assert len(asked(sandbox)) == everybody
    assert sandbox.tenant.mails == []


WHO = (
    "SELECT e.person_id, c.integration_id FROM training_enrollment e"
    " JOIN integrations_course c ON c.id = e.course_id"
)
