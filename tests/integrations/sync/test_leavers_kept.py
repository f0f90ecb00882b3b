"""People who have left go after the time that their account keeps them, and nobody else does."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.models import Account, AuditEvent
from groups.models import Group
from integrations.services import open_run
from targets.models import GroupMembership, SetBy, Suppression, Target
from tests.factories import TargetFactory
from tests.integrations.sync.states import dump, log, people
from tests.tallies import differing
from training.services import forgetting
from training.services.forgetting import forget_leavers

pytestmark = pytest.mark.django_db
PAGE = "/targets/left/"
ALL = {"ann@acme.example", "bo@acme.example", "cy@acme.example"}


@pytest.fixture
def left(sync, remote, scoped):
    """Ann has left; Bo only changed the team."""
    sync()
    del remote.people["P1"]
    remote.people["P2"]["teams"] = "T2"
    sync()
    return Target.objects.get(email="ann@acme.example")


@pytest.fixture
def keep(scoped):
    def keep(days):
        Account.objects.filter(pk=scoped.pk).update(leavers_kept_days=days)

    return keep


def forget(days: float) -> set[str]:
    """Who is left so many days from now."""
    forget_leavers(now=timezone.now() + timedelta(days=days))
    return set(people())


def test_row_56_people_who_left_go_when_their_time_is_over(left, keep, scoped):
    assert forget(9999) == ALL
    keep(30)
    assert forget(29.9) == ALL
    assert forget(30.1) == ALL - {"ann@acme.example"}
    text = dump()
    assert [word for word in ("Ann Lee", "ann@acme.example") if word in text] == []
    event = AuditEvent.objects.latest("pk")
    assert (event.kind, event.actor, event.after) == (
        "LEAVERS_ERASED",
        "the Portal itself",
        {"number": 1, "days": 30},
    )
    assert differing(scoped) == []
    events = AuditEvent.objects.count()
    assert forget(9999) == ALL - {"ann@acme.example"}
    assert AuditEvent.objects.count() == events


def test_the_next_sync_finds_nothing_to_do(left, keep, sync):
    keep(30)
    forget(31)
    run = sync()
    assert (run.status, log(run)) == ("SYNCED", [])
    assert set(people()) == ALL - {"ann@acme.example"}


@pytest.mark.parametrize("is_active", [True, False])
def test_listed_again_they_come_only_when_active(left, keep, sync, remote, is_active):
    keep(30)
    forget(31)
    assert not Suppression.objects.exists()
    remote.person("P1", "ann@acme.example", "T1", name="Ann Lee", is_active=is_active)
    sync()
    assert ("ann@acme.example" in people()) == is_active


@pytest.mark.parametrize(("key", "teams"), [("P1", "T1"), ("P77", "T1"), ("P1", "")])
def test_back_before_the_time_is_over_they_stay(left, keep, sync, remote, key, teams):
    """By the same Id or another one, and in no team."""
    keep(30)
    remote.person(key, "ann@acme.example", teams, name="Ann Lee")
    sync()
    assert forget(9999) == ALL


def test_whom_an_administrator_has_switched_off_stays_once_back(left, keep, sync, remote):
    keep(30)
    left.memberships.update(is_active=False, set_by=SetBy.PERSON)
    remote.person("P1", "ann@acme.example", "T1", name="Ann Lee")
    sync()
    assert not left.memberships.filter(is_active=True).exists()
    assert forget(9999) == ALL


def test_whoever_is_active_in_a_group_made_by_hand_stays(left, keep, scoped):
    keep(30)
    group = Group.objects.create(account=scoped, name="Board")
    seat = GroupMembership.objects.create(account=scoped, group=group, target=left)
    assert forget(9999) == ALL
    GroupMembership.objects.filter(pk=seat.pk).update(is_active=False)
    assert forget(9999) == ALL - {"ann@acme.example"}


def test_nobody_goes_while_a_sync_is_open(left, keep, connection):
    keep(30)
    opened = open_run(connection=connection, trigger="MANUAL").run
    assert forget(31) == ALL
    opened.status = "CANCELLED"
    opened.save()
    assert forget(31) == ALL - {"ann@acme.example"}


def test_another_account_decides_for_itself(left, keep, globex):
    Account.objects.filter(pk=globex.pk).update(leavers_kept_days=30)
    assert forget(9999) == ALL
    with scope(account=globex):
        long_ago = timezone.now() - timedelta(days=99)
        TargetFactory(account=globex, left_source_at=long_ago)
        TargetFactory(account=globex)
    keep(30)
    forget(0)
    with scope(account=globex):
        assert Target.objects.count() == 1


def test_many_go_some_at_a_time(left, keep, scoped, monkeypatch):
    monkeypatch.setattr(forgetting, "MOST_AT_ONCE", 40)
    keep(30)
    long_ago = timezone.now() - timedelta(days=99)
    TargetFactory.create_batch(43, account=scoped, left_source_at=long_ago)
    forget_leavers()
    assert Target.objects.filter(left_source_at=long_ago).count() == 3
    numbers = AuditEvent.objects.filter(kind="LEAVERS_ERASED").values_list(
        "after__number", flat=True
    )
    assert list(numbers) == [20] * 2
    monkeypatch.setattr(forgetting, "MOST_SECONDS", -1)
    forget_leavers()
    assert Target.objects.filter(left_source_at=long_ago).count() == 3
    monkeypatch.undo()
    forget_leavers()
    assert Target.objects.filter(left_source_at=long_ago).count() == 0


@pytest.fixture
def confirmed(as_alice):
    as_alice.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    return as_alice


def days_of(account) -> int | None:
    return Account.objects.get(pk=account.pk).leavers_kept_days


def test_the_page_asks_before_anybody_is_erased(left, confirmed, scoped):
    Target.objects.filter(pk=left.pk).update(left_source_at=timezone.now() - timedelta(days=40))
    assert "1 person has left and is active in no group." in confirmed.get(PAGE).text
    assert "It is saved." in confirmed.post(PAGE, {"days": "90"}, follow=True).text
    assert days_of(scoped) == 90
    asked = confirmed.post(PAGE, {"days": "30"}).text
    assert "Erase 1 person who has left?" in asked
    assert "Ann Lee, left on" in asked
    assert days_of(scoped) == 90
    sure = confirmed.post(PAGE, {"days": "30", "confirmed": "1"}, follow=True).text
    assert "1 of them is erased within the next hours." in sure
    assert days_of(scoped) == 30
    event = AuditEvent.objects.filter(kind="ACCOUNT_SAVED").latest("pk")
    assert (event.before, event.after) == ({"leavers_kept_days": 90}, {"leavers_kept_days": 30})
    assert "Erased 30 days after that" in confirmed.get(f"/targets/{left.pk}/").text
    confirmed.post(PAGE, {"days": ""})
    assert days_of(scoped) is None


@pytest.mark.parametrize("days", ["0", "-1", "1", "31", "x", "30\x00"])
def test_no_other_time_can_be_chosen(left, confirmed, scoped, days):
    answer = confirmed.post(PAGE, {"days": days, "confirmed": "1"})
    assert (answer.status_code, days_of(scoped)) == (200, None)


def test_row_18_the_time_that_people_are_kept_asks_for_the_password(left, as_alice, scoped):
    session = as_alice.session
    session["account_authentication_methods"] = []
    session.save()
    answer = as_alice.post(PAGE, {"days": "90"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert days_of(scoped) is None
