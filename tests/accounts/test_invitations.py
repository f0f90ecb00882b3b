"""Somebody belongs to an account from when they accept on; until then it knows of them what it typed."""

import threading

import pytest
from django.core import mail
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts import people
from accounts.models import AuditEvent, Membership, Role, User
from tests.factories import AccountFactory, MembershipFactory, UserFactory
from tests.logging_in import OWN, confirm, give_app, log_in

pytestmark = pytest.mark.django_db
USERS = "/administration/users/"
INVITE = f"{USERS}invite/"


@pytest.fixture
def invited(acme, charlie) -> Membership:
    User.objects.filter(pk=charlie.pk).update(last_login=timezone.now())
    return people.invite(account=acme, email=charlie.email, role=Role.VIEWER).membership


def answer(client: Client, membership: Membership, what: str):
    return client.post(f"{OWN}invitations/{membership.pk}/{what}/", follow=True)


def log(account, *leaving_out: str) -> list[tuple[str, str, str]]:
    with scopes_disabled():
        events = AuditEvent.objects.filter(account=account).exclude(kind__in=leaving_out)
        return list(events.order_by("pk").values_list("kind", "actor", "subject"))


def test_an_account_learns_nothing_of_whom_it_invited(as_alice, acme, charlie, invited):
    give_app(charlie)
    log_in(charlie)
    for query in ("", "?q=charlie@globex.example", "?state=invited", "?sort=-seen"):
        page = as_alice.get(f"{USERS}{query}").text
        assert "charlie@globex.example" in page
        assert "Charlie" not in page
        assert ("Set up</span>" in page, "Reset second factor" in page) == (False, False)
    assert "charlie" not in as_alice.get(f"{USERS}?state=on").text
    row = '"charlie@globex.example","","Viewer","","Invited",""'
    assert row in as_alice.get(f"{USERS}users.csv").getvalue().decode()
    for what in ("role", "remove"):
        assert "Charlie" not in as_alice.get(f"{USERS}{invited.pk}/{what}/").text
    assert as_alice.get(f"{USERS}{invited.pk}/factor/").status_code == 404
    assert confirm(as_alice).post(f"{USERS}{invited.pk}/factor/").status_code == 404
    assert {kind for kind, *_ in log(acme, "LOGGED_IN", "EXPORTED")} == {"USER_INVITED"}
    assert "Charlie <charlie@globex.example>" not in {actor for _, actor, _ in log(acme)}


def test_a_search_by_name_does_not_find_them(as_alice, charlie, invited):
    User.objects.filter(pk=charlie.pk).update(name="Zebulon")
    assert "charlie@globex.example" not in as_alice.get(f"{USERS}?q=Zebulon").text


@pytest.mark.parametrize(("what", "values"), [("role", {"role": "ADMINISTRATOR"}), ("remove", {})])
def test_what_is_done_to_an_invitation_ends_no_session(as_alice, charlie, invited, what, values):
    client = log_in(charlie)
    confirm(as_alice).post(f"{USERS}{invited.pk}/{what}/", values)
    assert client.get("/targets/").status_code == 200
    charlie.refresh_from_db()
    assert charlie.is_active


def test_they_see_nothing_of_the_account_until_they_accept(as_charlie, acme, invited):
    page = as_charlie.get(OWN).text
    assert "Acme has invited you, as Viewer" in page
    assert as_charlie.post("/account/switch/", {"account": acme.pk}).status_code == 404
    assert "You belong to Acme now." in answer(as_charlie, invited, "accept").text
    assert "has invited you" not in as_charlie.get(OWN).text
    assert as_charlie.get("/targets/").status_code == 200
    assert [kind for kind, *_ in log(acme)] == ["USER_INVITED", "INVITATION_ACCEPTED"]
    assert log(acme)[1][1] == "Charlie <charlie@globex.example>"


def test_they_decline(as_charlie, acme, invited):
    page = answer(as_charlie, invited, "decline").text
    assert "You have declined the invitation to Acme." in page
    assert not Membership.everyone.filter(account=acme, user__email="charlie@globex.example")
    assert log(acme)[1][::2] == ("INVITATION_DECLINED", "charlie@globex.example")
    for what in ("accept", "decline"):
        assert "withdrawn, or answered already" in answer(as_charlie, invited, what).text


def test_nobody_answers_for_another(as_alice, as_bob, invited):
    for client in (as_alice, as_bob):
        assert "withdrawn, or answered already" in answer(client, invited, "accept").text
    invited = Membership.everyone.get(pk=invited.pk)
    assert invited.is_pending


def test_what_is_withdrawn_can_not_be_accepted(as_alice, as_charlie, acme, invited):
    confirm(as_alice).post(f"{USERS}{invited.pk}/remove/")
    assert "withdrawn, or answered already" in answer(as_charlie, invited, "accept").text
    assert [kind for kind, *_ in log(acme, "LOGGED_IN")] == ["USER_INVITED", "INVITATION_WITHDRAWN"]


