"""Why a log-in at the company's provider failed, in the logs and without a secret."""

import time

import pytest
import time_machine
from django.test import Client
from django_scopes import scopes_disabled

from accounts.models import AuditEvent
from portal import log_in as log_in_settings
from tests.factories import UserFactory
from tests.logging_in import SSO, by_company, code, give_app, give_code, give_codes, log_in
from tests.oidc import CLIENT_ID, SECRET

pytestmark = pytest.mark.django_db
CALLBACK = f"{SSO}callback/"
PREFIX = "single sign-on failed: "


@pytest.fixture
def now():
    with time_machine.travel(time.time(), tick=False):
        yield int(time.time())


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def causes(caplog) -> list[str]:
    return [each.removeprefix(PREFIX) for each in caplog.messages if each.startswith(PREFIX)]


def log() -> list[tuple[str, str, dict, str]]:
    with scopes_disabled():
        events = AuditEvent.objects.filter(kind__in=("LOGGED_IN", "LOG_IN_FAILED"))
        return [(e.kind, e.subject, e.after, e.reason) for e in events.order_by("pk")]


@pytest.mark.parametrize(("seconds", "works"), [(1, True), (60, True), (61, False), (-600, True)])
def test_the_provider_s_clock_may_be_a_minute_ahead(company, alice, caplog, now, seconds, works):
    begins = now + seconds
    company.claims = {"iat": begins, "nbf": begins, "exp": now + 300}
    client, _ = by_company(company)
    assert is_in(client) is works
    assert causes(caplog) == ([] if works else ["clock: the id_token is from the future"])


@pytest.mark.parametrize(("seconds", "works"), [(-59, True), (-60, False)])
def test_the_provider_s_clock_may_be_a_minute_behind(company, alice, caplog, now, seconds, works):
    company.claims = {"exp": now + seconds}
    client, _ = by_company(company)
    assert is_in(client) is works
    assert causes(caplog) == ([] if works else ["clock: the id_token has expired"])


def test_a_token_is_used_once_also_within_the_leeway(company, alice, now):
    company.claims = {"jti": "one", "exp": now - 10}
    first, second = by_company(company)[0], by_company(company)[0]
    assert (is_in(first), is_in(second)) == (True, False)


def of_another_key(company):
    company.signing_key = type(company)().key


def unsigned(company):
    company.signing_key, company.algorithm = "", "none"


def for_another_client(company):
    company.claims = {"aud": "another"}


def of_another_issuer(company):
    company.claims = {"iss": "https://evil.example"}


def of_nobody(company):
    company.claims = {"sub": None}


def of_an_unknown_key(company):
    company.key_name = "another"


def that_is_no_token(company):
    company.raw_token = "x.y.z"


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (of_another_key, "the signature of the id_token is wrong"),
        (unsigned, "the id_token is signed by a method that is not accepted"),
        (for_another_client, "the id_token is for another client than PORTAL_OIDC_CLIENT_ID"),
        (of_another_issuer, "the id_token is from another issuer"),
        (of_nobody, "the id_token is not valid (MissingRequiredClaimError)"),
        (of_an_unknown_key, "the id_token is signed with a key that the provider does not publish"),
        (that_is_no_token, "the id_token is not valid (DecodeError)"),
    ],
)
def test_what_is_wrong_with_a_token(company, alice, caplog, fault, cause):
    fault(company)
    client, answer = by_company(company)
    assert (answer.status_code, is_in(client), causes(caplog)) == (401, False, [cause])


def test_a_wrong_secret(company, alice, caplog, settings):
    wrong = log_in_settings.sso_app("Acme", company.url, CLIENT_ID, "a wrong secret")
    settings.SOCIALACCOUNT_PROVIDERS = wrong
    by_company(company)
    assert causes(caplog) == [
        "the provider gave no token: invalid_client "
        "(PORTAL_OIDC_CLIENT_ID and PORTAL_OIDC_SECRET are not accepted)"
    ]
    assert "a wrong secret" not in caplog.text
    assert company.asked[-1][1]["code"] not in caplog.text


