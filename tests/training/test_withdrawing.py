"""Withdrawing many at once, and what turned out to be a bot's after the LMS had been asked."""

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from tests.factories import GroupMembershipFactory, TargetFactory
from training.models import Enrollment, Lane, State, TimelineEntry, Way
from training.services import by_hand
from training.services.taking_back import Withdrawn, of_bots
from training.services.working import due_connections

pytestmark = pytest.mark.django_db
EVERY = Enrollment.objects.all


@pytest.fixture
def ben(group, sandbox, ann, campaign):
    group.smart_sync = True
    group.save()
    sandbox.tenant.add_user(Email="ben@acme.example")
    target = TargetFactory(account=group.account, email="ben@acme.example", name="Ben Ode")
    GroupMembershipFactory(group=group, target=target)
    return target


@pytest.fixture
def back(work, connection):
    """Let the lane take back what is due."""

    def back():
        Enrollment.objects.filter(state=State.WITHDRAWING).update(due_at=timezone.now())
        Lane.objects.update(next_attempt_at=None)
        assert due_connections() == [connection.pk]
        work()

    return back


def states() -> list[str]:
    return list(EVERY().order_by("pk").values_list("state", flat=True))


def every(action: str, seen: int, **more: str) -> dict[str, str]:
    return {"action": action, "all": "1", "seen": str(seen), **more}


def steps(row) -> list[str]:
    return list(row.timeline.order_by("pk").values_list("step", flat=True))


def test_many_are_withdrawn_each_where_it_stands(act, ben, work, back, litmos, in_acme):
    act()
    work()
    act(email=ben.email)
    found = by_hand.withdraw_all(account=in_acme, rows=EVERY())
    assert (found, states()) == (Withdrawn(1, 1), [State.WITHDRAWING, State.WITHDRAWN])
    assert litmos() == (1, 0)
    back()
    assert (states(), litmos()) == ([State.WITHDRAWN, State.WITHDRAWN], (0, 0))
    assert steps(EVERY().first())[-2:] == ["WITHDRAWING", "WITHDRAWN"]
    told = AuditEvent.objects.get(kind="ENROLLMENT_WITHDRAWN")
    assert (told.subject, told.after) == ("2 enrolments", {"at_once": 1, "at_lms": 1})


def test_one_that_is_being_asked_for_is_left_to_the_lane(act, work, back, litmos):
    act()
    work()
    EVERY().update(state=State.REQUESTED)
    assert by_hand.withdraw(EVERY().get()) == Withdrawn(0, 1)
    assert litmos() == (1, 0)
    back()
    assert (states(), litmos()) == ([State.WITHDRAWN], (0, 0))


def test_completed_ones_are_left(act, work, in_acme):
    act()
    work()
    EVERY().update(state=State.COMPLETED)
    assert by_hand.withdraw_all(account=in_acme, rows=EVERY()) == Withdrawn()
    told = AuditEvent.objects.filter(kind="ENROLLMENT_WITHDRAWN")
    assert (states(), told.count()) == ([State.COMPLETED], 0)


def test_what_somebody_else_had_assigned_stays_there(act, work, in_acme, litmos):
    act()
    work()
    EVERY().update(reason="already")
    assert by_hand.withdraw_all(account=in_acme, rows=EVERY()) == Withdrawn(1, 0)
    assert litmos() == (1, 0)


def test_an_outage_delays_it(act, work, back, in_acme, sandbox, litmos):
    act()
    work()
    by_hand.withdraw_all(account=in_acme, rows=EVERY())
    sandbox.faults.set("500:/courses")
    back()
    assert states() == [State.WITHDRAWING]
    sandbox.faults.set("")
    back()
    assert (states(), litmos()) == ([State.WITHDRAWN], (0, 0))


def test_what_is_gone_there_is_withdrawn(act, work, back, in_acme, sandbox, course):
    act()
    work()
    sandbox.tenant.unassign(EVERY().get().person_id, course.integration_id)
    by_hand.withdraw_all(account=in_acme, rows=EVERY())
    back()
    assert states() == [State.WITHDRAWN]


def test_an_import_under_way_is_waited_for(act, work, back, in_acme, sandbox, course, litmos):
    act()
    work()
    row = EVERY().get()
    sandbox.tenant.unassign(row.person_id, course.integration_id)
    EVERY().update(state=State.REQUESTED, way=Way.IMPORT, assigned_at=None)
    by_hand.withdraw_all(account=in_acme, rows=EVERY())
    back()
    assert states() == [State.WITHDRAWING]
    sandbox.tenant.assign(row.person_id, course.integration_id)
    back()
    assert (states(), litmos()) == ([State.WITHDRAWN], (0, 0))


def test_what_can_not_be_taken_back_stays_and_is_told(act, work, back, in_acme, sandbox, litmos):
    act()
    work()
    by_hand.withdraw_all(account=in_acme, rows=EVERY())
    sandbox.faults.set("406:/courses/")
    back()
    row = EVERY().get()
    assert (row.state, row.reason, litmos()) == (State.ASSIGNED, "not_withdrawn", (1, 0))
    assert steps(row)[-1] == "STAYS"


