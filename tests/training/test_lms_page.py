import pytest
from django.test import Client

from accounts.models import AuditEvent
from training.models import Enrollment, Lane, State

pytestmark = pytest.mark.django_db
PAGE = "/enrollments/lms/"


def test_who_may_see_and_change_it(as_alice, as_bob, connection):
    assert [one.get(PAGE).status_code for one in (as_alice, as_bob, Client())] == [200, 403, 302]
    sent = {"connection": connection.pk, "creates_people": "1"}
    assert as_bob.post(f"{PAGE}people/", sent).status_code == 403


def test_another_accounts_lms_is_not_changed(as_charlie, connection):
    as_charlie.post(f"{PAGE}people/", {"connection": connection.pk, "creates_people": "1"})
    as_charlie.post(PAGE, {"connection": connection.pk})
    assert not Lane.objects.exists()


def test_without_an_lms_it_says_what_to_do(as_charlie):
    assert "Open the Integration Store" in as_charlie.get(PAGE).content.decode()


def test_it_tells_what_waits_and_what_went_wrong(as_alice, act, work, sandbox):
    act()
    sandbox.faults.set("401")
    work()
    page = as_alice.get(PAGE).content.decode()
    assert "Can&#x27;t be asked" in page or "Can't be asked" in page
    assert "refuses the API key" in page or "API key" in page
    sandbox.faults.set("")
    work()
    page = " ".join(as_alice.get(PAGE).content.decode().split())
    assert "Ready" in page
    assert 'Assigned, not completed</dt><dd class="col-sm-8">1</dd>' in page


def test_people_are_made_there_only_when_that_is_switched_on(
    as_alice, act, work, connection, sandbox, litmos
):
    for user_id in list(sandbox.tenant.users):
        sandbox.tenant.delete_user(user_id)
    act()
    work()
    row = Enrollment.objects.get()
    assert (row.reason, sandbox.tenant.users) == ("no_account", {})
    as_alice.post(f"{PAGE}people/", {"connection": connection.pk, "creates_people": "1"})
    as_alice.post(f"/enrollments/{row.pk}/again/")
    work()
    row.refresh_from_db()
    made = next(iter(sandbox.tenant.users.values()))
    assert (row.state, litmos()) == (State.ASSIGNED, (1, 0))
    assert (made["Email"], made["FirstName"], made["LastName"]) == (
        "ann@acme.example",
        "Ann",
        "Lee",
    )
    told = AuditEvent.objects.get(kind="LMS_PEOPLE_SAVED")
    assert (told.before, told.after) == ({"creates_people": False}, {"creates_people": True})
    as_alice.post(f"{PAGE}people/", {"connection": connection.pk})
    assert not Lane.objects.get().creates_people


def test_a_person_inactive_there_is_not_made_anew(as_alice, act, work, connection, sandbox):
    for user_id in list(sandbox.tenant.users):
        sandbox.tenant.deactivate(user_id)
    as_alice.post(f"{PAGE}people/", {"connection": connection.pk, "creates_people": "1"})
    act()
    work()
    assert Enrollment.objects.get().reason == "no_account"
    assert len(sandbox.tenant.users) == 1
