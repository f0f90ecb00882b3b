from urllib.parse import quote

import pytest
from django.forms.models import model_to_dict

from accounts.models import SeatRule
from tests.factories import PASSWORD
from tests.logging_in import confirm

GENERAL = "/administration/account/"
NOTIFICATIONS = "/administration/account/notifications/"


def general(**changes):
    form = {"name": "Acme", "time_zone": "UTC", "seat_limit": "", "seat_rule": "IMPORT_ALL"}
    return form | changes


def test_general_settings_are_saved(as_alice, acme, globex):
    form = general(
        name=" Acme Ltd ", time_zone="Europe/Berlin", seat_limit="50", seat_rule="UP_TO_LIMIT"
    )
    answer = as_alice.post(GENERAL, form, follow=True)
    assert "The settings are saved." in answer.text
    acme.refresh_from_db()
    assert model_to_dict(acme) == {
        "id": acme.pk,
        "name": "Acme Ltd",
        "time_zone": "Europe/Berlin",
        "seat_limit": 50,
        "seat_rule": SeatRule.UP_TO_LIMIT,
        "account_manager_email": "",
        "is_quiet_sync_mailed": False,
        "is_drift_mailed": False,
        "is_mfa_required": False,
    }
    globex.refresh_from_db()
    assert globex.name == "Globex"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 201, "at most 200 characters"),
        ("name", "gLOBEX", "Another account has this name."),
        ("name", "a\x00b", "Null characters are not allowed."),
        ("time_zone", "Europe/Atlantis", "Select a valid choice."),
        ("seat_limit", "0", "greater than or equal to 1"),
        ("seat_limit", "-5", "greater than or equal to 1"),
        ("seat_limit", "9999999999", "less than or equal to 2147483647"),
        ("seat_limit", "many", "Enter a whole number."),
        ("seat_rule", "NONSENSE", "Select a valid choice."),
    ],
)
def test_refused_settings_keep_what_was_typed(as_alice, acme, globex, field, typed, sentence):
    before = model_to_dict(acme)
    other, value = ("seat_limit", "77") if field != "seat_limit" else ("name", "Acme Limited")
    answer = as_alice.post(GENERAL, general(**{other: value, field: typed}))
    assert answer.status_code == 200
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]
    assert (form[field].value(), form[other].value()) == (typed, value)
    assert f'value="{value}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert f'id="id_{field}_error"' in answer.text
    acme.refresh_from_db()
    assert model_to_dict(acme) == before


def test_a_refused_name_is_not_shown_as_the_account(as_alice, acme):
    answer = as_alice.post(GENERAL, general(name="Acme Two", seat_limit="many"))
    assert answer.context["account"].name == "Acme"


def test_a_zone_without_a_place_stays_when_it_is_the_stored_one(as_alice, acme):
    acme.time_zone = "EST5EDT"
    acme.save()
    assert as_alice.post(GENERAL, general(time_zone="EST5EDT")).status_code == 302


def test_notifications_are_saved_and_leave_the_rest(as_alice, acme):
    before = model_to_dict(acme)
    switches = ("is_quiet_sync_mailed", "is_drift_mailed")
    form = {"account_manager_email": "boss@acme.example", **dict.fromkeys(switches, "on")}
    assert confirm(as_alice).post(NOTIFICATIONS, form)["Location"] == NOTIFICATIONS
    acme.refresh_from_db()
    changed = {**form, **dict.fromkeys(switches, True)}
    assert model_to_dict(acme) == before | changed


def test_row_18_the_manager_s_address_is_changed_after_a_fresh_log_in(as_alice, acme):
    form = {"account_manager_email": "boss@acme.example"}
    asked = as_alice.post(NOTIFICATIONS, form)["Location"]
    assert asked == f"/accounts/reauthenticate/?next={quote(NOTIFICATIONS, safe='')}"
    acme.refresh_from_db()
    assert acme.account_manager_email == ""
    page = as_alice.post(asked, {"password": PASSWORD}, follow=True)
    assert "The settings are saved." in page.text
    acme.refresh_from_db()
    assert acme.account_manager_email == "boss@acme.example"


def test_other_notifications_are_changed_without(as_alice, acme):
    assert as_alice.post(NOTIFICATIONS, {"is_drift_mailed": "on"})["Location"] == NOTIFICATIONS
    acme.refresh_from_db()
    assert acme.is_drift_mailed


@pytest.mark.parametrize(
    "typed", ["boss", "a@b, c@d.example", "boss@acme.example\r\nBcc: x@y.example"]
)
def test_a_wrong_manager_address_is_refused(as_alice, acme, typed):
    answer = as_alice.post(NOTIFICATIONS, {"account_manager_email": typed})
    assert answer.context["form"].errors == {
        "account_manager_email": ["Enter a valid email address."]
    }
    acme.refresh_from_db()
    assert acme.account_manager_email == ""


@pytest.mark.parametrize("field", ["id", "created_at", "account_manager_email", "account"])
def test_fields_of_other_pages_are_left_alone(as_alice, acme, field):
    before = model_to_dict(acme) | {"created_at": acme.created_at}
    as_alice.post(GENERAL, general(**{field: "7"}))
    acme.refresh_from_db()
    assert model_to_dict(acme) | {"created_at": acme.created_at} == before


def test_controls_have_their_names(as_alice):
    page = as_alice.get(NOTIFICATIONS).text
    assert "Account Manager Email</label>" in page
    assert "Also mail nightly syncs that changed nothing" in page
