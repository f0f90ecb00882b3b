"""The system e-mails of an account: switched, addressed, worded, looked at and tried."""

import pytest
from django.contrib.messages import get_messages
from django.core import mail as outbox
from django_scopes import scope, scopes_disabled

from accounts.models import Account, AuditEvent
from integrations.mail_words import STANDARD_SUBJECT, STANDARD_TEXT
from integrations.models import MailKind, MailSetting, SentMail

TAB = "/administration/account/notifications/"
SYNC = f"{TAB}integration_sync_finished/"
DRIFT = f"{TAB}integration_drift_report/"
OWN = {"subject": "[[integration]] is done", "text": "Hello!\n[[counts]]\n\nLook: [[link]]"}


@pytest.fixture
def account(acme) -> Account:
    acme.account_manager_email = "boss@acme.example"
    acme.save()
    return acme


def form(**changes):
    words = {"subject": STANDARD_SUBJECT, "text": STANDARD_TEXT}
    return {"is_on": "on", "recipients": "", **words, **changes}


def stored(account, kind=MailKind.SYNC_FINISHED) -> MailSetting | None:
    with scope(account=account):
        return MailSetting.objects.filter(kind=kind).first()


def events(*kinds: str) -> list[tuple[str, str, dict, dict]]:
    with scopes_disabled():
        found = AuditEvent.objects.filter(kind__in=kinds).order_by("pk")
        return [(event.kind, event.subject, event.before, event.after) for event in found]


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize("kind", MailKind.values)
@pytest.mark.parametrize("page", ["", "preview/", "preview/html/", "reset/"])
def test_administrators_alone_see_the_pages(client, as_alice, as_bob, account, kind, page):
    address = f"{TAB}{kind}/{page}"
    assert client.get(address)["Location"] == f"/login/?next={address}"
    assert as_bob.get(address).status_code == 403
    assert as_alice.get(address).status_code == 200
    assert as_alice.get(f"{TAB}nonsense/{page}").status_code == 404


def test_only_administrators_change_anything(as_bob, client, account):
    for page in ("", "test/", "reset/"):
        assert as_bob.post(f"{SYNC}{page}", form(is_on="")).status_code == 403
        assert client.post(f"{SYNC}{page}", form(is_on="")).status_code == 302
    assert stored(account) is None
    assert outbox.outbox == []


def test_a_test_is_never_sent_by_looking(as_alice, account):
    assert as_alice.get(f"{SYNC}test/").status_code == 405
    assert outbox.outbox == []


def test_the_tab_lists_each_mail_with_whom_it_goes_to(as_alice, account, globex):
    as_alice.post(SYNC, form(recipients="two@acme.example", **OWN))
    page = as_alice.get(TAB).text
    assert "boss@acme.example, two@acme.example" in page
    assert page.count(">On</span>") == 2
    assert page.count("Your own") == 1
    assert stored(globex) is None


def test_everything_is_saved_and_audited(as_alice, account):
    typed = "two@acme.example, Three@Acme.example\r\nTWO@acme.example;\r\n"
    answer = as_alice.post(SYNC, form(recipients=typed, **OWN))
    assert (answer["Location"], told(answer)) == (SYNC, ["“A sync has ended” is saved."])
    people = ["two@acme.example", "Three@acme.example"]
    kept = stored(account)
    assert (kept.is_on, kept.recipients, kept.subject, kept.text) == (True, people, *OWN.values())
    assert events("MAIL_SAVED") == [
        (
            "MAIL_SAVED",
            "A sync has ended",
            {"recipients": [], "subject": "", "text": ""},
            {"recipients": people, **OWN},
        )
    ]


def test_unchanged_words_stay_the_standard_ones(as_alice, account):
    as_alice.post(SYNC, form(text=STANDARD_TEXT.replace("\n", "\r\n")))
    assert (stored(account).subject, stored(account).text) == ("", "")
    assert events("MAIL_SAVED") == []


