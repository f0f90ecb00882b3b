"""The pages of the system e-mails."""

import pytest
from django.contrib.messages import get_messages
from django.core import mail as outbox

from integrations.models import SentMail
from tests.factories import AccountFactory, SyncRunFactory

LIST = "/administration/mails/"


def make_mail(account, number=1, **values) -> SentMail:
    mail = SentMail(
        account=account,
        template="integration_sync_finished",
        occasion=f"test:{account.pk}:{number}",
        **{
            "recipient": "manager@acme.example",
            "subject": f"Mail {number}",
            "text": "First line\n<b>second</b>",
            "html": "<p>Hello<script>alert(1)</script></p>",
            **values,
        },
    )
    mail.save()
    return mail


@pytest.fixture
def mail(acme):
    return make_mail(acme)


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def pages(mail: SentMail) -> list[str]:
    return [LIST, f"{LIST}{mail.pk}/", f"{LIST}{mail.pk}/html/"]


def test_who_opens_the_log(client, as_alice, as_bob, as_charlie, mail):
    for address in pages(mail):
        assert client.get(address)["Location"] == f"/login/?next={address}"
        assert as_alice.get(address).status_code == 200
        assert as_bob.get(address).status_code == 403
    for address in pages(mail)[1:]:
        assert as_charlie.get(address).status_code == 404
    assert "No e-mail was sent yet" in as_charlie.get(LIST).text


def test_newest_first_with_the_state_of_each(as_alice, acme, mail):
    make_mail(acme, 2, error="SMTPException: down")
    make_mail(acme, 3, sent_at=mail.created_at)
    answer = as_alice.get(LIST)
    assert [each.subject for each in answer.context["page"]] == ["Mail 3", "Mail 2", "Mail 1"]
    assert "SMTPException: down" in answer.text
    sent = as_alice.get(f"{LIST}?state=sent").context["page"]
    assert [each.subject for each in sent] == ["Mail 3"]
    failed = as_alice.get(f"{LIST}?state=failed&q=mail").context["page"]
    assert [each.subject for each in failed] == ["Mail 2", "Mail 1"]


def test_the_text_is_inert_and_the_html_in_a_frame_of_its_own(as_alice, mail):
    answer = as_alice.get(f"{LIST}{mail.pk}/")
    assert "First line<br>&lt;b&gt;second&lt;/b&gt;" in answer.text
    assert f'<iframe sandbox src="{LIST}{mail.pk}/html/"' in answer.text
    assert "alert(1)" not in answer.text
    policy = answer["Content-Security-Policy"].split("; ")
    assert {"frame-src 'self'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)


def test_the_html_can_draw_itself_and_nothing_else(as_alice, mail):
    answer = as_alice.get(f"{LIST}{mail.pk}/html/")
    assert answer.text == mail.html
    assert set(answer["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "sandbox",
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_sent_again_to_the_stored_recipient(as_alice, acme, mail):
    acme.account_manager_email = "other@acme.example"
    acme.save()
    answer = as_alice.post(f"{LIST}{mail.pk}/send-again/", {"recipient": "x@evil.example"})
    assert answer["Location"] == f"{LIST}{mail.pk}/"
    assert told(answer) == ["Sent again to manager@acme.example."]
    assert [(each.to, each.subject) for each in outbox.outbox] == [
        (["manager@acme.example"], "Mail 1")
    ]
    mail.refresh_from_db()
    assert (mail.attempts, bool(mail.sent_at)) == (1, True)


def test_why_it_could_not_be_sent_again(as_alice, acme):
    mail = make_mail(acme, subject="Two\nlines")
    answer = as_alice.post(f"{LIST}{mail.pk}/send-again/")
    assert told(answer) == [
        "It could not be sent to manager@acme.example: BadHeaderError: "
        "Header values can't contain newlines (got 'Two\\nlines' for header 'Subject')"
    ]
    mail.refresh_from_db()
    assert (mail.attempts, mail.sent_at) == (1, None)


def test_nobody_else_sends_again(client, as_bob, as_charlie, mail):
    address = f"{LIST}{mail.pk}/send-again/"
    answers = [each.post(address) for each in (client, as_bob, as_charlie)]
    assert [answer.status_code for answer in answers] == [302, 403, 404]
    assert outbox.outbox == []


def test_a_mail_links_to_its_run(as_alice, acme):
    run = SyncRunFactory(connection__account=acme)
    mail = make_mail(acme, run=run)
    page = as_alice.get(f"{LIST}{mail.pk}/").text
    assert f'href="/administration/integrations/litmos/runs/{run.pk}/"' in page


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow(as_alice, acme, count, django_assert_max_num_queries):
    for number in range(count):
        make_mail(acme, number)
    make_mail(AccountFactory())
    with django_assert_max_num_queries(7):
        answer = as_alice.get(LIST)
    assert answer.context["page"].paginator.count == count
