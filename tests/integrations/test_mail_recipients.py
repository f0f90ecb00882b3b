"""Who gets a system e-mail, and the account's own words in it."""

import pytest
from django.core import mail as outbox
from django_scopes import scope

from accounts.models import Account
from integrations.mail import send_sync_finished
from integrations.models import MailKind, MailSetting, SentMail, Status
from tests.factories import AccountFactory, ConnectionFactory, SyncRunFactory


@pytest.fixture
def account(db) -> Account:
    return AccountFactory(name="Acme", account_manager_email="boss@acme.example")


@pytest.fixture
def connection(account):
    with scope(account=account):
        yield ConnectionFactory(account=account)


def tell(connection, **values):
    connection.refresh_from_db()
    return send_sync_finished(SyncRunFactory(connection=connection, **values))


def test_each_recipient_gets_a_mail_of_their_own(connection, account):
    MailSetting.objects.create(
        account=account,
        kind=MailKind.SYNC_FINISHED,
        recipients=["two@acme.example", "BOSS@acme.example"],
    )
    mail = tell(connection)
    assert [message.to for message in outbox.outbox] == [
        ["boss@acme.example"],
        ["two@acme.example"],
    ]
    once = f"integration_sync_finished:{mail.run_id}"
    assert list(SentMail.objects.order_by("pk").values_list("occasion", flat=True)) == [
        once,
        f"{once}:1",
    ]
    assert "your address is the Account Manager Email of Acme" in outbox.outbox[0].body
    assert "has put your address on the list" in outbox.outbox[1].body
    assert "Account Manager Email" not in outbox.outbox[1].body
    assert send_sync_finished(mail.run) is None
    assert len(outbox.outbox) == 2


def test_what_is_off_is_not_sent_and_not_taken_for_told(connection, account):
    MailSetting.objects.create(account=account, kind=MailKind.SYNC_FINISHED, is_on=False)
    assert tell(connection, status=Status.FAILED, error_code="tls") is None
    connection.refresh_from_db()
    assert (outbox.outbox, connection.failure_mailed_code) == ([], "")


def test_recipients_get_it_also_without_an_account_manager(connection, account):
    account.account_manager_email = ""
    account.save()
    people = ["two@acme.example"]
    MailSetting.objects.create(account=account, kind=MailKind.SYNC_FINISHED, recipients=people)
    assert tell(connection).recipient == "two@acme.example"


def test_own_words_in_both_parts(connection, account, settings):
    settings.PORTAL_URL = "https://portal.example"
    account.name = "<b>Acme</b> [[link]]"
    account.save()
    own = {"subject": "[[account]]: [[outcome]]", "text": "<i>[[account]]</i>\n[[link]]!"}
    MailSetting.objects.create(account=account, kind=MailKind.SYNC_FINISHED, **own)
    mail = tell(connection)
    link = f"https://portal.example/administration/integrations/litmos/runs/{mail.run_id}/"
    assert mail.subject == "<b>Acme</b> [[link]]: Synced"
    assert mail.text == (
        f"<i><b>Acme</b> [[link]]</i>\n{link}!\n\n"
        "You get this because your address is the Account Manager Email of <b>Acme</b> [[link]].\n"
    )
    assert "&lt;i&gt;&lt;b&gt;Acme&lt;/b&gt; [[link]]&lt;/i&gt;<br>" in mail.html
    assert f'<a href="{link}">{link}</a>!' in mail.html
    assert "<b>" not in mail.html


def test_row_47_a_name_with_line_ends_adds_no_header_and_stops_nobody(connection, account):
    """One address that is none is skipped and reported; the others get their mail, cleaned."""
    account.name = "Bob\r\nBcc: x@evil.example"
    account.save()
    MailSetting.objects.create(
        account=account,
        kind=MailKind.SYNC_FINISHED,
        recipients=["Bob\r\nBcc: x@evil.example", "a, b@evil.co <two@acme.example>", "c@acme.co"],
        subject="[[account]]: done",
        text="[[link]]",
    )
    tell(connection)
    assert [(message.subject, message.recipients()) for message in outbox.outbox] == [
        ("Bob Bcc: x@evil.example: done", ["boss@acme.example"]),
        ("Bob Bcc: x@evil.example: done", ["c@acme.co"]),
    ]
    for message in outbox.outbox:
        assert "Bcc" not in message.message()
    errors = list(SentMail.objects.order_by("pk").values_list("error", flat=True))
    assert [error.partition(":")[0] for error in errors] == [
        "",
        "ValidationError",
        "ValidationError",
        "",
    ]


def test_a_stored_subject_of_two_lines_is_one_when_sent(connection, account):
    own = {"subject": "Done\r\nBcc: x@evil.example", "text": "[[link]]"}
    MailSetting.objects.create(account=account, kind=MailKind.SYNC_FINISHED, **own)
    assert tell(connection).subject == "Done Bcc: x@evil.example"
    assert outbox.outbox[0].recipients() == ["boss@acme.example"]
