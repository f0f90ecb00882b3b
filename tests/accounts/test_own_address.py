"""Which user an address is: the one who has it now, and nobody whose address only looks like it."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts import people
from accounts.addresses import address_key
from accounts.models import Membership, User
from tests.factories import PASSWORD, UserFactory
from tests.logging_in import log_in

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"
#: Of admin@, but for one letter: a dotless i, a capital one with a dot, full width, and Cyrillic.
LOOKALIKES = [
    "adm\u0131n@acme.example",
    "adm\u0130n@acme.example",
    "\uff41dmin@acme.example",
    "\u0430dmin@acme.example",
]
OTHERS = [
    ("kristin@acme.example", "\u212aristin@acme.example"),
    ("kristin@acme.example", "kri\u017ftin@acme.example"),
    ("strasse@acme.example", "stra\u00dfe@acme.example"),
    ("straße@acme.example", "strasse@acme.example"),
    ("fit@acme.example", "\ufb01t@acme.example"),
    *(("admin@acme.example", email) for email in LOOKALIKES),
]


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def moved(user: User, email: str) -> None:
    """As the operator does it, after the former address was listed."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True)
    user.email = email
    user.save()


@pytest.mark.parametrize(("email", "other"), OTHERS)
def test_another_letter_is_another_address(email, other):
    user = UserFactory(email=email)
    assert User.objects.by_address(email) == user
    assert User.objects.by_address(other) is None
    made = User.objects.create_user(other, PASSWORD)
    assert [User.objects.by_address(each) for each in (email, other)] == [user, made]


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("ann@acme.example", "Ann@ACME.example"),
        ("Ann@Acme.example", "ann@acme.example"),
        ("straße@bücher.example", "STRAßE@BÜCHER.EXAMPLE"),
        ("straße@acme.example", "stra\u1e9ee@acme.example"),
    ],
)
def test_case_alone_makes_no_other_address(kept, typed):
    user = UserFactory(email=kept)
    assert User.objects.by_address(typed) == user


@pytest.mark.parametrize("kept", ["ann@acme.example", "Ann@Acme.example"])
def test_the_log_in_is_not_particular_about_case(kept):
    assert is_in(log_in(UserFactory(email=kept)))
    assert is_in(log_in(User(email=kept.swapcase())))


def test_a_key_is_its_own_key():
    letters = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)]))
    assert address_key(address_key(letters)) == address_key(letters)
    others = letters[128:]
    assert not any(map(str.isascii, (address_key(letter)[0] for letter in others)))


def test_an_invitation_is_for_the_address_that_was_typed(acme):
    user = UserFactory(email="kristin@acme.example")
    invited = people.invite(account=acme, email="\u212aristin@acme.example", role="VIEWER")
    assert invited.membership.user != user
    assert not Membership.objects.filter(user=user).exists()


def test_a_new_account_is_the_typed_person_s(db):
    UserFactory(email="kristin@acme.example")
    call_command("create_account", name="Acme", admin_email="\u212aristin@acme.example")
    assert Membership.objects.get().user.email == "\u212aristin@acme.example"


def test_the_operator_s_admin_keeps_one_spelling(acme):
    user = User(email="Ann@Acme.example")
    user.set_password(PASSWORD)
    user.full_clean()
    assert user.email == "ann@acme.example"


def test_a_former_address_lets_nobody_in(client, alice):
    moved(alice, "alice@new.example")
    client.post(RESET, {"email": "alice@acme.example"})
    assert [each.to for each in mail.outbox] == [["alice@acme.example"]]
    assert "/reset/key/" not in mail.outbox[0].body
    client.post("/login/", {"login": "alice@acme.example", "password": PASSWORD})
    assert not is_in(client)
    assert is_in(log_in(alice, client=client))


def test_who_has_a_former_address_now_resets_their_own_password(client, alice, bob):
    moved(alice, "alice@new.example")
    moved(bob, "alice@acme.example")
    client.post(RESET, {"email": "alice@acme.example"})
    [message] = mail.outbox
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", message.body)[1]
    form = client.get(link)["Location"]
    new = "quite another strange one"
    client.post(form, {"password1": new, "password2": new})
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.check_password(PASSWORD), bob.check_password(new)) == (True, True)


@pytest.mark.parametrize("other", [email for _, email in OTHERS])
def test_a_link_is_mailed_to_its_owner_alone(client, other):
    users = [UserFactory(email=email) for email in dict.fromkeys(email for email, _ in OTHERS)]
    client.post(RESET, {"email": other})
    owners = {f"/reset/key/{user_pk_to_url_str(user)}-": user.email for user in users}
    mailed = [
        (owners[path], each.to) for each in mail.outbox for path in owners if path in each.body
    ]
    assert [(owner, to) for owner, to in mailed if to != [owner]] == []


def test_a_link_ends_with_the_address_that_it_was_sent_to(client, alice):
    client.post(RESET, {"email": alice.email})
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    alice.email = "alice@new.example"
    alice.save()
    assert "already, or is too old" in client.get(link, follow=True).text


def test_who_guessed_too_often_logs_in_with_the_new_password(client, alice):
    for _ in range(6):
        client.post("/login/", {"login": alice.email, "password": "not this one"})
    assert not is_in(log_in(alice, client=client))
    client.post(RESET, {"email": alice.email})
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    new = "quite another strange one"
    client.post(client.get(link)["Location"], {"password1": new, "password2": new})
    assert is_in(log_in(alice, client=client, password=new))
