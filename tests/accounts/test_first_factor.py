"""A first second factor, from wherever somebody comes: by an invitation, or after a forgotten password."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts import second_factor
from accounts.models import Account, User
from tests.logging_in import OWN, code, confirm, log_in
from tests.passkeys import new_passkey

pytestmark = pytest.mark.django_db
APP, NEW_KEY = f"{OWN}second-factor/app/", f"{OWN}second-factor/passkeys/new/"
RESET = "/accounts/password/reset/"
CHOSEN = "a long and strange one 7"


def choose_password() -> None:
    """By the link of the last e-mail."""
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    client = Client()
    form = client.get(link)["Location"]
    client.post(form, {"password1": CHOSEN, "password2": CHOSEN})


def invited(by: Client) -> User:
    form = {"email": "new@acme.example", "role": "ADMINISTRATOR"}
    confirm(by).post("/administration/users/invite/", form)
    choose_password()
    return User.objects.get(email="new@acme.example")


def set_up_an_app(client: Client) -> None:
    secret = re.search(r'id="secret">(\w+)<', client.get(APP).text)[1]
    assert client.post(APP, {"code": code(secret)}).status_code == 302


def add_a_passkey(client: Client) -> None:
    assert client.get(NEW_KEY).status_code == 200
    sent = {"name": "Laptop", "credential": new_passkey(client)}
    assert client.post(NEW_KEY, sent).status_code == 302


@pytest.mark.parametrize("set_up", [set_up_an_app, add_a_passkey])
def test_who_was_invited_sets_one_up_where_the_account_wants_it(as_alice, acme, set_up):
    user = invited(as_alice)
    Account.objects.filter(pk=acme.pk).update(is_mfa_required=True)
    client = log_in(user, password=CHOSEN)
    assert client.get("/targets/")["Location"] == OWN
    set_up(client)
    assert second_factor.has_factor(user)
    assert client.get("/targets/").status_code == 200


@pytest.mark.parametrize("set_up", [set_up_an_app, add_a_passkey])
def test_who_chose_a_new_password_sets_one_up(client, alice, set_up):
    client.post(RESET, {"email": alice.email})
    choose_password()
    set_up(log_in(alice, password=CHOSEN))
    assert second_factor.has_factor(alice)


@pytest.mark.parametrize("set_up", [set_up_an_app, add_a_passkey])
def test_a_stranger_who_asks_for_a_reset_keeps_nobody_from_it(client, alice, set_up):
    client.post(RESET, {"email": alice.email})
    set_up(log_in(alice))
    assert second_factor.has_factor(alice)


@pytest.mark.parametrize("set_up", [set_up_an_app, add_a_passkey])
def test_an_address_that_was_listed_before_keeps_nobody_from_it(alice, set_up):
    EmailAddress.objects.create(user=alice, email=alice.email)
    set_up(log_in(alice))
    assert second_factor.has_factor(alice)


def test_neither_a_reset_nor_an_invitation_lists_an_address(client, as_alice, bob):
    client.post(RESET, {"email": bob.email})
    choose_password()
    invited(as_alice)
    assert not EmailAddress.objects.exists()
