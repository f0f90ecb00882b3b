"""Authenticator apps, recovery codes and passkeys; foundations.md C, rows 11, 15, 16 and 18."""

import json
import re
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django_scopes import scopes_disabled

from accounts import second_factor
from accounts.models import AuditEvent
from tests.factories import PASSWORD
from tests.logging_in import (
    OWN,
    SECOND_FACTOR,
    SECRET,
    code,
    confirm,
    give_app,
    give_code,
    give_codes,
    log_in,
)

pytestmark = pytest.mark.django_db
APP, CODES, KEYS = (f"{OWN}second-factor/{name}/" for name in ("app", "codes", "passkeys"))
NOON = datetime.fromisoformat("2026-11-27T12:00:05+00:00")


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def is_in(client: Client) -> bool:
    return client.get("/targets/").status_code == 200


def log(*kinds: str) -> list[tuple[str, str]]:
    with scopes_disabled():
        events = AuditEvent.objects.filter(kind__in=kinds).order_by("pk")
        return [(event.kind, event.subject) for event in events]


@pytest.mark.django_db(transaction=True)
def test_row_15_an_app_is_set_up_and_asked_for(as_alice, alice):
    page = confirm(as_alice).get(APP).text
    secret = re.search(r'id="secret">(\w+)<', page)[1]
    assert 'src="data:image/svg+xml;base64,' in page
    answer = as_alice.post(APP, {"code": code(secret)}, follow=True)
    assert re.search(r"<li>\d{8}</li>", answer.text)
    assert second_factor.has_factor(alice)
    client = log_in(alice)
    assert not is_in(client)
    assert client.get("/login/")["Location"] == SECOND_FACTOR
    give_code(client, code(secret, later=1))
    assert is_in(client)
    assert log("SECOND_FACTOR_ADDED", "CODES_MADE") == [
        ("SECOND_FACTOR_ADDED", "authenticator app"),
        ("CODES_MADE", "recovery codes"),
    ]
    assert mail.outbox[0].subject == "An authenticator app was set up"


def test_row_15_a_wrong_code_of_a_new_app_turns_nothing_on(as_alice, alice):
    confirm(as_alice).get(APP)
    page = as_alice.post(APP, {"code": "000000"}).text
    assert "This is not the code" in page
    assert not second_factor.has_factor(alice)


def test_row_15_a_code_works_once(alice, noon):
    give_app(alice)
    given = code()
    first, second = log_in(alice), log_in(alice)
    give_code(first, given)
    page = give_code(second, given).text
    assert (is_in(first), is_in(second)) == (True, False)
    assert "it was used already" in page


