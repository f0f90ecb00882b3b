"""How far groups whose Auto-Sync is off are from their teams, and the weekly mail about it."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from groups.models import Group
from integrations.models import Change, Connection, GroupLink, MailSetting, SentMail, SyncRun
from integrations.services import decide, drifting, start_preview, tick
from tests.factories import AccountFactory, ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def preview(connection, finish):
    return lambda: finish(start_preview(connection=connection, user=None).run)


@pytest.fixture
def is_off(sync):
    """Both groups are there, and no night follows them any more."""
    sync()
    Group.objects.update(auto_sync=False)


def found() -> dict[str, tuple[int, int]]:
    links = GroupLink.objects.select_related("group")
    return {link.group.name: (link.joining, link.leaving) for link in links}


def moves(remote) -> None:
    """Dan joins both, Cy moves from Support to Sales, Bo is gone."""
    remote.person("P4", "dan@acme.example", "T1 T2", name="Dan")
    remote.members["T2"].discard("P3")
    remote.members["T1"].add("P3")
    del remote.people["P2"]
    for members in remote.members.values():
        members.discard("P2")


@pytest.mark.usefixtures("is_off")
def test_a_preview_counts_who_would_join_and_leave(preview, remote, sync):
    moves(remote)
    sync(trigger="AUTO")
    assert found() == {"Sales": (0, 0), "Support": (0, 0)}
    preview()
    assert found() == {"Sales": (2, 1), "Support": (1, 2)}
    compared = GroupLink.objects.values_list("compared_at", flat=True)
    assert all(timezone.now() - at < timedelta(minutes=1) for at in compared)
    sync()
    assert found() == {"Sales": (0, 0), "Support": (0, 0)}


@pytest.mark.usefixtures("is_off")
def test_who_comes_back_joins(preview, remote, sync):
    remote.people["P1"]["is_active"] = False
    sync()
    remote.people["P1"]["is_active"] = True
    preview()
    assert found() == {"Sales": (1, 0), "Support": (0, 0)}


def test_held_people_are_still_to_leave(sync, remote):
    for number in range(38):
        remote.person(f"X{number:02}", f"x{number:02}@acme.example", "T1", name=f"X {number:02}")
    sync()
    for number in range(36):
        remote.people[f"X{number:02}"]["is_active"] = False
    run = sync()
    assert run.status == "HELD"
    assert found() == {"Sales": (0, 36), "Support": (0, 0)}
    for is_approval, numbers in ((True, range(3)), (False, range(3, 5))):
        labels = [f"X {number:02}" for number in numbers]
        decide(
            run=run, user=None, rows=Change.objects.filter(label__in=labels),
            plan_hash=run.plan_hash, is_approval=is_approval,
        )  # fmt: skip
    assert found() == {"Sales": (0, 31), "Support": (0, 0)}


@pytest.mark.usefixtures("is_off")
def test_a_reading_that_looks_wrong_compares_nothing(preview, remote):
    moves(remote)
    preview()
    remote.people.clear()
    assert preview().hold_reason == "tenant_empty"
    assert found() == {"Sales": (2, 1), "Support": (1, 2)}


@pytest.mark.usefixtures("is_off")
def test_another_connection_is_left_alone(preview, remote, connection):
    GroupLink.objects.filter(integration_id="T2").update(connection=_other(connection))
    moves(remote)
    preview()
    assert found()["Support"] == (0, 0)


def _other(connection) -> Connection:
    return Connection.objects.create(account=connection.account, provider="other", region="us")


@pytest.fixture
def weekly(acme, connection):
    """A function: the tick of a moment, and what it has mailed."""
    acme.account_manager_email = "manager@acme.example"
    acme.is_drift_mailed = True
    acme.save()
    connection.api_key_sealed = "x"
    connection.next_auto_sync_at = None
    connection.auto_sync_zone = acme.time_zone
    connection.save()

    def weekly(**later) -> list[int]:
        return list(tick(now=timezone.now() + timedelta(**later)).run_ids)

    return weekly


@pytest.fixture
def mails():
    return lambda: [(mail.template, mail.subject) for mail in SentMail.objects.order_by("pk")]


@pytest.mark.usefixtures("is_off")
def test_once_a_week_it_is_compared_and_told(weekly, mails, remote, finish):
    moves(remote)
    (run_id,) = weekly()
    assert weekly() == []
    run = finish(SyncRun.objects.get(pk=run_id))
    assert (run.is_preview, run.status, mails()) == (True, "PREVIEWED", [])

    assert weekly() == []
    assert mails() == [("integration_drift_report", "Litmos: 2 of 2 groups drift – Acme")]
    body = outbox.outbox[0].body
    assert "Auto-Sync is off for 2 groups. Other people than at Litmos: 2." in body
    assert "Started by: Comparison\n" in body
    figures = ["Sales, to join: 2", "Sales, to leave: 1", "Support, to join: 1"]
    assert [line for line in figures if line in body] == figures
    assert "/administration/integrations/litmos/drift/" in body

    assert weekly(days=6) == []
    assert len(weekly(days=8)) == 1
    assert len(mails()) == 1


@pytest.mark.usefixtures("is_off")
def test_a_comparison_that_failed_is_told(weekly, mails, finish):
    (run_id,) = weekly()
    SyncRun.objects.filter(pk=run_id).update(status="FAILED", error_code="key_refused")
    weekly()
    assert mails() == [("integration_drift_report", "Litmos: 0 of 2 groups drift – Acme")]
    assert "could not be compared this week" in outbox.outbox[0].body
    assert "Litmos refused the API key." in outbox.outbox[0].body


@pytest.mark.usefixtures("is_off")
@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ({"status": "CANCELLED"}, "The comparison was cancelled."),
        ({"status": "PREVIEWED", "hold_reason": "tenant_empty"}, "Litmos listed nobody at all"),
    ],
)
def test_a_comparison_that_tells_nothing_is_told_as_what_it_was(weekly, ended, told):
    (run_id,) = weekly()
    SyncRun.objects.filter(pk=run_id).update(**ended)
    weekly()
    body = outbox.outbox[0].body
    assert "could not be compared this week" in body
    assert told in body
    assert "unexpected" not in body


@pytest.mark.usefixtures("is_off")
def test_a_night_waits_for_an_open_comparison(weekly, finish, connection):
    (run_id,) = weekly()
    Connection.objects.update(next_auto_sync_at=timezone.now())
    assert weekly(seconds=30) == []
    finish(SyncRun.objects.get(pk=run_id))
    (night,) = weekly(seconds=40)
    assert SyncRun.objects.get(pk=night).trigger == "AUTO"


@pytest.mark.usefixtures("is_off")
def test_accounts_without_drift_do_not_stand_in_the_way(weekly, monkeypatch):
    monkeypatch.setattr(drifting, "MOST_A_TICK", 1)
    earlier = AccountFactory(id=-1, is_drift_mailed=True, account_manager_email="a@b.example")
    ConnectionFactory(account=earlier, api_key_sealed="x")
    assert len(weekly()) == 1


@pytest.mark.usefixtures("is_off")
def test_a_report_while_the_clock_was_ahead_holds_none_back(weekly, acme):
    ahead = timezone.now() + timedelta(days=200)
    type(acme).objects.filter(pk=acme.pk).update(drift_mailed_at=ahead)
    assert len(weekly()) == 1


@pytest.mark.usefixtures("is_off")
@pytest.mark.parametrize(
    "change",
    [
        {"is_drift_mailed": False},
        {"account_manager_email": ""},
        {"drift_mailed_at": timezone.now() - timedelta(days=6)},
    ],
)
def test_nobody_asked_for_it(weekly, acme, change):
    type(acme).objects.filter(pk=acme.pk).update(**change)
    assert weekly() == []


@pytest.mark.usefixtures("is_off")
@pytest.mark.parametrize(
    ("kind", "recipients", "compared"),
    [
        ("integration_drift_report", ["x@acme.example"], 1),
        ("integration_drift_report", [], 0),
        ("integration_sync_finished", ["x@acme.example"], 0),
    ],
)
def test_who_is_listed_gets_it_without_an_account_manager(weekly, acme, kind, recipients, compared):
    type(acme).objects.filter(pk=acme.pk).update(account_manager_email="")
    MailSetting.objects.create(account=acme, kind=kind, recipients=recipients)
    assert len(weekly()) == compared


@pytest.mark.parametrize("change", [{"auto_sync": True}, {"locked": True}, {"is_archived": True}])
def test_nothing_drifts(weekly, is_off, change):
    Group.objects.update(**change)
    assert weekly() == []


@pytest.mark.usefixtures("is_off")
def test_without_a_key_nothing_is_compared(weekly, connection):
    Connection.objects.update(api_key_sealed="")
    assert weekly() == []


@pytest.mark.usefixtures("is_off")
def test_a_sync_of_one_person_compares_no_group(preview, sync, remote):
    moves(remote)
    preview()
    sync(trigger="PERSON", person_id="P1")
    assert found() == {"Sales": (2, 1), "Support": (1, 2)}
