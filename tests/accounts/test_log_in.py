import re

import pytest
from django.core import mail

from tests.factories import PASSWORD

SETTINGS = "/administration/account/"


def test_log_in_and_out(client, alice):
    answer = client.post("/login/", {"login": "ALICE@acme.example", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get(SETTINGS).status_code == 200

    answer = client.post("/logout/")
    assert answer.status_code == 302
    answer = client.get(SETTINGS)
    assert answer["Location"] == f"/login/?next={SETTINGS}"


def test_opening_the_log_out_page_logs_nobody_out(as_alice):
    assert "Log out" in as_alice.get("/logout/").text
    assert as_alice.get(SETTINGS).status_code == 200


def test_row_17_unknown_address_and_wrong_password_read_the_same(client, alice):
    pages = [
        client.post("/login/", {"login": login, "password": "not this one"}).text
        for login in (alice.email, "nobody@acme.example")
    ]
    sentences = [re.search(r'role="alert".*?</p>', page, re.DOTALL).group() for page in pages]
    assert sentences[0] == sentences[1]
    assert "not correct" in sentences[0]


def test_a_switched_off_user_does_not_get_in(client, alice):
    alice.is_active = False
    alice.save()
    answer = client.post("/login/", {"login": alice.email, "password": PASSWORD}, follow=True)
    assert "switched off" in answer.text
    assert client.get(SETTINGS).status_code == 302


def test_row_12_switching_a_user_off_ends_their_session(as_alice, alice):
    alice.is_active = False
    alice.save()
    assert as_alice.get(SETTINGS)["Location"].startswith("/login/")


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "/%0d%0aevil",
        "http:///evil.example",
    ],
)
def test_row_20_next_never_leads_away(client, alice, address):
    form = {"login": alice.email, "password": PASSWORD, "next": address}
    answer = client.post("/login/", form)
    assert answer.status_code == 302
    assert answer["Location"] in {"/", "/%0d%0aevil"}


def test_next_leads_back_to_the_page_that_was_asked_for(client, alice):
    form = {"login": alice.email, "password": PASSWORD, "next": SETTINGS}
    assert client.post("/login/", form)["Location"] == SETTINGS


def test_row_16_guessing_is_slowed_down(client, alice):
    wrong = {"login": alice.email, "password": "not this one"}
    for _ in range(5):
        client.post("/login/", wrong)
    answer = client.post("/login/", {"login": alice.email, "password": PASSWORD})
    assert (answer.status_code, "Too many failed tries" in answer.text) == (429, True)


def test_sign_up_is_closed(client, db):
    page = client.post(
        "/accounts/signup/", {"email": "eve@example.com", "password1": "correct horse battery"}
    ).text
    assert "Nobody signs up here by themselves" in page


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/email/", "/signup/"])
def test_what_the_portal_does_not_use_is_not_there(as_alice, address):
    assert as_alice.get(address).status_code == 404


def test_reset_of_a_forgotten_password(client, alice):
    client.post("/accounts/password/reset/", {"email": alice.email})
    [message] = mail.outbox
    assert message.to == [alice.email]
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", message.body).group(1)
    form = client.get(link)["Location"]
    client.post(form, {"password1": "quite new and long", "password2": "quite new and long"})
    answer = client.post("/login/", {"login": alice.email, "password": "quite new and long"})
    assert answer.status_code == 302


def test_row_14_change_of_the_password_keeps_a_weak_one_out(as_alice, alice):
    form = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    page = as_alice.post("/accounts/password/change/", form).text
    assert "at least 12 characters" in page
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example"]
)
def test_row_22_a_forged_host_gets_no_mail_sent(client, alice, host):
    form = {"email": alice.email}
    answer = client.post("/accounts/password/reset/", form, headers={"Host": host})
    assert (answer.status_code, mail.outbox) == (400, [])


def test_row_22_mails_lead_to_the_configured_origin(client, alice, settings):
    settings.PORTAL_URL = "https://portal.example.com"
    settings.ALLOWED_HOSTS = ["portal.example.com", "other.example.com"]
    for header in (
        {"Host": "other.example.com"},
        {"X-Forwarded-Host": "evil.example", "Host": "portal.example.com"},
    ):
        client.post("/accounts/password/reset/", {"email": alice.email}, headers=header)
    links = [re.search(r"(https?://[^/]+)/accounts/", message.body)[1] for message in mail.outbox]
    assert links == ["https://portal.example.com"] * 2


@pytest.mark.parametrize(
    "address", ["//evil.example", "https:evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_row_20_no_other_page_leads_away_either(as_alice, alice, address):
    answer = as_alice.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": address})
    assert answer["Location"] == "/"
    assert as_alice.post("/logout/", {"next": address})["Location"] == "/"