def test_a_code_that_the_provider_does_not_know(company, alice, caplog, client):
    back = company.log_in(client.get(SSO)["Location"])
    company.codes.clear()
    client.get(back)
    assert causes(caplog) == [
        "the provider gave no token: invalid_grant "
        "(the code was used before, is too old, or is another client's)"
    ]


def test_an_answer_that_this_browser_did_not_ask_for(company, alice, caplog, client):
    back = company.log_in(Client().get(SSO)["Location"])
    client.get(back)
    client.get(CALLBACK)
    state = "state: this browser began no such log-in, began it too long ago, or brings the answer twice"
    assert causes(caplog) == [state, state]


def test_an_answer_without_a_code(company, caplog, client):
    for error, told in (
        ("server_error", "server_error"),
        ("<script>\n{}", "no code of an error"),
        ("", "no code of an error"),
    ):
        state = client.get(SSO)["Location"].split("state=")[1].split("&")[0]
        client.get(CALLBACK, {"error": error, "state": state})
        assert causes(caplog)[-1] == f"the provider sent the browser back with {told}"


def test_a_provider_that_does_not_answer(company, alice, caplog, client, settings):
    company.is_down = True
    client.get(SSO)
    nowhere = log_in_settings.sso_app("Acme", "http://127.0.0.1:9", CLIENT_ID, SECRET)
    settings.SOCIALACCOUNT_PROVIDERS = nowhere
    client.get(SSO)
    assert causes(caplog) == [
        "the provider answered 503",
        "no answer of the provider (ConnectionError)",
    ]


def test_a_provider_of_another_name(company, caplog, client):
    company.issuer = "https://evil.example"
    client.get(SSO)
    assert causes(caplog) == ["the provider calls itself by another issuer than PORTAL_OIDC_ISSUER"]


def test_who_turns_back_has_not_failed(company, caplog, client):
    state = client.get(SSO)["Location"].split("state=")[1].split("&")[0]
    client.get(CALLBACK, {"error": "access_denied", "state": state})
    assert causes(caplog) == []


def test_the_audit_log_names_the_method_of_a_log_in(company, alice):
    log_in(alice)
    by_company(company)
    give_app(alice)
    codes = give_codes(alice)
    give_code(log_in(alice), code())
    give_code(by_company(company)[0], codes[0])
    assert log() == [
        ("LOGGED_IN", "", {"method": "password"}, ""),
        ("LOGGED_IN", "", {"method": "single sign-on"}, ""),
        ("LOGGED_IN", "", {"method": "password, authenticator app"}, ""),
        ("LOGGED_IN", "", {"method": "single sign-on, recovery codes"}, ""),
    ]


def test_what_was_begun_and_left_is_not_named(company, alice):
    give_app(alice)
    client, _ = by_company(company, log_in(alice))
    give_code(client, code())
    assert log() == [("LOGGED_IN", "", {"method": "single sign-on, authenticator app"}, "")]


def test_the_audit_log_has_who_was_refused(company, alice, client):
    client.post("/login/", {"login": alice.email, "password": "not this one"})
    company.person["email_verified"] = False
    _, unverified = by_company(company)
    company.person["email_verified"] = True
    alice.is_active = False
    alice.save()
    _, switched_off = by_company(company)
    assert log() == [
        ("LOG_IN_FAILED", "", {"method": "password"}, ""),
        ("LOG_IN_FAILED", "", {"method": "single sign-on"}, "the address is not verified"),
        ("LOG_IN_FAILED", "", {"method": "single sign-on"}, "the log-in is switched off"),
    ]
    assert (unverified.status_code, switched_off.status_code) == (403, 403)
    assert alice.email not in unverified.text.lower()


@pytest.mark.parametrize("email", ["al\u0131ce@acme.example", "ali\u0441e@acme.example"])
def test_whose_address_only_looks_alike_is_a_stranger(company, alice, email):
    company.person["email"] = email
    client, answer = by_company(company)
    assert (answer.status_code, is_in(client)) == (403, False)
    other = UserFactory(email=email)
    by_company(company, client)
    assert other.email in client.get("/account/").text
