from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, Membership, Role, User


def create(**options) -> str:
    out = StringIO()
    call_command("create_account", stdout=out, **options)
    return out.getvalue()


def memberships():
    return sorted(Membership.objects.values_list("account__name", "user__email", "role"))


def test_new_account_with_a_given_password(db):
    printed = create(name="Acme", admin_email="Dana@Acme.example", password="tall green ladder")
    assert memberships() == [("Acme", "dana@acme.example", Role.ADMINISTRATOR)]
    assert User.objects.get().check_password("tall green ladder")
    assert "tall green ladder" not in printed


def test_a_password_is_made_up_and_printed_once(db):
    printed = create(name="Acme", admin_email="dana@acme.example")
    password = printed.strip().rpartition("shown only now: ")[2]
    assert len(password) >= 16
    assert User.objects.get().check_password(password)


def test_a_known_user_gets_a_second_account_and_keeps_the_password(acme, alice):
    stored = alice.password
    printed = create(name="Initech", admin_email="ALICE@acme.example", password="tall green ladder")
    assert memberships() == [
        ("Acme", "alice@acme.example", Role.ADMINISTRATOR),
        ("Initech", "alice@acme.example", Role.ADMINISTRATOR),
    ]
    alice.refresh_from_db()
    assert alice.password == stored
    assert "keeps the password" in printed


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "aCME"}, "There is an account aCME already."),
        ({"name": "  "}, "This field cannot be blank."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"admin_email": "dana"}, "Enter a valid email address."),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "dana@initech.example"}, "too similar"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(acme, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        create(**{"name": "Initech", "admin_email": "dana@initech.example"} | options)
    assert list(Account.objects.all()) == [acme]
    assert not User.objects.exists()