def test_a_bot_mark_after_the_asking_offers_withdrawal(
    act, work, back, as_alice, as_bob, campaign, litmos
):
    act(key="one")
    work()
    page = f"/campaigns/{campaign.pk}/"
    assert "turned out to be" not in as_alice.get(page).content.decode()
    act(key="one", is_bot=True)
    row = EVERY().get()
    assert (row.state, of_bots().count(), litmos()) == (State.ASSIGNED, 1, (1, 0))
    offered = as_alice.get(page).content.decode()
    assert "1 enrolment came of actions that turned out to be bots'" in offered
    assert "Withdraw at the LMS" in offered
    assert "Withdraw at the LMS" not in as_bob.get(page).content.decode()
    assert "turned out to be a bot's" in as_bob.get(f"/enrollments/{row.pk}/").content.decode()
    assert as_bob.post(f"{page}withdraw-bots/").status_code == 403
    as_alice.post(f"{page}withdraw-bots/")
    assert states() == [State.ASSIGNED]
    asked = as_alice.post(f"{page}withdraw-bots/", {"seen": "1"}).content.decode()
    assert ("Withdraw 1 enrolment?" in asked, states()) == (True, [State.ASSIGNED])
    as_alice.post(f"{page}withdraw-bots/", {"seen": "1", "confirmed": "1"})
    back()
    row.refresh_from_db()
    assert (row.state, row.reason, litmos()) == (State.WITHDRAWN, "bot", (0, 0))


def test_the_lists_bulk_actions(act, ben, as_alice, as_bob):
    act()
    act(email=ben.email)
    first, second = EVERY().order_by("pk")
    ticked = {"action": "WITHDRAW", "enrollment": [first.pk]}
    assert as_bob.post("/enrollments/bulk/", ticked).status_code == 403
    asked = as_alice.post("/enrollments/bulk/", ticked).content.decode()
    assert "Withdraw 1 enrolment?" in asked
    assert states() == [State.WAITING, State.WAITING]
    as_alice.post("/enrollments/bulk/", {**ticked, "confirmed": "1"})
    assert states() == [State.WITHDRAWN, State.WAITING]
    told = as_alice.post("/enrollments/bulk/", every("ASK_AGAIN", 2), follow=True)
    assert "1 left: It has moved on meanwhile." in told.content.decode()
    assert states() == [State.WAITING, State.WAITING]
    query = "?q=ben"
    as_alice.post(f"/enrollments/bulk/{query}", every("MARK_DONE", 1))
    assert states() == [State.WAITING, State.COMPLETED]
    second.refresh_from_db()
    assert second.reason == "by_hand"


@pytest.mark.parametrize(
    "sent",
    [{}, {"action": "WITHDRAW"}, {"action": "NO", "all": "1"}, {"enrollment": ["x", "9" * 40]}],
)
def test_a_bulk_action_without_sense_changes_nothing(act, as_alice, sent):
    act()
    answer = as_alice.post("/enrollments/bulk/", sent, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert states() == [State.WAITING]


@pytest.mark.parametrize(
    ("query", "seen", "told"),
    [
        ("?reason=person_missing", 2, "what “Reason” asks for is no longer there"),
        ("?campaign=999999&state=GONE", 2, "what “State” and “Campaign” asks for"),
        ("", 1, "2 match the filter now, and another number did when you looked"),
        ("", "", "2 match the filter now"),
        ("?q=nobody", 0, "nothing matches the filter any more"),
    ],
)
@pytest.mark.parametrize("action", ["WITHDRAW", "ASK_AGAIN", "MARK_DONE"])
def test_all_are_those_that_were_seen(act, ben, as_alice, action, query, seen, told):
    act()
    act(email=ben.email)
    sent = every(action, seen, confirmed="1")
    page = as_alice.post(f"/enrollments/bulk/{query}", sent, follow=True).content.decode()
    assert told in page
    assert states() == [State.WAITING, State.WAITING]


def test_a_submit_that_comes_twice_acts_once(act, ben, as_alice):
    """The reason is one to filter by for as long as an enrolment has it."""
    act()
    act(email=ben.email)
    EVERY().filter(target=ben).update(state=State.NOT_POSSIBLE, reason="person_missing")
    for _ in range(2):
        as_alice.post("/enrollments/bulk/?reason=person_missing", every("MARK_DONE", 1))
    assert states() == [State.WAITING, State.COMPLETED]


def test_another_accounts_enrolments_are_not_reached(act, as_charlie):
    act()
    row = EVERY().get()
    as_charlie.post("/enrollments/bulk/", {"action": "MARK_DONE", "enrollment": [row.pk]})
    as_charlie.post("/enrollments/bulk/", every("MARK_DONE", 1))
    assert states() == [State.WAITING]


def test_nobody_is_asked_again_beside_an_open_twin(act, campaign):
    act()
    EVERY().update(state=State.WITHDRAWN)
    act(kind="SUBMITTED")
    assert by_hand.ask_again(rows=EVERY()) == by_hand.Done(0, {"twin": 1, "moved_on": 1})


def test_two_of_one_person_and_course_are_asked_for_once(act):
    act()
    EVERY().update(state=State.WITHDRAWN)
    act(kind="SUBMITTED")
    EVERY().update(state=State.WITHDRAWN)
    assert by_hand.ask_again(rows=EVERY()) == by_hand.Done(1, {"twin": 1})


def test_without_a_key_what_waits_ends(act, work, connection):
    act()
    connection.api_key_sealed = ""
    connection.save()
    work()
    row = EVERY().get()
    assert (row.state, row.reason) == (State.NOT_POSSIBLE, "no_key")
    assert TimelineEntry.objects.order_by("pk").last().step == "NOT_POSSIBLE"
    assert due_connections() == []


def test_without_a_key_nothing_is_watched(act, work, connection, settings):
    act()
    work()
    settings.COMPLETION_SECONDS = 0
    assert due_connections() == [connection.pk]
    connection.api_key_sealed = ""
    connection.save()
    assert due_connections() == []
