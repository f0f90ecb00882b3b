import pytest

from accounts.models import AuditEvent
from integrations.contract.errors import Credentials
from integrations.models import SyncRun, TargetLink
from integrations.sync.field_rules import fields_with
from targets.selectors import FIELDS
from tests.factories import TargetFactory
from tests.integrations.views.conftest import STORE, text

PAGE = f"{STORE}paper/fields/"
RULED = [name for name in FIELDS if name != "email"]
pytestmark = pytest.mark.usefixtures("in_acme")


def form(action="save", **rules) -> dict[str, str]:
    return {**dict.fromkeys(RULED, "FOLLOW"), **rules, "action": action}


def test_all_21_fields_are_shown_and_two_have_no_choice(as_alice, connection):
    answer = as_alice.get(PAGE)
    assert list(answer.context["form"].fields) == RULED
    codes = [f"<code>{name}</code>" for name in ("integration_id", *FIELDS)]
    assert [code for code in codes if code not in answer.text] == []


def test_saved_shown_and_audited(as_alice, connection):
    answer = as_alice.post(PAGE, form(city="KEEP", phone_mobile="LEAVE_OUT"))
    assert answer["Location"] == PAGE
    connection.refresh_from_db()
    assert connection.field_rules == {"city": "KEEP", "phone_mobile": "LEAVE_OUT"}
    assert fields_with(connection.field_rules, "KEEP") == {"city"}
    event = AuditEvent.objects.get(kind="FIELDS_SAVED")
    assert (event.before, event.after) == (
        {"city": "FOLLOW", "phone_mobile": "FOLLOW"},
        {"city": "KEEP", "phone_mobile": "LEAVE_OUT"},
    )
    shown = as_alice.get(PAGE).context["form"]
    assert (shown["city"].value(), shown["state"].value()) == ("KEEP", "FOLLOW")

    as_alice.post(PAGE, form())
    connection.refresh_from_db()
    assert connection.field_rules == {}


def test_saved_and_previewed(as_alice, connection):
    answer = as_alice.post(PAGE, form("preview", city="KEEP"))
    run = SyncRun.objects.get()
    assert (run.is_preview, run.field_rules) == (True, {"city": "KEEP"})
    assert answer["Location"] == f"{STORE}paper/runs/{run.pk}/"
    again = as_alice.post(PAGE, form("preview"), follow=True)
    assert "A sync of this integration is open already." in text(again)


@pytest.mark.parametrize(
    "sent", [{"city": "DROP"}, {"city": ""}, {"email": "LEAVE_OUT", "name": "x"}]
)
def test_what_no_rule_is_changes_nothing_and_stays_typed(as_alice, connection, sent):
    answer = as_alice.post(PAGE, form(title="KEEP", **sent))
    assert answer.status_code == 200
    assert answer.context["form"]["title"].value() == "KEEP"
    connection.refresh_from_db()
    assert connection.field_rules == {}


def test_the_e_mail_address_is_always_followed(as_alice, connection):
    as_alice.post(PAGE, form(email="LEAVE_OUT"))
    connection.refresh_from_db()
    assert connection.field_rules == {}


def test_an_example_of_somebody_who_came_over(as_alice, acme, connection, site):
    site.remote.person("P1", "first@acme.example", city="Rome")
    site.remote.person("P2", "ann@acme.example", city="Bern")
    TargetLink.objects.create(
        account=acme, connection=connection, target=TargetFactory(account=acme), integration_id="P2"
    )
    answer = as_alice.post(PAGE, form("example", city="KEEP"))
    assert answer.context["example"]["email"] == "ann@acme.example"
    assert "Bern" in text(answer)
    assert answer.context["form"]["city"].value() == "KEEP"
    connection.refresh_from_db()
    assert connection.field_rules == {}


def test_an_example_before_the_first_sync_and_of_nobody(as_alice, connection, site):
    assert "There is nobody to show" in text(as_alice.post(PAGE, form("example")))
    site.remote.person("P1", "first@acme.example", city="Rome")
    assert "Rome" in text(as_alice.post(PAGE, form("example")))
    site.error = Credentials("key_refused")
    assert "Paper LMS refused the API key." in text(as_alice.post(PAGE, form("example")))


def test_an_example_s_values_are_inert(as_alice, connection, site):
    site.remote.person("P1", "first@acme.example", city="<script>alert(1)</script>")
    assert "<script>alert" not in as_alice.post(PAGE, form("example")).text


def test_who_opens_it(client, as_bob, as_charlie, connection):
    assert client.get(PAGE)["Location"] == f"/login/?next={PAGE}"
    assert as_bob.get(PAGE).status_code == 403
    assert as_bob.post(PAGE, form(city="KEEP")).status_code == 403
    assert as_charlie.get(PAGE).status_code == 404
