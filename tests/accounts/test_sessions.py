"""Sessions: their ids, how they end and how long they last; foundations.md C, rows 11 to 13 and 19."""

from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts import people, sessions
from accounts.models import AuditEvent, Role
from tests.factories import PASSWORD, MembershipFactory
from tests.logging_in import OWN, log_in

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-11-27T12:00:00+00:00")
NEW = {
    "oldpassword": PASSWORD,
    "password1": "quite another strange one",
    "password2": "quite another strange one",
}


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def is_in(client: Client, address: str = "/targets/") -> bool:
    return client.get(address).status_code == 200


def test_row_11_the_session_id_changes_at_the_log_in(client, alice):
    client.get("/login/")
    client.post("/login/", {"login": alice.email, "password": "wrong"})
    before = client.session.session_key
    log_in(alice, client=client)
    assert is_in(client)
    assert client.session.session_key not in (None, before)


def test_row_11_a_planted_id_is_refused(client, alice):
    client.cookies["session"] = planted = "a" * 32
    log_in(alice, client=client)
    assert is_in(client)
    assert client.cookies["session"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_row_11_the_session_of_somebody_else_before_is_not_gone_on_with(alice, charlie):
    client = log_in(charlie)
    before = client.session.session_key
    client.post("/logout/")
    log_in(alice, client=client)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_row_11_a_new_password_changes_the_id_and_ends_the_others(alice):
    here, there = log_in(alice), log_in(alice)
    before = here.session.session_key
    here.post("/accounts/password/change/", NEW)
    assert (is_in(here), is_in(there)) == (True, False)
    assert here.session.session_key != before
    assert here.get(OWN).text.count("This one") == 1


def test_row_12_logging_out_kills_the_session_itself(alice):
    client = log_in(alice)
    stolen = Client()
    stolen.cookies["session"] = client.cookies["session"].value
    assert is_in(stolen)
    client.post("/logout/")
    assert not is_in(stolen)


def test_row_12_a_changed_role_ends_sessions(alice, bob):
    browser, phone = log_in(bob), log_in(bob)
    people.change_role(membership=bob.memberships.get(), role=Role.ADMINISTRATOR)
    assert (is_in(browser), is_in(phone), UserSession.objects.count()) == (False, False, 0)
    browser = log_in(bob)
    people.change_role(membership=bob.memberships.get(), role=Role.ADMINISTRATOR)
    assert is_in(browser)


def test_row_12_who_is_removed_from_one_of_two_accounts_is_logged_out(alice, bob, globex):
    MembershipFactory(user=bob, account=globex)
    browser = log_in(bob)
    people.remove(membership=bob.memberships.get(account__name="Acme"))
    assert not is_in(browser)
    assert is_in(log_in(bob))


def test_row_12_who_changes_their_own_role_stays(alice, bob):
    people.change_role(membership=bob.memberships.get(), role=Role.ADMINISTRATOR)
    here, there = log_in(alice), log_in(alice)
    address = f"/administration/users/{alice.memberships.get().pk}/role/"
    answer = here.post(address, {"role": "VIEWER"}, follow=True)
    assert answer.status_code == 403
    assert (is_in(here), is_in(there)) == (True, False)


def test_row_12_sessions_are_listed_and_end(alice, charlie, as_charlie):
    here, there = Client(headers={"User-Agent": "Here"}), Client(headers={"User-Agent": "There"})
    for client in (here, there):
        log_in(alice, client=client)
    page = here.get(OWN).text
    assert (page.count("This one"), "There" in page) == (1, True)
    other = UserSession.objects.get(user_agent="There")
    assert as_charlie.post(f"/account/sessions/{other.pk}/end/").status_code == 302
    assert is_in(there)
    assert here.get(f"/account/sessions/{other.pk}/end/").status_code == 405
    here.post(f"/account/sessions/{other.pk}/end/")
    assert (is_in(here), is_in(there)) == (True, False)
    assert "had ended already" in here.post(f"/account/sessions/{other.pk}/end/", follow=True).text
    with scopes_disabled():
        assert [e.user for e in AuditEvent.objects.filter(kind="SESSIONS_ENDED")] == [alice]


def test_row_12_all_others_end_at_once(alice, bob):
    here, *others = [log_in(alice) for _ in range(4)]
    stranger = log_in(bob)
    here.post("/account/sessions/end/")
    assert [is_in(each) for each in (here, stranger, *others)] == [True, True, *[False] * 3]


def test_a_session_that_changes_its_id_stays_one_entry(alice, globex):
    MembershipFactory(user=alice, account=globex)
    client = log_in(alice)
    client.post("/account/switch/", {"account": globex.pk})
    assert UserSession.objects.get().session_key == client.session.session_key
    assert client.get(OWN).text.count("This one") == 1


def test_row_13_half_an_hour_without_a_click_ends_it(alice, noon):
    client = log_in(alice)
    noon.shift(timedelta(minutes=29, seconds=59))
    assert is_in(client)
    noon.shift(timedelta(minutes=30))
    answer = client.get("/targets/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=/targets/"
    assert "nothing happened for 30 minutes" in answer.text
    assert not Session.objects.filter(session_key=client.cookies["session"].value).exists() or (
        "_auth_user_id" not in client.session
    )


def test_row_13_half_a_day_ends_it_however_busy_it_is(alice, noon):
    client = log_in(alice)
    for _ in range(12 * 3 - 1):
        noon.shift(timedelta(minutes=20))
        assert is_in(client)
    noon.shift(timedelta(minutes=19, seconds=59))
    assert is_in(client)
    noon.shift(timedelta(seconds=1))
    assert not is_in(client)


def test_row_13_a_switch_of_account_makes_it_no_longer(alice, noon, globex):
    MembershipFactory(user=alice, account=globex)
    client = log_in(alice)
    for _ in range(12 * 3):
        noon.shift(timedelta(minutes=20))
        client.post("/account/switch/", {"account": globex.pk})
    assert not is_in(client)


def test_row_13_a_page_that_refreshes_itself_keeps_nobody_logged_in(alice, noon):
    client = log_in(alice)
    for _ in range(3):
        noon.shift(timedelta(minutes=9, seconds=59))
        assert client.get("/targets/", headers={"X-Unattended": "1"}).status_code == 200
    noon.shift(timedelta(minutes=1))
    assert not is_in(client)


def test_row_13_what_is_over_does_not_work_behind_a_form_or_htmx_either(alice, noon):
    client = log_in(alice)
    noon.shift(timedelta(minutes=31))
    answer = client.post(
        "/administration/account/", {"name": "Stolen"}, headers={"HX-Request": "true"}
    )
    assert answer["HX-Redirect"].startswith("/login/")
    assert alice.memberships.get().account.name == "Acme"


def test_the_time_of_the_last_use_is_written_once_a_minute(alice, noon, django_assert_num_queries):
    client = log_in(alice)
    noon.shift(timedelta(seconds=61))
    client.get(OWN)
    assert UserSession.objects.get().last_seen_at == NOON + timedelta(seconds=61)
    noon.shift(timedelta(seconds=59))
    client.get(OWN)
    assert UserSession.objects.get().last_seen_at == NOON + timedelta(seconds=61)


def test_row_19_cookies(client, alice):
    log_in(alice, client=client)
    for name in ("session", "csrf"):
        morsel = client.cookies[name]
        assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
        assert morsel["domain"] == ""


def test_what_is_over_is_not_kept(alice, noon):
    log_in(alice)
    noon.shift(timedelta(hours=11))
    working = log_in(alice)
    noon.shift(timedelta(hours=2))
    sessions.forget_old(timezone.now())
    assert [each.session_key for each in UserSession.objects.all()] == [working.session.session_key]
    assert Session.objects.count() == 1
