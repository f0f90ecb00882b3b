"""Which passwords are taken; foundations.md C, row 14."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def why_not(password: str, user: User | None = None) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "tall green ladder",
        "aaaaabbbbbcc" + "z",
        "ñandú ñandú ñandú",
        "🐟🐟 swim past the pier",
        "   three spaces in front",
        "x7" * 32,
        "w ords " * 40,
        "the portal of the cathedral in Acme",
    ],
)
def test_row_14_long_ones_are_taken_whatever_they_are_made_of(alice, password):
    assert why_not(password, alice) == ""


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("elevenchars", "at least 12 characters"),
        ("portal-1234!", "words that are easy to guess"),
        ("PortalPhish2026", "words that are easy to guess"),
        ("Litmos-Portal-7", "words that are easy to guess"),
        ("acme2026acme!", "words that are easy to guess"),
        ("alice@acme.example", "words that are easy to guess"),
        ("Alice.Alice.1", "words that are easy to guess"),
        ("password1234", "words that are easy to guess"),
        ("1234567890123", "too common"),
    ],
)
def test_row_14_what_lies_at_hand_is_refused(alice, password, told):
    assert told in why_not(password, alice)


def test_row_14_a_user_without_name_or_account_is_no_fault(db):
    assert why_not("tall green ladder", User(email="")) == ""
    assert why_not("portal portal", None)


@pytest.mark.parametrize("length", [64, 128, 1000])
def test_row_14_the_page_takes_long_ones(as_alice, alice, length):
    new = ("tall green ladder " * 60)[:length].strip() + "x"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert as_alice.post("/accounts/password/change/", form).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(new)


def test_row_14_pasting_is_not_hindered_and_managers_know_the_field(as_alice):
    page = as_alice.get("/accounts/password/change/").text
    assert "onpaste" not in page
    assert page.count('autocomplete="new-password"') == 2
    assert "maxlength" not in page
