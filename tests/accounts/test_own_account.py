"""Your account: what everybody changes of their own."""

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled

from accounts.models import AuditEvent
from tests.factories import UserFactory
from tests.logging_in import OWN, give_app, give_codes

pytestmark = pytest.mark.django_db


def test_everybody_has_one_and_finds_it(client, as_alice, as_bob):
    for visitor in (as_alice, as_bob):
        assert visitor.get(OWN).status_code == 200
        assert f'href="{OWN}"' in visitor.get("/targets/").text
    assert client.get(OWN)["Location"] == f"/login/?next={OWN}"


def test_who_belongs_to_no_account_has_one_too(client, db):
    client.force_login(UserFactory(email="eve@example.com"))
    page = client.get(OWN).text
    assert "You log in as eve@example.com." in page
    assert page.count("<h1") == 1


def test_a_name_is_saved_and_told_of(as_bob, bob):
    answer = as_bob.post(OWN, {"name": " Robert "}, follow=True)
    assert "Your name is saved." in answer.text
    as_bob.post(OWN, {"name": "Robert"})
    bob.refresh_from_db()
    assert bob.name == "Robert"
    with scopes_disabled():
        [event] = AuditEvent.objects.filter(kind="NAME_CHANGED")
    assert (event.user, event.before, event.after) == (bob, {"name": "Bob"}, {"name": "Robert"})


@pytest.mark.parametrize("name", ["x" * 201, "a\x00b", "a\nb", "a\u202eb"])
def test_a_name_that_can_not_be_shown_is_refused(as_bob, bob, name):
    answer = as_bob.post(OWN, {"name": name, "email": "x@y.z", "is_superuser": "on"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["name"]
    bob.refresh_from_db()
    assert (bob.name, bob.email, bob.is_superuser) == ("Bob", "bob@acme.example", False)


def test_the_menu_shows_the_stored_name_while_another_is_refused(as_bob):
    page = as_bob.post(OWN, {"name": "x" * 201}).text
    assert 'aria-label="Bob: your menu"' in page


def test_nothing_of_a_secret_is_on_it(as_alice, alice):
    codes = give_codes(alice)
    factor = give_app(alice)
    page = as_alice.get(OWN).text
    assert "10 left." in page
    assert factor.data["secret"] not in page
    assert not any(each in page for each in codes)
    assert as_alice.session.session_key not in page


def test_addresses_of_allauth_lead_to_it(as_alice):
    for name in ("mfa_index", "mfa_list_webauthn"):
        assert as_alice.get(reverse(name))["Location"] == OWN
