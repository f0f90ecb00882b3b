"""The people who log in: invited, made something else, removed."""

import re
import threading
from smtplib import SMTPRecipientsRefused

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.db import connection as database
from django.test import Client
from django_scopes import scopes_disabled

from accounts import people
from accounts.models import AuditEvent, Membership, Role, User
from tests.factories import PASSWORD, MembershipFactory
from tests.logging_in import confirm

pytestmark = pytest.mark.django_db
USERS = "/administration/users/"
INVITE = f"{USERS}invite/"
NEW = {"email": "New@acme.example", "role": "VIEWER"}
CHOSEN = {"password1": "a long and strange one 7", "password2": "a long and strange one 7"}


@pytest.fixture
def confirmed(as_alice):
    """Alice has given her password a moment ago."""
    return confirm(as_alice)


def address_of(user: User, what: str) -> str:
    return f"{USERS}{Membership.everyone.get(user=user).pk}/{what}/"


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def log() -> list[tuple[str, str, dict]]:
    kinds = ("USER_INVITED", "USER_ROLE_CHANGED", "USER_REMOVED")
    with scopes_disabled():
        events = AuditEvent.objects.filter(kind__in=kinds).order_by("pk")
        return [(event.kind, event.subject, event.after) for event in events]


def test_administrators_alone_see_users(client, as_alice, as_bob, as_charlie, alice, bob):
    page = as_alice.get(USERS).text
    assert "alice@acme.example" in page
    assert "bob@acme.example" in page
    assert "charlie" not in page
    assert as_bob.get(USERS).status_code == 403
    assert client.get(USERS)["Location"] == f"/login/?next={USERS}"
    for what in ("role", "remove", "send"):
        address = address_of(bob, what)
        assert as_charlie.post(address, {"role": "VIEWER"}).status_code == 404
        assert as_bob.post(address, {"role": "ADMINISTRATOR"}).status_code == 403
    assert bob.memberships.get().role == Role.VIEWER


def test_somebody_new_chooses_a_password_and_logs_in(confirmed, client, acme):
    answer = confirmed.post(INVITE, NEW, follow=True)
    assert "new@acme.example is invited, and has been sent an e-mail." in answer.text
    assert "Invited" in answer.text
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["new@acme.example"], "You can log in to Acme in the Portal")
    assert "Alice has invited you to Acme in the Portal, as Viewer." in sent.body
    link = re.search(r"http\S+(/accounts/password/reset/key/\S+)", sent.body)[1]
    page = client.get(link, follow=True)
    answer = client.post(page.redirect_chain[-1][0], CHOSEN)
    assert answer.status_code == 302, answer.text
    client.post("/login/", {"login": "new@acme.example", "password": CHOSEN["password1"]})
    assert client.get("/targets/").status_code == 200
    assert client.get(USERS).status_code == 403
    assert "already, or is too old" in client.get(link, follow=True).text
    assert log() == [("USER_INVITED", "new@acme.example", {"role": "VIEWER"})]


def test_somebody_of_another_account_keeps_the_password(confirmed, as_charlie, charlie):
    confirmed.post(INVITE, {"email": "CHARLIE@globex.example", "role": "ADMINISTRATOR"})
    assert "You log in with the password that you have" in mail.outbox[0].body
    assert "reset" not in mail.outbox[0].body
    assert {each.account.name for each in Membership.everyone.filter(user=charlie)} == {
        "Acme",
        "Globex",
    }
    charlie.refresh_from_db()
    assert charlie.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"email": "bob@ACME.example"}, "belongs to Acme already"),
        ({"email": "no address"}, "valid email address"),
        ({"email": ""}, "required"),
        ({"email": "x@acme.example\nBcc: y@z.example"}, "valid email address"),
        ({"role": "OWNER"}, "OWNER"),
        (
            {"email": "off@globex.example"},
            "The operator of the Portal has switched this log-in off",
        ),
    ],
)
def test_what_can_t_be_invited(confirmed, bob, globex, values, said):
    MembershipFactory(user__email="off@globex.example", user__is_active=False, account=globex)
    before = Membership.objects.count()
    answer = confirmed.post(INVITE, NEW | values)
    assert (answer.status_code, said in answer.text) == (200, True)
    assert (Membership.objects.count(), mail.outbox, log()) == (before, [], [])
    assert not User.objects.get(email="off@globex.example").is_active


def test_the_password_is_asked_for_first(as_alice, bob):
    for address, values in (
        (INVITE, NEW),
        (address_of(bob, "role"), {"role": "ADMINISTRATOR"}),
        (address_of(bob, "remove"), {}),
    ):
        answer = as_alice.post(address, values)
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert (mail.outbox, log()) == ([], [])
    assert bob.memberships.get().role == Role.VIEWER


