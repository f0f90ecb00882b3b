import smtplib
from datetime import UTC, datetime

import pytest
from django.core import mail as outbox
from django.core.mail.backends.base import BaseEmailBackend
from django_scopes import scope

from integrations.mail import deliver, has_changed_anything, send_sync_finished
from integrations.models import Change, Connection, SentMail, Status, SyncRun, Trigger
from tests.factories import AccountFactory, ConnectionFactory, SyncRunFactory

QUIET = {"UNCHANGED.PERSON": 8, "PERSON.SKIP.SKIPPED": 2, "NOTE.WARN.APPLIED": 1}
BUSY = {**QUIET, "PERSON.CREATE.APPLIED": 3, "GROUP.ADOPT.APPLIED": 1}
MANAGER = "manager@acme.example"


class Broken(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({})


@pytest.fixture
def account(db):
    return AccountFactory(name="Acme", account_manager_email=MANAGER, time_zone="Europe/Berlin")


@pytest.fixture
def connection(account):
    with scope(account=account):
        yield ConnectionFactory(account=account)


def finished(connection, **values) -> SyncRun:
    connection.refresh_from_db()
    return SyncRunFactory(connection=connection, **{"counts": BUSY, **values})


def night(connection, **values) -> SyncRun:
    return finished(connection, trigger=Trigger.AUTO, **values)


@pytest.mark.parametrize(
    ("status", "subject"),
    [
        (Status.SYNCED, "Litmos sync finished: Synced – Acme"),
        (Status.WARNINGS, "Litmos sync finished: Synced with warnings – Acme"),
        (Status.HELD, "Litmos sync finished: Changes held – Acme"),
        (Status.FAILED, "Litmos sync failed – Acme"),
        (Status.CANCELLED, "Litmos sync cancelled – Acme"),
    ],
)
def test_every_ending_is_told_once(connection, status, subject):
    run = finished(connection, status=status)
    mail = send_sync_finished(run)
    assert send_sync_finished(run) is None
    assert [(message.subject, message.to) for message in outbox.outbox] == [(subject, [MANAGER])]
    assert SentMail.objects.get() == mail
    assert (mail.occasion, mail.template, mail.attempts, mail.error) == (
        f"integration_sync_finished:{run.pk}",
        "integration_sync_finished",
        1,
        "",
    )
    assert mail.sent_at


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_an_open_run_has_nothing_to_tell(connection, status):
    assert send_sync_finished(finished(connection, status=status)) is None


def test_without_an_address_there_is_no_mail(connection, account):
    account.account_manager_email = ""
    account.save()
    assert (
        send_sync_finished(finished(connection, status=Status.FAILED, error_code="timeout")) is None
    )
    assert not SentMail.objects.exists()
    connection.refresh_from_db()
    assert connection.failure_mailed_code == ""


def test_both_parts_tell_what_happened(connection, settings):
    settings.PORTAL_URL = "https://portal.example"
    run = finished(
        connection,
        created_at=datetime(2026, 11, 23, 23, 5, tzinfo=UTC),
        finished_at=datetime(2026, 11, 23, 23, 6, tzinfo=UTC),
    )
    send_sync_finished(run)
    link = f"https://portal.example/administration/integrations/litmos/runs/{run.pk}/"
    message = outbox.outbox[0]
    assert message.body == (
        "Litmos sync finished: Synced – Acme\n"
        "\n"
        "Account: Acme\n"
        "Result: Synced\n"
        "Started by: Run Sync\n"
        "Started: 24 Nov 2026, 00:05 (Europe/Berlin)\n"
        "Ended: 24 Nov 2026, 00:06 (Europe/Berlin)\n"
        "\n"
        "Adopted groups: 1\n"
        "New people: 3\n"
        "Skipped people: 2\n"
        "Notes: 1\n"
        "Unchanged people: 8\n"
        "\n"
        f"Last Sync Logs: {link}\n"
        "\n"
        "You get this because your address is the Account Manager Email of Acme.\n"
    )
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    assert f'href="{link}"' in html
    assert "New people</th>" in html
    assert "24 Nov 2026, 00:06 (Europe/Berlin)" in html


def test_a_failure_is_told_with_its_cure(connection):
    send_sync_finished(finished(connection, status=Status.FAILED, error_code="key_refused"))
    body = outbox.outbox[0].body
    assert "Litmos refused the API key.\n" in body
    assert "Copy the key again from Litmos" in body


def test_held_changes_are_told_with_their_reasons(connection, account):
    run = finished(connection, status=Status.HELD)
    for reason in ("removals", "removals", "team_empty", ""):
        Change.objects.create(
            account=account, run=run, kind="PERSON", action="DEACTIVATE", outcome="HELD",
            hold_reason=reason, label="Ann",
        )  # fmt: skip
    send_sync_finished(run)
    body = outbox.outbox[0].body
    assert body.count("Unusually many people would become inactive") == 1
    assert body.count("A team that had people came back empty") == 1
    whole = finished(connection, status=Status.HELD, hold_reason="tenant_empty")
    send_sync_finished(whole)
    assert "Litmos listed nobody at all" in outbox.outbox[1].body


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        ({}, False),
        (QUIET, False),
        ({"PERSON.CREATE.SKIPPED": 4}, False),
        ({"PERSON.CREATE.APPLIED": 0}, False),
        ({"COURSE.UPDATE.APPLIED": 1}, True),
        ({"MEMBERSHIP.DEACTIVATE.APPLIED": 1}, True),
    ],
)
def test_what_counts_as_a_change(counts, answer):
    assert has_changed_anything(counts) is answer


