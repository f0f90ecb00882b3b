"""Many people at once: as few calls as can be, and the same outcome whichever way they go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.contract.provider import MOST_IMPORTED
from integrations.models import TargetLink
from targets.models import GroupMembership, Target
from training.models import Enrollment, Lane, State, TimelineEntry, Way
from training.services import working
from training.services.taking import NewAction, take_actions
from training.services.waves import Wave

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(group, campaign, connection, sandbox):
    """So many people who have clicked; `linked`: brought over by a sync."""

    def crowd(number, *, linked=True, at_litmos=True, action=True):
        group.smart_sync = True
        group.save()
        emails = [f"w{one}@acme.example" for one in range(number)]
        targets = Target.objects.bulk_create(
            Target(account=group.account, email=one, email_key=one, name=one) for one in emails
        )
        GroupMembership.objects.bulk_create(
            GroupMembership(account=group.account, group=group, target=one) for one in targets
        )
        ids = [sandbox.tenant.add_user(Email=one) for one in emails] if at_litmos else []
        if linked:
            TargetLink.objects.bulk_create(
                TargetLink(
                    account=group.account,
                    connection=connection,
                    target=target,
                    integration_id=key,
                )
                for target, key in zip(targets, ids, strict=True)
            )
        now = timezone.now()
        clicks = [NewAction(kind="CLICKED", email=one, happened_at=now) for one in emails]
        take_actions(campaign=campaign, actions=clicks, door="API")
        Lane.objects.update_or_create(
            connection=connection,
            defaults={"account": group.account, "polled_at": now + timedelta(days=1)},
        )
        del sandbox.calls[:]
        return ids

    return crowd


@pytest.fixture
def settle(work):
    """Let the lane work until the imports have been looked at."""

    def settle(times=2):
        for _ in range(times):
            Enrollment.objects.filter(way=Way.IMPORT).update(due_at=timezone.now())
            work()

    return settle


def states() -> dict[str, int]:
    rows = Enrollment.objects.values_list("state", flat=True)
    return {state: list(rows).count(state) for state in set(rows)}


def paths(sandbox) -> dict[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = {}
    for call in sandbox.calls:
        key = (call.method, call.path.split("/")[1])
        counted[key] = counted.get(key, 0) + 1
    return counted


@pytest.mark.parametrize(("people", "calls"), [(1, 2), (25, 26), (100, 104)])
def test_few_people_cost_one_call_each_and_one_to_read_25_back(
    people, calls, crowd, work, sandbox, litmos
):
    crowd(people)
    work()
    assert (litmos(), states()) == ((people, 0), {State.ASSIGNED: people})
    assert len(sandbox.calls) == calls


@pytest.mark.thorough
def test_ten_thousand_people_cost_as_many_calls_as_there_are_pages(
    crowd, settle, sandbox, litmos, settings, monkeypatch
):
    settings.STEP_SECONDS = 300
    monkeypatch.setattr(working, "MOST_SECONDS", 300)
    crowd(10_000)
    settle()
    assert (litmos(), states()) == ((10_000, 0), {State.ASSIGNED: 10_000})
    assert paths(sandbox) == {
        ("GET", "users"): 1 + 11,
        ("GET", "courses"): 1 + 1 + 11,
        ("POST", "bulkimports"): 10_000 // MOST_IMPORTED,
    }


def test_people_without_a_link_are_found_in_the_list_of_logins(crowd, settle, sandbox, litmos):
    crowd(310, linked=False)
    settle()
    assert (litmos(), states()) == ((310, 0), {State.ASSIGNED: 310})
    assert paths(sandbox) == {
        ("GET", "users"): 1 + 1,
        ("GET", "courses"): 1 + 1 + 1,
        ("POST", "bulkimports"): 1,
    }
    asked = TimelineEntry.objects.filter(step="ASKED").first()
    assert asked.values == {"mailed": False, "way": "IMPORT"}


def test_who_is_in_no_list_is_looked_for_singly(crowd, settle, sandbox, litmos):
    ids = crowd(300)
    sandbox.tenant.delete_user(ids[0])
    sandbox.tenant.deactivate(ids[1])
    settle()
    gone = Enrollment.objects.get(person_id=ids[0])
    assert (gone.state, gone.reason) == (State.NOT_POSSIBLE, "person_missing")
    assert litmos()[0] == 299
    assert ids[0] not in sandbox.tenant.rows


def test_what_was_there_before_is_left_alone(crowd, settle, sandbox, course):
    ids = crowd(300)
    sandbox.tenant.assign(ids[0], course.integration_id)
    settle()
    row = Enrollment.objects.get(person_id=ids[0])
    assert (row.state, row.reason, row.asked_at) == (State.ASSIGNED, "already", None)


def test_an_import_that_takes_long_is_waited_for(crowd, settle, sandbox):
    sandbox.tenant.import_seconds = 3600
    crowd(300)
    settle(3)
    assert states() == {State.REQUESTED: 300}
    assert paths(sandbox)[("POST", "bulkimports")] == 1
    for job in sandbox.tenant.imports.values():
        job.due = timezone.now()
    settle(1)
    assert states() == {State.ASSIGNED: 300}


def test_an_import_that_is_lost_is_made_up_for_singly(crowd, settle, sandbox, litmos):
    crowd(300)
    settle(1)
    sandbox.tenant.imports.clear()
    Enrollment.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    settle(3)
    assert (litmos(), states()) == ((300, 0), {State.ASSIGNED: 300})


def test_a_litmos_that_refuses_imports_is_asked_singly(crowd, settle, sandbox, litmos):
    sandbox.faults.set("404:/bulkimports")
    crowd(300)
    settle()
    assert (litmos(), states()) == ((300, 0), {State.ASSIGNED: 300})


def test_a_course_that_went_away_meanwhile(crowd, settle, sandbox, course):
    crowd(300)
    sandbox.tenant.delete_course(course.integration_id)
    settle()
    rows = Enrollment.objects.values_list("state", "reason").distinct()
    assert list(rows) == [(State.NOT_POSSIBLE, "course_missing")]


def test_a_list_longer_than_a_step_is_read_on(crowd, settle, sandbox, settings, litmos):
    settings.STEP_SECONDS = 0
    crowd(1500)
    settle(16)
    assert (litmos(), states()) == ((1500, 0), {State.ASSIGNED: 1500})
    starts = [call.query["start"] for call in sandbox.calls if call.path == "/users"]
    assert starts == ["0", "1000"]


def test_with_the_lms_s_own_mail_nobody_goes_by_import(crowd, settle, campaign, sandbox, litmos):
    campaign.is_mailed = True
    campaign.save()
    crowd(300)
    settle()
    assert litmos() == (300, 300)
    assert ("POST", "bulkimports") not in paths(sandbox)


def test_the_way_is_chosen_by_its_calls():
    small = Wave(people=300, unknown=0, courses=1, size=1_000_000)
    large = Wave(people=10_000, unknown=0, courses=1, size=1_000_000)
    again = Wave(people=300, unknown=0, courses=1, size=1_000_000, has_logins=True)
    assert (small.calls_singly, small.calls_by_import) == (312, 1026)
    assert (large.calls_singly, large.calls_by_import) == (10_400, 1806)
    assert (small.is_imported, large.is_imported, again.is_imported) == (False, True, True)