def test_a_mail_server_that_is_down_is_told_of_and_it_can_be_sent_again(
    confirmed, settings, monkeypatch
):
    def refuse(*_args):
        raise SMTPRecipientsRefused({})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    answer = confirmed.post(INVITE, NEW, follow=True)
    assert "but the e-mail could not be sent" in answer.text
    monkeypatch.undo()
    new = User.objects.get(email="new@acme.example")
    answer = confirmed.post(address_of(new, "send"), follow=True)
    assert "new@acme.example has been sent the invitation again." in answer.text
    assert [message.to for message in mail.outbox] == [["new@acme.example"]]


def test_who_has_logged_in_is_sent_nothing_again(confirmed, bob, as_bob):
    answer = confirmed.post(address_of(bob, "send"))
    assert told(answer) == ["Bob has logged in already."]
    assert mail.outbox == []


def test_a_viewer_becomes_an_administrator(confirmed, as_bob, bob):
    assert as_bob.get(USERS).status_code == 403
    answer = confirmed.post(address_of(bob, "role"), {"role": "ADMINISTRATOR"})
    assert told(answer) == ["Bob is now an Administrator."]
    assert as_bob.get(USERS).status_code == 200
    confirmed.post(address_of(bob, "role"), {"role": "ADMINISTRATOR"})
    assert log() == [("USER_ROLE_CHANGED", "bob@acme.example", {"role": "ADMINISTRATOR"})]


def test_removed_they_are_out_at_once_and_can_come_back(confirmed, as_bob, bob):
    assert as_bob.get("/targets/").status_code == 200
    answer = confirmed.post(address_of(bob, "remove"))
    assert told(answer) == ["Bob does not belong to Acme any more."]
    assert as_bob.get("/targets/")["Location"].startswith("/login/")
    answer = Client().post("/login/", {"login": bob.email, "password": PASSWORD}, follow=True)
    assert "switched off" in answer.text.lower() or "inactive" in answer.request["PATH_INFO"]
    confirmed.post(INVITE, {"email": bob.email, "role": "VIEWER"})
    bob.refresh_from_db()
    assert (bob.is_active, bob.has_usable_password()) == (True, False)
    assert "To choose your password" in mail.outbox[-1].body
    assert [kind for kind, *_ in log()] == ["USER_REMOVED", "USER_INVITED"]


def test_who_belongs_elsewhere_too_still_logs_in(confirmed, bob, as_bob, globex):
    MembershipFactory(user=bob, account=globex)
    mine = Membership.objects.get(user=bob, account__name="Acme")
    confirmed.post(f"{USERS}{mine.pk}/remove/")
    bob.refresh_from_db()
    assert bob.is_active
    assert "Globex" in as_bob.get("/").text


@pytest.mark.parametrize(("what", "values"), [("role", {"role": "VIEWER"}), ("remove", {})])
def test_the_last_administrator_stays(confirmed, alice, bob, what, values):
    MembershipFactory(
        user__email="off@acme.example",
        user__is_active=False,
        account=alice.memberships.get().account,
        role=Role.ADMINISTRATOR,
    )
    answer = confirmed.post(address_of(alice, what), values)
    assert "Alice is the only Administrator of Acme" in told(answer)[0]
    assert alice.memberships.get().role == Role.ADMINISTRATOR
    assert log() == []


def test_an_administrator_leaves(confirmed, alice, bob):
    confirmed.post(address_of(bob, "role"), {"role": "ADMINISTRATOR"})
    answer = confirmed.post(address_of(alice, "remove"))
    assert answer["Location"] == "/"
    assert confirmed.get("/")["Location"].startswith("/login/")
    assert Membership.objects.get(account__name="Acme").user == bob


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_who_remove_each_other_do_not_leave_nobody(acme, alice, bob):
    mine, theirs = alice.memberships.get(), bob.memberships.get()
    people.change_role(membership=theirs, role=Role.ADMINISTRATOR)
    refused, barrier = [], threading.Barrier(2)

    def leave(membership):
        try:
            barrier.wait(60)
            people.remove(membership=membership)
        except people.LastAdministrator:
            refused.append(membership)
        finally:
            database.close()

    threads = [threading.Thread(target=leave, args=[one]) for one in (mine, theirs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(refused), Membership.objects.filter(account=acme).count()) == (1, 1)


def test_names_are_inert(as_alice, acme):
    MembershipFactory(user__name="<svg/onload=alert(1)>", account=acme)
    page = as_alice.get(USERS).text
    assert "<svg/onload" not in page
    assert "&lt;svg/onload=alert(1)&gt;" in page


@pytest.mark.parametrize("count", [2, 40])
def test_queries_do_not_grow(as_alice, acme, count, django_assert_max_num_queries):
    MembershipFactory.create_batch(count, account=acme)
    with django_assert_max_num_queries(6):
        as_alice.get(USERS)