@pytest.mark.parametrize(("later", "works"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_row_15_a_code_of_a_moment_ago_works_and_an_older_one_does_not(alice, noon, later, works):
    give_app(alice)
    client = log_in(alice)
    give_code(client, code(later=later))
    assert is_in(client) is works


def test_row_15_a_code_is_not_taken_twice_for_as_long_as_it_would_work(alice, noon):
    give_app(alice)
    given = code(later=1)
    give_code(log_in(alice), given)
    for _ in range(4):
        noon.shift(timedelta(seconds=20))
        client = log_in(alice)
        give_code(client, given)
        assert not is_in(client)


def test_row_15_the_code_that_set_an_app_up_is_used(as_alice, alice, noon):
    page = confirm(as_alice).get(APP).text
    secret = re.search(r'id="secret">(\w+)<', page)[1]
    given = code(secret)
    as_alice.post(APP, {"code": given})
    client = log_in(alice)
    give_code(client, given)
    assert not is_in(client)


def test_row_15_a_code_that_confirmed_logs_nobody_in(as_alice, alice, noon):
    give_app(alice)
    given = code()
    as_alice.post(f"{OWN}second-factor/confirm/", {"code": given})
    assert as_alice.get(CODES).status_code == 404
    client = log_in(alice)
    give_code(client, given)
    assert not is_in(client)


def test_row_15_a_recovery_code_works_once_and_is_told_of(alice):
    give_app(alice)
    given = give_codes(alice)[3]
    first, second = log_in(alice), log_in(alice)
    give_code(first, given)
    give_code(second, given)
    assert (is_in(first), is_in(second)) == (True, False)
    assert log("RECOVERY_CODE_USED", "SECOND_FACTOR_FAILED") == [
        ("RECOVERY_CODE_USED", ""),
        ("SECOND_FACTOR_FAILED", ""),
    ]
    assert "9 left." in first.get(OWN).text


def test_row_15_what_a_factor_is_made_of_is_sealed(alice):
    give_app(alice)
    codes = give_codes(alice)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored
    assert not any(each in stored for each in codes)
    assert stored.count("gAAAAA") == 2


def test_row_15_a_new_password_does_not_skip_it(client, alice):
    give_app(alice)
    client.post("/accounts/password/reset/", {"email": alice.email})
    link = re.search(r"http://[^/]+(\S+/reset/key/\S+)", mail.outbox[0].body)[1]
    new = "quite another strange one"
    form = client.get(link)["Location"]
    answer = client.post(form, {"password1": new, "password2": new}, follow=True)
    assert "Your new password is saved" in answer.text
    assert not is_in(client)
    client = log_in(alice, password=new)
    assert not is_in(client)
    give_code(client, code())
    assert is_in(client)


def test_row_15_the_pages_are_closed_before_the_second_factor(alice):
    give_app(alice)
    client = log_in(alice)
    for address in (
        "/",
        OWN,
        APP,
        CODES,
        "/admin/",
        "/api/v1/openapi.json",
        "/accounts/password/change/",
    ):
        answer = client.get(address)
        assert answer.status_code in (302, 401, 404), address
        assert "Location" not in answer or answer["Location"].startswith(
            ("/login/", "/admin/login/")
        )


def test_row_11_the_session_id_changes_with_the_second_factor(alice):
    give_app(alice)
    client = log_in(alice)
    before = client.session.session_key
    give_code(client, code())
    assert is_in(client)
    assert client.session.session_key != before


def test_row_16_codes_can_not_be_tried_for_long(alice):
    give_app(alice)
    client = log_in(alice)
    for _ in range(5):
        assert give_code(client, "000000").status_code == 200
    answer = give_code(client, code())
    assert (answer.status_code, is_in(client)) == (429, False)


@pytest.mark.parametrize(
    "address",
    [APP, f"{APP}remove/", CODES, f"{CODES}new/", f"{CODES}recovery-codes.txt", f"{KEYS}new/"],
)
def test_row_18_factors_are_shown_and_changed_after_a_fresh_log_in_alone(as_alice, alice, address):
    if address != APP:
        give_app(alice)
        give_codes(alice)
    asked = as_alice.get(address)
    assert asked["Location"] == f"/accounts/reauthenticate/?next={address.replace('/', '%2F')}"
    assert confirm(as_alice).get(address).status_code == 200


def test_row_18_an_app_is_not_removed_by_a_post_alone(as_alice, alice):
    give_app(alice)
    as_alice.post(f"{APP}remove/")
    assert second_factor.has_factor(alice)
    answer = confirm(as_alice).post(f"{APP}remove/", follow=True)
    assert "The authenticator app is removed." in answer.text
    assert not Authenticator.objects.exists()
    assert log("SECOND_FACTOR_REMOVED") == [("SECOND_FACTOR_REMOVED", "authenticator app")]


def test_recovery_codes_are_shown_downloaded_and_replaced(as_alice, alice):
    give_app(alice)
    old = give_codes(alice)
    confirm(as_alice)
    shown = re.findall(r"<li>(\d{8})</li>", as_alice.get(CODES).text)
    file = as_alice.get(f"{CODES}recovery-codes.txt")
    assert shown == file.text.split() == old
    assert 'filename="recovery-codes.txt"' in file["Content-Disposition"]
    as_alice.post(f"{CODES}new/")
    new = re.findall(r"<li>(\d{8})</li>", as_alice.get(CODES).text)
    assert (len(new), set(new) & set(old)) == (10, set())


def test_recovery_codes_alone_are_no_second_factor(as_alice, alice):
    assert "Set up an app or a passkey first." in confirm(as_alice).post(f"{CODES}new/").text
    give_codes(alice)
    assert not second_factor.has_factor(alice)


def test_another_user_s_passkey_is_not_there(as_alice, charlie):
    key = Authenticator.objects.create(user=charlie, type="webauthn", data={"name": "Hers"})
    confirm(as_alice)
    for address in (f"{KEYS}{key.pk}/", f"{KEYS}{key.pk}/remove/"):
        assert as_alice.get(address).status_code == 404
        assert as_alice.post(address, {"name": "Mine"}).status_code == 404


@pytest.mark.parametrize(
    "sent", ["", "x", "{}", "[]", '{"id": "a"}', '{"response": {"userHandle": "eA"}}']
)
@pytest.mark.parametrize("address", ["/login/passkey/", SECOND_FACTOR, f"{KEYS}new/"])
def test_nonsense_is_no_passkey(alice, address, sent):
    give_app(alice)
    client = log_in(alice)
    if address == f"{KEYS}new/":
        give_code(client, code())
    elif address == "/login/passkey/":
        client = Client()
    answer = client.post(address, {"credential": sent})
    assert answer.status_code < 500
    assert Authenticator.objects.filter(type="webauthn").count() == 0
    if address != f"{KEYS}new/":
        assert not is_in(client)


def test_the_password_is_enough_to_confirm_and_so_is_a_code(as_alice, alice):
    give_app(alice)
    page = as_alice.get("/accounts/reauthenticate/").text
    assert f'href="{OWN}second-factor/confirm/' in page
    answer = as_alice.post(f"{OWN}second-factor/confirm/?next={APP}remove/", {"code": code()})
    assert answer["Location"] == f"{APP}remove/"


def test_a_mail_server_that_is_down_keeps_no_change_out(as_alice, alice, monkeypatch):
    def refuse(*_args):
        raise OSError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    give_app(alice)
    assert confirm(as_alice).post(f"{APP}remove/").status_code == 302
    assert not second_factor.has_factor(alice)


def test_the_password_is_not_asked_for_within_half_an_hour_of_the_log_in(alice):
    with time_machine.travel(NOON) as clock:
        client = log_in(alice)
        assert client.get(APP).status_code == 200
        clock.shift(timedelta(minutes=20))
        assert client.get("/").status_code == 200
        clock.shift(timedelta(minutes=11))
        assert client.get(APP)["Location"].startswith("/accounts/reauthenticate/")
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert client.get(APP).status_code == 200