def test_the_mail_says_what_to_do(as_alice, charlie):
    page = confirm(as_alice).post(INVITE, {"email": charlie.email, "role": "VIEWER"}, follow=True)
    assert "charlie@globex.example is invited" in page.text
    body = mail.outbox[0].body
    assert "accept or decline there" in body
    assert f"{OWN}\n" in body
    page = as_alice.post(INVITE, {"email": charlie.email, "role": "VIEWER"})
    assert "belongs to Acme already, or is invited" in page.text


def test_a_newcomer_joins_by_the_first_log_in(acme):
    made = people.invite(account=acme, email="new@acme.example", role=Role.VIEWER).membership
    made.user.set_password("quite a strange one")
    made.user.save()
    assert log_in(made.user, password="quite a strange one").get("/targets/").status_code == 200
    assert not Membership.objects.get(pk=made.pk).is_pending


def test_who_is_invited_twice_is_asked(acme, globex):
    for account in (acme, globex):
        made = people.invite(account=account, email="new@acme.example", role=Role.VIEWER)
    made.membership.user.set_password("quite a strange one")
    made.membership.user.save()
    client = log_in(made.membership.user, password="quite a strange one")
    assert client.get("/targets/")["Location"] == OWN
    assert client.get("/targets/", headers={"HX-Request": "true"})["HX-Redirect"] == OWN
    page = client.get(OWN).text
    assert ("Acme has invited you" in page, "Globex has invited you" in page) == (True, True)


def test_who_lost_their_only_account_is_asked_before_another_has_them(as_charlie, charlie, invited):
    MembershipFactory(account=charlie.memberships.get().account)
    people.remove(membership=charlie.memberships.get())
    client = log_in(User.objects.get(pk=charlie.pk))
    assert client.get("/targets/")["Location"] == OWN
    assert Membership.everyone.get(pk=invited.pk).is_pending


def test_the_operator_s_people_are_asked(acme):
    operator = UserFactory(is_staff=True)
    people.invite(account=acme, email=operator.email, role=Role.VIEWER)
    assert log_in(operator).get("/targets/")["Location"] == OWN


def test_an_invited_administrator_does_not_replace_the_last(acme, alice):
    people.invite(account=acme, email="new@acme.example", role=Role.ADMINISTRATOR)
    with pytest.raises(people.LastAdministrator):
        people.remove(membership=alice.memberships.get())


def test_a_new_address_that_is_withdrawn_can_not_log_in(acme):
    made = people.invite(account=acme, email="new@acme.example", role=Role.VIEWER).membership
    people.remove(membership=made)
    assert not User.objects.get(email="new@acme.example").is_active
    again = people.invite(account=acme, email="new@acme.example", role=Role.VIEWER).membership
    assert again.user.is_active


def test_who_was_removed_in_between_is_told_of(as_alice, bob, monkeypatch):
    membership = bob.memberships.get()
    confirm(as_alice)
    found = Membership.objects.filter(pk=membership.pk)
    monkeypatch.setattr("accounts.user_views._of_account", lambda *_args: membership)
    found.delete()
    for what, values in (("role", {"role": "ADMINISTRATOR"}), ("remove", {})):
        page = as_alice.post(f"{USERS}{membership.pk}/{what}/", values, follow=True).text
        assert "somebody else has removed this user in the meantime" in page


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_invite_one_address_at_once_get_one_user(db):
    accounts, barrier, failed = AccountFactory.create_batch(4), threading.Barrier(4), []

    def invite(account):
        try:
            barrier.wait(60)
            people.invite(account=account, email="new@acme.example", role=Role.VIEWER)
        except Exception as error:
            failed.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=invite, args=[one]) for one in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (failed, User.objects.count(), Membership.everyone.count()) == ([], 1, 4)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ac\u200bme\u202e GmbH", "Acme GmbH"),
        ("\ufeff\u2066Acme\u2069\u00ad", "Acme"),
        ("Acme\u00a0\u200d GmbH\x7f", "Acme GmbH"),
    ],
)
def test_an_account_s_name_holds_what_can_be_seen(as_alice, acme, typed, kept):
    form = {"time_zone": "UTC", "seat_limit": "", "seat_rule": "STOP"}
    as_alice.post("/administration/account/", form | {"name": f"x{typed}"})
    acme.refresh_from_db()
    assert acme.name == f"x{kept}"
    AccountFactory(name=kept)
    page = as_alice.post("/administration/account/", form | {"name": typed})
    assert "Another account has this name" in page.text
    page = as_alice.post("/administration/account/", form | {"name": "\u200b\u202e"})
    assert "only signs that can&#x27;t be shown" in page.text
