"""An account that wants a second factor of its Administrators, and a factor that is lost."""

import io

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import get_resolver
from django_scopes import scopes_disabled

from accounts import second_factor
from accounts.models import Account, ApiToken, AuditEvent, Membership, Role
from accounts.tokens import make_token, token_of
from tests.factories import MembershipFactory
from tests.logging_in import OWN, code, confirm, give_app, give_code, give_codes, log_in
from tests.portal.test_headers import plain_addresses

pytestmark = pytest.mark.django_db
SECURITY = "/administration/account/security/"
USERS = "/administration/users/"
ALWAYS_OPEN = (
    OWN,
    "/accounts/",
    "/login/",
    "/logout/",
    "/livez",
    "/readyz",
    "/api/",
    "/account/switch/",
)


@pytest.fixture
def required(acme):
    Account.objects.filter(pk=acme.pk).update(is_mfa_required=True)
    return acme


def address_of(membership) -> str:
    return f"{USERS}{membership.pk}/factor/"


def log(kind: str) -> list[tuple[str, dict]]:
    with scopes_disabled():
        return [(each.subject, each.after) for each in AuditEvent.objects.filter(kind=kind)]


def test_who_has_none_can_not_switch_it_on(as_alice, acme):
    answer = confirm(as_alice).post(SECURITY, {"is_mfa_required": "on"})
    assert "Set up a second factor of your own first, under Your account." in answer.text
    acme.refresh_from_db()
    assert not acme.is_mfa_required


def test_row_18_it_is_switched_after_a_fresh_log_in(as_alice, alice, acme):
    give_app(alice)
    asked = as_alice.post(SECURITY, {"is_mfa_required": "on"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert log("ACCOUNT_SAVED") == []
    answer = confirm(as_alice).post(SECURITY, {"is_mfa_required": "on"}, follow=True)
    assert "The settings are saved." in answer.text
    as_alice.post(SECURITY, {})
    assert log("ACCOUNT_SAVED") == [
        ("Acme", {"is_mfa_required": True}),
        ("Acme", {"is_mfa_required": False}),
    ]


def test_administrators_alone_see_the_switch(client, as_alice, as_bob):
    assert "Security" in as_alice.get(SECURITY).text
    assert as_bob.get(SECURITY).status_code == as_bob.post(SECURITY).status_code == 403
    assert client.get(SECURITY)["Location"].startswith("/login/")


@pytest.mark.parametrize("address", plain_addresses(get_resolver()))
def test_an_administrator_without_one_sees_only_where_it_is_set_up(as_alice, required, address):
    for answer in (as_alice.get(address), as_alice.get(address, headers={"HX-Request": "true"})):
        if address.startswith(ALWAYS_OPEN):
            continue
        if answer.status_code not in (302, 404, 405) and "HX-Redirect" not in answer:
            pytest.fail(f"{address} answered {answer.status_code}")
        assert answer.get("HX-Redirect", answer.get("Location", OWN)).startswith((OWN, "/login/"))


def test_they_read_why_and_can_log_out(as_alice, required):
    answer = as_alice.get("/", follow=True)
    assert answer.redirect_chain == [(OWN, 302)]
    assert "Acme asks its Administrators for a second factor" in answer.text
    assert as_alice.post("/logout/").status_code == 302


def test_they_change_nothing_meanwhile(as_alice, required):
    confirm(as_alice)
    as_alice.post("/administration/account/", {"name": "Changed", "time_zone": "UTC"})
    as_alice.post(SECURITY, {})
    as_alice.post("/groups/new/", {"name": "New"})
    required.refresh_from_db()
    assert (required.name, required.is_mfa_required) == ("Acme", True)


def test_with_one_all_is_open(alice, required):
    give_app(alice)
    client = log_in(alice)
    give_code(client, code())
    assert client.get("/").status_code == 200


def test_a_viewer_needs_none(as_bob, required):
    assert as_bob.get("/targets/").status_code == 200
    assert "asks its Administrators" not in as_bob.get(OWN).text


def test_another_account_of_theirs_stays_open(as_alice, alice, required, globex):
    MembershipFactory(user=alice, account=globex)
    answer = as_alice.post("/account/switch/", {"account": globex.pk}, follow=True)
    assert "You are now in Globex." in answer.text
    assert answer.request["PATH_INFO"] == "/"


def test_their_tokens_go_on_working(acme, alice, required):
    _, value = make_token(account=acme, user=alice, name="SIEM", scopes=["ACTIONS_WRITE"])
    assert token_of(value).account == acme


def test_the_list_shows_who_has_one(as_alice, alice, bob, django_assert_max_num_queries):
    give_app(bob)
    give_codes(alice)
    page = as_alice.get(USERS).text
    assert (page.count("Set up</span>"), page.count("Reset second factor")) == (1, 1)
    assert address_of(bob.memberships.get()) in page


def test_row_15_an_administrator_takes_a_lost_one_away(as_alice, bob):
    give_app(bob)
    give_codes(bob)
    client = log_in(bob)
    give_code(client, code())
    address = address_of(bob.memberships.get())
    assert as_alice.post(address)["Location"].startswith("/accounts/reauthenticate/")
    assert second_factor.has_factor(bob)
    assert "Make sure that it is they who ask" in as_alice.get(address).text
    answer = confirm(as_alice).post(address, follow=True)
    assert "Bob logs in with the password alone" in answer.text
    assert (Authenticator.objects.count(), client.get("/").status_code) == (0, 302)
    assert log("SECOND_FACTOR_RESET") == [("bob@acme.example", {})]
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["bob@acme.example"], "Your second factor was taken away")
    ]
    assert log_in(bob).get("/").status_code == 200


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.VIEWER])
def test_who_belongs_to_another_account_keeps_it(as_alice, bob, globex, role):
    MembershipFactory(user=bob, account=globex, role=role)
    give_app(bob)
    address = address_of(bob.memberships.get(account__name="Acme"))
    assert "does not belong to Acme alone" in confirm(as_alice).get(address).text
    answer = as_alice.post(address, follow=True)
    assert "Nothing was changed: Bob does not belong to Acme alone." in answer.text
    assert second_factor.has_factor(bob)
    assert log("SECOND_FACTOR_RESET") == []


