"""From the action to the completed course, against the rehearsal Litmos over a socket."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import GroupMembershipFactory, TargetFactory
from training.models import Action, Enrollment, Lane, State, TimelineEntry
from training.services import by_hand
from training.services.campaigns import end_campaign, reach_of
from training.services.lms import set_lms
from training.services.working import advance_lane, due_connections

pytestmark = pytest.mark.django_db


def only() -> Enrollment:
    return Enrollment.objects.get()


def steps() -> list[str]:
    return list(TimelineEntry.objects.order_by("pk").values_list("step", flat=True))


def methods(sandbox) -> list[str]:
    return [call.method for call in sandbox.calls]


def test_a_click_becomes_a_verified_assignment(act, work, litmos, sandbox):
    taken = act()
    assert (taken.new, taken.enrolled, only().state) == (1, 1, State.WAITING)
    work()
    assert only().state == State.ASSIGNED
    assert litmos() == (1, 0)
    assert steps() == ["ACTED", "NO_BOT", "WAITING", "ASKED", "VERIFIED"]
    assert methods(sandbox)[:3] == ["GET", "POST", "GET"]


def test_who_was_looked_up_once_costs_two_calls(act, work, campaign, sandbox):
    act()
    work()
    Enrollment.objects.update(state=State.WITHDRAWN)
    del sandbox.calls[:]
    act()
    Lane.objects.update(polled_at=timezone.now())
    work()
    assert methods(sandbox) == ["POST", "GET"]


def test_completion_is_found_by_polling(act, work, sandbox, course):
    act()
    work()
    sandbox.tenant.complete(only().person_id, course.integration_id)
    Lane.objects.update(polled_at=timezone.now() - timedelta(hours=1))
    work()
    row = only()
    assert (row.state, row.percentage, steps()[-1]) == (State.COMPLETED, 100, "COMPLETED")


def test_waiting_time_is_kept(act, campaign, connection, litmos):
    campaign.waiting_minutes = 15
    campaign.save()
    act()
    assert due_connections() == []
    assert due_connections(now=timezone.now() + timedelta(minutes=16)) == [connection.pk]
    advance_lane(connection_id=connection.pk)
    assert litmos() == (0, 0)


def test_a_bots_click_never_reaches_litmos(act, work, sandbox):
    act(is_bot=True)
    work()
    assert (Enrollment.objects.count(), sandbox.calls) == (0, [])


def test_a_bot_mark_that_comes_later_withdraws_what_waits(act, work, litmos):
    act(key="one")
    taken = act(key="one", is_bot=True)
    work()
    assert (taken.known, taken.withdrawn, only().state) == (1, 1, State.WITHDRAWN)
    assert litmos() == (0, 0)
    assert Action.objects.get().is_bot


def test_the_same_action_twice_changes_nothing(act):
    at = timezone.now()
    act(happened_at=at)
    taken = act(happened_at=at)
    assert (taken.new, taken.known, taken.enrolled) == (0, 1, 0)
    assert (Action.objects.count(), Enrollment.objects.count()) == (1, 1)


def test_not_again_within_the_days(act, work):
    act()
    work()
    assert act().enrolled == 0
    Enrollment.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert act().enrolled == 1


def test_not_again_when_completed_within_the_days(act, work):
    act()
    Enrollment.objects.update(state=State.COMPLETED)
    assert act().enrolled == 0


@pytest.mark.parametrize("kind", ["SENT", "OPENED", "REPORTED"])
def test_what_does_not_count_as_failing_enrols_nobody(act, kind):
    assert (act(kind=kind).new, Enrollment.objects.count()) == (1, 0)


def test_strangers_are_kept_and_not_enrolled(act):
    taken = act(email="who@else.example")
    assert (taken.new, taken.strangers, taken.enrolled) == (1, 1, 0)
    assert Action.objects.get().email == "who@else.example"


def test_who_joins_later_takes_part_where_smart_sync_is_on(act, group, campaign):
    late = TargetFactory(account=group.account, email="late@acme.example")
    GroupMembershipFactory(group=group, target=late)
    assert act(email=late.email).enrolled == 0
    group.smart_sync = True
    group.save()
    assert act(email=late.email).enrolled == 1


def test_an_ended_campaign_enrols_nobody_and_can_withdraw(act, campaign, work, litmos):
    act()
    assert end_campaign(campaign=campaign, withdraws=True) == 1
    campaign.refresh_from_db()
    assert act(kind="SUBMITTED").enrolled == 0
    work()
    assert (only().reason, litmos()) == ("campaign_ended", (0, 0))


def test_what_could_not_be_read_back_is_looked_for_and_not_asked_for_twice(
    act, work, sandbox, litmos
):
    act()
    sandbox.faults.set("500:/courses$@2-9")
    work()
    assert (only().state, only().reason, litmos()) == (
        State.REQUESTED,
        "litmos_unavailable",
        (1, 0),
    )
    sandbox.faults.set("")
    work()
    assert (only().state, methods(sandbox).count("POST"), litmos()) == (State.ASSIGNED, 1, (1, 0))


def test_an_outage_loses_nothing_and_everything_is_asked_for_once_after(act, work, sandbox, litmos):
    act()
    sandbox.faults.set("500")
    work(times=4)
    assert (only().state, only().reason) == (State.WAITING, "litmos_unavailable")
    sandbox.faults.set("")
    work()
    assert (only().state, litmos()) == (State.ASSIGNED, (1, 0))


def test_at_most_one_mail_an_hour(act, work, campaign, course, connection, sandbox, litmos):
    campaign.is_mailed = True
    campaign.save()
    act()
    work()
    assert litmos() == (1, 1)
    key = sandbox.tenant.add_course(Name="More", Code="MORE")
    more = course.__class__.objects.create(
        account=course.account, connection=connection, integration_id=key, name="More"
    )
    campaign.courses.add(more)
    act(kind="SUBMITTED")
    work()
    assert litmos() == (2, 1)


def test_assigned_before_by_somebody_else_is_told_and_left_alone(
    act, work, ann, sandbox, course, litmos
):
    user = next(iter(sandbox.tenant.users))
    earlier = timezone.now() - timedelta(days=3)
    now = sandbox.tenant.now
    sandbox.tenant.now = lambda: earlier
    sandbox.tenant.assign(user, course.integration_id)
    sandbox.tenant.now = now
    act()
    work()
    assert (only().state, only().reason) == (State.ASSIGNED, "already")
    by_hand.withdraw(only())
    assert (only().state, litmos()) == (State.WITHDRAWN, (1, 0))


def test_withdrawing_takes_it_back_at_litmos(act, work, litmos):
    act()
    work()
    by_hand.withdraw(only())
    assert (only().state, litmos()) == (State.WITHDRAWN, (0, 0))
    by_hand.ask_again(rows=Enrollment.objects.all())
    work()
    assert (only().state, litmos()) == (State.ASSIGNED, (1, 0))


def test_marked_as_done_by_hand(act, work):
    act()
    by_hand.mark_done(rows=Enrollment.objects.all())
    assert (only().state, only().reason) == (State.COMPLETED, "by_hand")
    with pytest.raises(by_hand.NotNow):
        by_hand.withdraw(only())


def test_what_was_withdrawn_while_it_was_asked_for_stays_withdrawn(act, connection, monkeypatch):
    act()
    from training.services import asking

    real = asking._mark_asked

    def withdraws_first(lane, person):
        by_hand.withdraw(only())
        return real(lane, person)

    monkeypatch.setattr(asking, "_mark_asked", withdraws_first)
    advance_lane(connection_id=connection.pk)
    assert only().state == State.WITHDRAWN


def test_two_workers_do_not_ask_at_once(act, connection, litmos):
    act()
    Lane.objects.create(
        account=connection.account,
        connection=connection,
        lease_until=timezone.now() + timedelta(minutes=1),
    )
    assert advance_lane(connection_id=connection.pk) is None
    assert litmos() == (0, 0)


def test_reach_counts_who_can_not_be_enrolled(campaign, group):
    assert (reach_of(campaign).people, reach_of(campaign).possible) == (1, 1)
    set_lms(account=group.account, groups=group.__class__.objects, connection=None, is_own=True)
    assert reach_of(campaign).not_possible == {"no_lms": 1}