def test_a_night_that_changed_nothing_is_silent_unless_switched_on(connection, account):
    assert send_sync_finished(night(connection, counts=QUIET)) is None
    assert send_sync_finished(finished(connection, counts=QUIET))
    assert send_sync_finished(night(connection, counts=BUSY))
    assert send_sync_finished(night(connection, counts=QUIET, status=Status.WARNINGS))
    account.is_quiet_sync_mailed = True
    account.save()
    assert send_sync_finished(night(connection, counts=QUIET))


def test_the_same_failure_of_the_nights_is_told_once_and_its_recovery_once(connection):
    subjects = []

    def after(run):
        mail = send_sync_finished(run)
        subjects.append(mail and mail.subject)
        connection.refresh_from_db()
        return connection.failure_mailed_code

    failed = {"status": Status.FAILED, "counts": {}}
    assert after(night(connection, error_code="timeout", **failed)) == "timeout"
    assert after(night(connection, error_code="timeout", **failed)) == "timeout"
    assert after(finished(connection, error_code="timeout", **failed)) == "timeout"
    assert after(finished(connection, status=Status.CANCELLED)) == "timeout"
    assert after(night(connection, error_code="tls", **failed)) == "tls"
    assert after(night(connection, counts=QUIET)) == ""
    assert after(night(connection, counts=QUIET)) == ""
    assert after(night(connection, error_code="tls", **failed)) == "tls"
    assert subjects == [
        "Litmos sync failed – Acme",
        None,
        "Litmos sync failed – Acme",
        "Litmos sync cancelled – Acme",
        "Litmos sync failed – Acme",
        "Litmos sync works again: Synced – Acme",
        None,
        "Litmos sync failed – Acme",
    ]
    recovery = next(each for each in outbox.outbox if "works again" in each.subject)
    assert "It works again: the failure told of before is over." in recovery.body


def test_the_same_hold_of_the_nights_is_told_once(connection):
    def held(*causes, **values):
        counts = {**QUIET, **dict.fromkeys(causes, 12)}
        run = night(connection, status=Status.HELD, **{"counts": counts, **values})
        return send_sync_finished(run) is not None

    group = ("HOLD.group_removals", "FIGURE.group.1.group_removals")
    assert held(*group)
    assert not held(*group)
    assert send_sync_finished(night(connection, status=Status.FAILED, error_code="timeout"))
    assert held(*group)  # It works again.
    assert not held(*group)
    one = finished(connection, trigger=Trigger.ONE, counts=QUIET)
    assert send_sync_finished(one)
    assert not held(*group)
    assert held(*group, counts={**BUSY, **dict.fromkeys(group, 3)})
    assert held(*group, "FIGURE.group.2.group_removals")
    assert held("HOLD.removals")
    assert held(hold_reason="half_unknown")
    assert not held(hold_reason="half_unknown")
    assert send_sync_finished(night(connection, counts=BUSY))
    assert held(hold_reason="half_unknown")
    assert send_sync_finished(night(connection, counts=QUIET)) is None
    assert held(hold_reason="half_unknown")


def test_a_mail_that_can_not_be_sent_is_kept_and_sent_later(connection, settings):
    usual = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    mail = send_sync_finished(finished(connection))
    assert (mail.attempts, mail.sent_at) == (1, None)
    assert mail.error == "SMTPRecipientsRefused: {}"
    settings.EMAIL_BACKEND = usual
    assert deliver(mail)
    assert (mail.attempts, mail.error, bool(mail.sent_at)) == (2, "", True)
    assert [message.to for message in outbox.outbox] == [[MANAGER]]


@pytest.mark.parametrize(
    "recipient",
    [
        "a@acme.example\r\nBcc: b@evil.example",
        "a@acme.example, b@evil.example",
        "A, b@evil.example <a@acme.example>",
        "nobody",
    ],
)
def test_an_address_that_is_none_reaches_nobody(connection, account, recipient):
    account.account_manager_email = recipient
    account.save()
    mail = send_sync_finished(finished(connection))
    assert outbox.outbox == []
    assert mail.error.startswith("ValidationError")


def test_a_name_can_not_add_headers_or_mark_up(connection, account):
    account.name = "Acme\r\nBcc: b@evil.example\u2028<b>bold</b>"
    account.save()
    send_sync_finished(finished(connection))
    message = outbox.outbox[0]
    assert message.subject == (
        "Litmos sync finished: Synced – Acme Bcc: b@evil.example <b>bold</b>"
    )
    assert message.recipients() == [MANAGER]
    html = message.alternatives[0][0]
    assert "<b>bold" not in html
    assert "<b>bold</b>" in message.body


def test_a_long_subject_is_cut(connection, account):
    account.name = "x" * 200
    account.save()
    Connection.objects.update(provider="y" * 40, failure_mailed_code="tls")
    assert len(send_sync_finished(finished(connection)).subject) == 255