@pytest.mark.parametrize("field", ["is_staff", "is_superuser"])
def test_an_operator_keeps_it(as_alice, bob, field):
    setattr(bob, field, True)
    bob.save()
    give_app(bob)
    confirm(as_alice).post(address_of(bob.memberships.get()))
    assert second_factor.has_factor(bob)


def test_nobody_else_takes_one_away(client, as_bob, as_charlie, alice, bob):
    give_app(alice)
    address = address_of(alice.memberships.get())
    assert client.post(address)["Location"].startswith("/login/")
    assert confirm(as_bob).post(address).status_code == 403
    assert confirm(as_charlie).post(address).status_code == 404
    assert second_factor.has_factor(alice)


def test_one_s_own_is_on_one_s_own_page(as_alice, alice):
    give_app(alice)
    assert confirm(as_alice).post(address_of(alice.memberships.get()))["Location"] == OWN
    assert second_factor.has_factor(alice)


def test_the_operator_takes_any_away(bob, globex):
    MembershipFactory(user=bob, account=globex)
    give_app(bob)
    out = io.StringIO()
    call_command("reset_second_factor", "BOB@acme.example", stdout=out)
    assert "bob@acme.example logs in with the password alone" in out.getvalue()
    assert not second_factor.has_factor(bob)
    assert len(log("SECOND_FACTOR_RESET")) == 2
    for email, told in (("bob@acme.example", "has no second factor"), ("x@y.z", "Nobody logs in")):
        with pytest.raises(CommandError, match=told):
            call_command("reset_second_factor", email)


def test_who_was_removed_in_between_keeps_theirs(bob):
    membership = bob.memberships.get()
    give_app(bob)
    Membership.objects.filter(pk=membership.pk).delete()
    with pytest.raises(second_factor.BelongsElsewhere):
        second_factor.reset_for_account(membership=membership)
    assert second_factor.has_factor(bob)


def test_who_is_invited_again_brings_no_factor_along(as_alice, bob):
    membership = bob.memberships.get()
    give_app(bob)
    confirm(as_alice).post(f"{USERS}{membership.pk}/remove/")
    assert second_factor.has_factor(bob)
    as_alice.post(f"{USERS}invite/", {"email": bob.email, "role": "VIEWER"})
    assert not second_factor.has_factor(bob)
    assert Membership.everyone.filter(user=bob).exists()


def test_row_18_a_token_is_made_after_a_fresh_log_in(as_alice):
    form = {"name": "SIEM", "scopes": ["ACTIONS_WRITE"], "expires": "90"}
    asked = as_alice.post("/administration/api/new/", form)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    with scopes_disabled():
        assert not ApiToken.objects.exists()
    page = as_alice.post(
        "/accounts/reauthenticate/?next=/administration/api/new/",
        {"password": "correct horse battery"},
    )
    assert "shown this once" in page.text
    with scopes_disabled():
        assert ApiToken.objects.get().name == "SIEM"


def test_row_11_a_client_without_cookies_gets_no_further():
    assert Client().get(OWN)["Location"] == f"/login/?next={OWN}"