def test_the_drift_report_has_one_switch(as_alice, account):
    as_alice.post(DRIFT, form())
    account.refresh_from_db()
    assert account.is_drift_mailed
    as_alice.post(DRIFT, form(is_on=""))
    account.refresh_from_db()
    assert not account.is_drift_mailed
    [_on, off] = events("MAIL_SAVED")
    assert off == ("MAIL_SAVED", "Weekly drift report", {"is_on": True}, {"is_on": False})


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("recipients", "two@acme.example\nthree", "“three” is not an e-mail address."),
        ("recipients", "a@localhost", "“a@localhost” is not an e-mail address."),
        ("recipients", "Bob <b@acme.example>", "is not an e-mail address."),
        ("recipients", "jörg@acme.example", "is not an e-mail address."),
        ("recipients", "x" * 300 + "@acme.example", "is not an e-mail address."),
        ("recipients", "b@acme.co\u202e", "is not an e-mail address."),
        (
            "recipients",
            " ".join(f"p{n}@acme.example," for n in range(21)),
            "These are 21 addresses. At most 20 can be listed",
        ),
        ("subject", "", "This field is required."),
        ("subject", "Done\r\nBcc: x@evil.example", "The subject must be one line"),
        ("subject", "[[counts]]", "[[counts]] can't stand here"),
        ("subject", "[[nonsense]]", "[[nonsense]] is no field."),
        ("subject", "x" * 201, "at most 200 characters"),
        ("text", "Hello", "Put [[link]] where the way to the Portal belongs"),
        ("text", "[[link]] [[api_key]]", "[[api_key]] is no field."),
        ("text", "[[link]]" + "x" * 5000, "at most 5000 characters"),
    ],
)
def test_what_is_wrong_is_refused_and_kept_as_typed(as_alice, account, field, typed, sentence):
    answer = as_alice.post(SYNC, form(**{field: typed}))
    shown = answer.context["form"]
    assert (answer.status_code, list(shown.errors)) == (200, [field])
    assert sentence in " ".join(shown.errors[field])
    assert shown[field].value() == typed
    assert 'aria-invalid="true"' in answer.text
    assert stored(account) is None


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("", "Litmos sync finished: Synced – Acme"),
        ("?ending=HELD", "Litmos sync finished: Changes held – Acme"),
        ("?ending=FAILED", "Litmos sync failed – Acme"),
        ("?ending=nonsense", "Litmos sync finished: Synced – Acme"),
    ],
)
def test_the_preview_has_example_values_and_stores_nothing(as_alice, account, query, subject):
    answer = as_alice.get(f"{SYNC}preview/{query}")
    assert answer.context["shown"].subject == subject
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    with scopes_disabled():
        assert not SentMail.objects.exists()


def test_the_frame_draws_itself_and_nothing_else(as_alice, account):
    answer = as_alice.get(f"{SYNC}preview/html/?ending=FAILED")
    assert "Litmos refused the API key." in answer.text
    assert set(answer["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "sandbox",
    }


def test_typed_words_are_shown_and_not_saved(as_alice, account):
    answer = as_alice.post(SYNC, form(preview="yes", **OWN))
    assert answer.context["shown"].subject == "Litmos is done"
    assert "Hello!<br>New people: 12<br>" in answer.text
    assert answer.context["form"]["subject"].value() == OWN["subject"]
    assert stored(account) is None


def test_a_test_goes_to_whoever_asks_for_it_and_is_limited(as_alice, alice, account):
    as_alice.post(SYNC, form(**OWN))
    answers = [as_alice.post(f"{SYNC}test/", {"to": "x@evil.example"}) for _ in range(6)]
    assert told(answers[1])[-1] == "A test was sent to you, at alice@acme.example."
    assert "No test was sent: at most 5 a minute." in told(answers[5])[-1]
    assert [(each.to, each.subject) for each in outbox.outbox] == [
        (["alice@acme.example"], "Test: Litmos is done")
    ] * 5
    assert len(events("MAIL_TESTED")) == 5


def test_the_limit_is_each_accounts_own(as_alice, as_charlie, charlie, account):
    for _ in range(5):
        as_alice.post(f"{SYNC}test/")
    as_charlie.post(f"{SYNC}test/")
    assert outbox.outbox[-1].to == [charlie.email]


def test_back_to_the_standard_words_after_a_question(as_alice, account):
    as_alice.post(SYNC, form(recipients="two@acme.example", **OWN))
    assert "Back to the standard words?" in as_alice.get(f"{SYNC}reset/").text
    assert stored(account).text
    as_alice.post(f"{SYNC}reset/")
    kept = stored(account)
    assert (kept.subject, kept.text, kept.recipients) == ("", "", ["two@acme.example"])
    empty = {"subject": "", "text": ""}
    assert events("MAIL_WORDS_RESET") == [("MAIL_WORDS_RESET", "A sync has ended", OWN, empty)]
