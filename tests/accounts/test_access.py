import pytest

from tests.factories import UserFactory

PAGES = ["/administration/account/", "/administration/account/notifications/"]


@pytest.mark.parametrize("address", PAGES)
def test_who_opens_administration(address, client, as_alice, as_bob):
    assert client.get(address)["Location"] == f"/login/?next={address}"
    assert as_alice.get(address).status_code == 200
    assert as_bob.get(address).status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_a_viewer_changes_nothing(address, as_bob, acme):
    assert as_bob.post(address, {"name": "Bob's", "time_zone": "UTC"}).status_code == 403
    acme.refresh_from_db()
    assert acme.name == "Acme"


def test_a_viewer_is_told_what_to_do_and_sees_no_administration(as_bob):
    page = as_bob.get("/administration/account/").text
    assert "Only an Administrator of Acme can do this, and you are a Viewer." in page
    assert "Account Settings" not in page


def test_a_user_of_no_account_is_told_what_to_do(client, db):
    client.force_login(UserFactory())
    answer = client.get("/administration/account/")
    assert answer.status_code == 403
    assert "You belong to no account yet." in answer.text
    assert "Log out" in answer.text


def test_a_part_of_a_page_sends_the_whole_page_to_the_log_in(client, db):
    answer = client.get(
        "/administration/account/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/groups/?q=x"},
    )
    assert answer["HX-Redirect"] == "/login/?next=/groups/%3Fq%3Dx"


@pytest.mark.parametrize("address", [*PAGES, "/account/switch/", "/logout/", "/login/"])
def test_a_form_without_its_token_is_refused(address, alice):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(address, {"account": "1"})
    assert answer.status_code == 403
    assert "The form is too old" in answer.text
