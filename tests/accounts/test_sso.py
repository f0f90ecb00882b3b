"""The log-in of the company's own, against a provider that really answers."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, User
from portal import log_in as log_in_settings
from tests.factories import PASSWORD
from tests.logging_in import SECOND_FACTOR, SSO, by_company, code, give_app, give_code, log_in
from tests.oidc import CLIENT_ID, SECRET

pytestmark = pytest.mark.django_db
CALLBACK = f"{SSO}callback/"


def is_in(client: Client) -> bool:
    return client.get("/targets/").status_code == 200


def assert_nobody_was_made(users: int) -> None:
    assert User.objects.count() == users
    assert not SocialAccount.objects.exists()
    assert not SocialToken.objects.exists()


def test_the_log_in_page_has_a_button_where_it_is_set_up(client, company, settings):
    page = client.get("/login/?next=/targets/").text
    assert re.search(
        r'href="/login/sso/\?next=%2Ftargets%2F">Log in with Acme&#x27;s log-in<', page
    )
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert SSO not in client.get("/login/").text
    assert client.get(SSO).status_code == client.get(CALLBACK).status_code == 404


def test_who_was_invited_logs_in_by_the_verified_address(company, alice):
    client, answer = by_company(company)
    assert (answer.status_code, answer["Location"], is_in(client)) == (302, "/", True)
    with scopes_disabled():
        assert [e.user for e in AuditEvent.objects.filter(kind="LOGGED_IN")] == [alice]
    assert_nobody_was_made(1)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_what_the_provider_is_asked(company, alice):
    by_company(company)
    asked = dict(company.asked)["/authorize"]
    assert asked["redirect_uri"] == f"{configured.PORTAL_URL}{CALLBACK}"
    assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
    assert (asked["code_challenge_method"], "openid" in asked["scope"]) == ("S256", True)
    assert SECRET not in str(asked)


def test_next_is_kept_and_never_leads_away(company, alice):
    assert by_company(company, next="/targets/")[1]["Location"] == "/targets/"
    for address in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert by_company(company, next=address)[1]["Location"] == "/"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            {"email": "stranger@acme.example"},
            "Nobody logs in to the Portal as stranger@acme.example.",
        ),
        ({"email": "<svg/onload=1>@acme.example"}, "&lt;svg/onload=1&gt;"),
        ({"email_verified": False}, "did not confirm an e-mail address"),
        ({"email_verified": None}, "did not confirm an e-mail address"),
        ({"email_verified": "false"}, "did not confirm an e-mail address"),
        ({"email": ""}, "did not confirm an e-mail address"),
        ({"email": ["alice@acme.example"]}, "did not confirm an e-mail address"),
    ],
)
def test_a_stranger_reads_what_to_do(company, alice, told, sentence):
    company.person |= told
    client, answer = by_company(company)
    assert (answer.status_code, sentence in answer.text, is_in(client)) == (403, True, False)
    assert "svg/onload" not in answer.text.replace("&lt;svg/onload", "")
    assert_nobody_was_made(1)


def test_who_was_switched_off_stays_out(company, alice):
    alice.is_active = False
    alice.save()
    client, answer = by_company(company)
    assert (answer.status_code, is_in(client)) == (403, False)


def test_the_second_factor_is_asked_for_all_the_same(company, alice):
    give_app(alice)
    client, answer = by_company(company)
    assert (answer["Location"], is_in(client)) == (SECOND_FACTOR, False)
    give_code(client, code())
    assert is_in(client)


def test_the_address_tells_who_it_is_each_time(company, alice, bob):
    by_company(company)
    company.person["email"] = "bob@acme.example"
    client, _ = by_company(company)
    assert "Bob" in client.get("/account/").text


def test_somebody_who_is_logged_in_becomes_the_other(company, alice, charlie):
    client, _ = by_company(company, log_in(charlie))
    assert "You log in as alice@acme.example." in client.get("/account/").text
    assert_nobody_was_made(2)


def of_another_key(company):
    company.signing_key = type(company)().key


def unsigned(company):
    company.signing_key, company.algorithm = "", "none"


def signed_with_the_secret(company):
    company.signing_key, company.algorithm = SECRET * 2, "HS256"


def for_another_client(company):
    company.claims = {"aud": "another"}


def of_another_issuer(company):
    company.claims = {"iss": "https://evil.example"}


def too_old(company):
    company.claims = {"exp": 1_000_000_000}


def about_another_person(company):
    company.userinfo = company.person | {"sub": "b-2"}


def another_discovered_issuer(company):
    company.issuer = "https://evil.example"


def without_id_token(company):
    company.has_id_token = False


@pytest.mark.parametrize(
    "fault",
    [
        of_another_key,
        unsigned,
        signed_with_the_secret,
        for_another_client,
        of_another_issuer,
        too_old,
        about_another_person,
        without_id_token,
    ],
)
def test_a_token_that_is_not_right_logs_nobody_in(company, alice, fault):
    fault(company)
    client, answer = by_company(company)
    assert (answer.status_code in (401, 403), is_in(client)) == (True, False)


def test_a_provider_that_is_down_or_another_is_told_of(company, alice, client):
    another_discovered_issuer(company)
    assert client.get(SSO).status_code == 401
    company.is_down = True
    answer = client.get(SSO)
    assert (answer.status_code, "You are not logged in" in answer.text) == (401, True)
    company.is_down, company.issuer = False, ""
    sent = client.get(SSO)["Location"]
    back = company.log_in(sent)
    company.is_down = True
    assert client.get(back).status_code == 401
    assert not is_in(client)


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(company, alice):
    mine, theirs = Client(), Client()
    back = company.log_in(theirs.get(SSO)["Location"])
    mine.get(SSO)
    assert mine.get(back).status_code == 401
    assert not is_in(mine)
    for made_up in (CALLBACK, f"{CALLBACK}?code=x&state=y", f"{CALLBACK}?state=%00"):
        assert mine.get(made_up).status_code in (400, 401)


def test_an_answer_is_used_once(company, alice):
    client = Client()
    back = company.log_in(client.get(SSO)["Location"])
    client.get(back)
    client.post("/logout/")
    assert client.get(back).status_code == 401
    assert not is_in(client)


def test_who_turns_back_is_at_the_log_in_again(company, alice, client):
    state = parse_qs(urlsplit(client.get(SSO)["Location"]).query)["state"][0]
    answer = client.get(CALLBACK, {"error": "access_denied", "state": state})
    assert answer["Location"] == "/login/"


def test_nothing_is_sent_by_a_form(company, client):
    assert client.post(SSO).status_code == client.post(CALLBACK).status_code == 405


GIVEN = dict(
    zip(
        log_in_settings.SSO_NAMES,
        ("Acme", "https://id.acme.example", "portal", "$ecret"),
        strict=True,
    )
)


@pytest.fixture
def environment(monkeypatch):
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_come_from_the_environment(environment):
    [app] = log_in_settings.sso_provider()["openid_connect"]["APPS"]
    assert (app["name"], app["client_id"], app["secret"]) == ("Acme", "portal", "$ecret")
    for name in GIVEN:
        environment.delenv(name)
    assert log_in_settings.sso_provider() == {}


@pytest.mark.parametrize("name", GIVEN)
def test_half_of_the_settings_are_refused(environment, name):
    environment.delenv(name)
    with pytest.raises(ImproperlyConfigured, match=f"also needs {name}"):
        log_in_settings.sso_provider()


@pytest.mark.parametrize(
    "issuer", ["http://id.acme.example", "id.acme.example", "https://", "ftp://x"]
)
def test_the_issuer_is_reached_by_https(environment, issuer):
    environment.setenv("PORTAL_OIDC_ISSUER", issuer)
    with pytest.raises(ImproperlyConfigured, match="begins with https"):
        log_in_settings.sso_provider()
