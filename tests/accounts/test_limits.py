"""Guessing is slow, and tells nothing; foundations.md C, rows 16 and 17."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.factories import PASSWORD
from tests.logging_in import log_in

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"


def guess(email: str, password: str = "not this one", client: Client | None = None, **more) -> int:
    form = {"login": email, "password": password}
    return (client or Client()).post("/login/", form, **more).status_code


def test_row_16_429_after_five_failures_whatever_the_password(alice):
    assert [guess(alice.email) for _ in range(5)] == [200] * 5
    assert guess(alice.email) == guess(alice.email, PASSWORD) == 429


def test_row_16_429_after_ten_failures_of_one_address_whatever_the_account(alice):
    assert [guess(f"nobody{number}@acme.example") for number in range(10)] == [200] * 10
    assert guess(alice.email, PASSWORD) == 429


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_row_16_a_header_does_not_make_another_address(alice, header):
    codes = [guess(alice.email, headers={header: f"10.0.0.{number}"}) for number in range(6)]
    assert codes == [200] * 5 + [429]


def test_row_16_behind_a_proxy_its_entry_alone_counts(alice, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    sent = [f"10.0.0.{number}, 192.0.2.7" for number in range(6)]
    codes = [guess(alice.email, headers={"X-Forwarded-For": each}) for each in sent]
    assert codes == [200] * 5 + [429]
    assert guess(alice.email, PASSWORD, headers={"X-Forwarded-For": "192.0.2.8"}) == 302


def test_row_16_the_failures_of_one_address_lock_nobody_else_out(alice, bob):
    for _ in range(12):
        guess(alice.email, REMOTE_ADDR="192.0.2.1")
    assert guess(alice.email, PASSWORD, REMOTE_ADDR="192.0.2.1") == 429
    assert guess(alice.email, PASSWORD, REMOTE_ADDR="192.0.2.2") == 302
    assert guess(bob.email, PASSWORD, REMOTE_ADDR="192.0.2.2") == 302


def test_row_16_guesses_from_many_addresses_come_to_an_end(alice):
    codes = [guess(alice.email, REMOTE_ADDR=f"192.0.2.{number % 250}") for number in range(101)]
    assert (codes.count(200), codes[-1]) == (100, 429)
    assert guess(alice.email, PASSWORD, REMOTE_ADDR="198.51.100.1") == 429


def test_row_16_a_log_in_that_works_costs_nothing(alice):
    assert [guess(alice.email, PASSWORD) for _ in range(12)] == [302] * 12


def test_row_16_mails_to_choose_a_password_are_few(alice):
    codes = [Client().post(RESET, {"email": alice.email}).status_code for _ in range(7)]
    assert codes == [302] * 5 + [429] * 2
    assert len(mail.outbox) == 5


def test_row_16_confirming_is_no_way_round(alice):
    client = log_in(alice)
    sent = [client.post("/accounts/reauthenticate/", {"password": "x"}) for _ in range(11)]
    assert sent[-1].status_code == 429


def without_what_was_typed(page: str, email: str) -> str:
    page = page.replace(email, "E")
    return re.sub(r'(csrfmiddlewaretoken" value="|"X-CSRFToken": ")[^"]+', r"\1", page)


def test_row_17_the_log_in_reads_the_same_for_known_and_unknown(alice):
    pages = []
    for email in (alice.email, "nobody@acme.example"):
        answer = Client().post("/login/", {"login": email, "password": "not this one"})
        pages.append((answer.status_code, without_what_was_typed(answer.text, email)))
    assert pages[0] == pages[1]


def test_row_17_the_sixth_try_reads_the_same_for_known_and_unknown(alice):
    pages = []
    for email, address in ((alice.email, "192.0.2.1"), ("nobody@acme.example", "192.0.2.2")):
        for _ in range(6):
            form = {"login": email, "password": "not this one"}
            answer = Client().post("/login/", form, REMOTE_ADDR=address)
        pages.append((answer.status_code, without_what_was_typed(answer.text, email)))
    assert pages[0] == pages[1]
    assert pages[0][0] == 429


@pytest.mark.parametrize("is_active", [True, False])
def test_row_17_the_reset_reads_the_same_for_known_and_unknown(alice, is_active):
    alice.is_active = is_active
    alice.save()
    pages = []
    for email in (alice.email, "nobody@acme.example"):
        client = Client()
        answer = client.post(RESET, {"email": email})
        page = client.get(answer["Location"])
        pages.append(
            (answer.status_code, answer["Location"], without_what_was_typed(page.text, email))
        )
    assert pages[0] == pages[1]
    assert len(mail.outbox) == 2


def test_row_17_an_unknown_address_costs_a_hash_too(alice, monkeypatch):
    """The time of an answer is that of the hash."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    original = MD5PasswordHasher.encode

    def counted(self, *given):
        hashed.append(1)
        return original(self, *given)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    guess(alice.email)
    known = len(hashed)
    guess("nobody@acme.example")
    assert (known, len(hashed) - known) == (1, 1)
