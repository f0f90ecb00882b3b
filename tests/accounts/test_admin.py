import pytest

from accounts.models import User
from tests.factories import UserFactory
from tests.logging_in import give_app

LISTS = [
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/account/",
    "/admin/accounts/user/add/",
]


@pytest.fixture
def operator(db):
    made = UserFactory(is_staff=True, is_superuser=True)
    give_app(made)
    return made


@pytest.mark.parametrize("address", LISTS)
def test_row_21_only_superusers_get_into_the_operators_admin(address, client, as_alice, operator):
    assert client.get(address, follow=True).redirect_chain[-1][0].startswith("/login/?next=")
    assert as_alice.get(address, follow=True).status_code == 403
    client.force_login(operator)
    assert client.get(address).status_code == 200


def test_the_operator_makes_and_edits_a_user(client, operator):
    client.force_login(operator)
    form = {
        "email": "dana@acme.example",
        "usable_password": "true",
        "password1": "tall green ladder",
        "password2": "tall green ladder",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    assert client.post("/admin/accounts/user/add/", form).status_code == 302
    made = User.objects.get(email="dana@acme.example")
    assert made.check_password("tall green ladder")
    assert client.get(f"/admin/accounts/user/{made.pk}/change/").status_code == 200


def test_row_21_staff_who_are_no_superusers_stay_out(client, db):
    staff = UserFactory(is_staff=True)
    give_app(staff)
    client.force_login(staff)
    assert client.get("/admin/", follow=True).status_code == 403


def test_row_21_a_second_factor_is_needed(client, db):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/account/"
    assert "need a second factor" in answer.text


def test_row_21_no_model_with_a_secret_is_there(client, operator):
    client.force_login(operator)
    page = client.get("/admin/").text
    assert "/admin/accounts/user/" in page
    for part in ("mfa", "usersessions", "socialaccount", "account", "sessions"):
        assert f"/admin/{part}/" not in page
        assert client.get(f"/admin/{part}/").status_code == 404
