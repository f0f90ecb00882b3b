"""Whoever was erased stays out, whichever way Litmos is read, and nothing tells who they were."""

import json

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts import audit
from accounts.models import AuditEvent
from integrations.models import Change, SentMail, StagedPerson, SyncRun
from integrations.services import open_run
from integrations.services.erasing import RunOpen
from targets import services
from targets.models import ImportDraft, Suppression, Target
from targets.suppression import lift
from tests.integrations.sync.states import dump, log, memberships, people
from training.models import Action, Campaign, Enrollment, Login
from training.services.erasing import all_about, erase_person
from training.services.taking import NewAction, take_actions
from webhooks.models import Delivery
from webhooks.services import make_endpoint

pytestmark = pytest.mark.django_db
WHO = ("ann@acme.example", "Ann Lee", "ANN@ACME")


@pytest.fixture
def ann(sync, remote, scoped, alice):
    """Has left traces wherever there can be some."""
    remote.people["P1"]["city"] = "Ann Lee Town"
    sync()
    remote.person("P7", "ANN@acme.example", "T2", name="Ann's Rival")
    remote.people["P1"]["title"] = "Boss"
    sync()
    sync("PERSON", person_id="P1")
    target = Target.objects.get(email="ann@acme.example")
    with audit.coming_from(audit.Origin(user=alice)):
        services.set_active(target=target, is_active=False)
        members = target.memberships.all()
        services.set_memberships(memberships=members, is_active=False)
        audit.record(account=scoped, kind="SYNC_STARTED", subject="Ann Lee alone")
        audit.record(account=scoped, kind="TARGET_EDITED", before={"email": "ann@acme.example"})
    campaign = Campaign.objects.create(account=scoped, name="Autumn", state="RUNNING")
    take_actions(
        campaign=campaign,
        actions=[NewAction("CLICKED", "ann@acme.example", timezone.now())],
        door="API",
    )
    course = scoped.courses.get()
    enrollment = Enrollment.objects.create(
        account=scoped,
        campaign=campaign,
        action=Action.objects.get(),
        target=target,
        course=course,
        due_at=timezone.now(),
    )
    enrollment.timeline.create(account=scoped, step="ACTED", values={"name": "Ann Lee"})
    Login.objects.create(
        account=scoped,
        connection=course.connection,
        integration_id="P1",
        user_name="ann@acme.example",
        email_key="ann@acme.example",
        is_active=True,
        read_at=timezone.now(),
    )
    SentMail.objects.create(
        account=scoped,
        template="drift_report",
        occasion="one",
        recipient="boss@acme.example",
        subject="Ann Lee would leave",
        text="ann@acme.example",
        html="<b>Ann Lee</b>",
    )
    endpoint, _ = make_endpoint(account=scoped, address="https://a.example.com/", events=[])
    Delivery.objects.create(
        account=scoped,
        endpoint=endpoint,
        type="enrollment.completed",
        body={"email": "ann@acme.example"},
    )
    ImportDraft.objects.create(
        account=scoped, made_by=alice, name="a.csv", rows=[["E-mail"], ["ann@acme.example"]]
    )
    SyncRun.objects.update(error_detail="Ann Lee, ann@acme.example, is there twice")
    return target


def found_in_dump() -> list[str]:
    text = dump().casefold()
    return [word for word in WHO if word.casefold() in text]


def test_row_55_nothing_that_is_kept_tells_who_they_were(ann, alice, scoped):
    assert found_in_dump() == list(WHO)
    erase_person(target=ann, user=alice)
    assert found_in_dump() == []
    assert (Action.objects.get().email, Enrollment.objects.count()) == ("", 0)
    assert {name for name, _ in people().items()} == {
        "bo@acme.example",
        "cy@acme.example",
    }
    event = AuditEvent.objects.latest("pk")
    assert (event.kind, event.subject, event.after) == ("TARGET_ERASED", "one person", {})


def test_row_55_no_sync_brings_them_back(ann, alice, sync, remote):
    erase_person(target=ann, user=alice)
    before = people(), memberships()
    run = sync()
    assert (people(), memberships()) == before
    assert ("PERSON", "SKIP", "P1", "ERASED", "SKIPPED") in log(run)
    assert found_in_dump() == []
    alone = sync("PERSON", person_id="P1")
    assert (people(), memberships()) == before
    assert alone.evidence[0]["code"] == "ERASED"
    assert found_in_dump() == []


def test_row_55_neither_another_address_nor_another_id_does(ann, alice, sync, remote):
    erase_person(target=ann, user=alice)
    remote.people["P1"]["email"] = "ann.new@acme.example"
    del remote.people["P7"]
    sync()
    assert "ann.new@acme.example" not in people()
    remote.person("P99", "Ann@ACME.example", "T1", name="Ann Lee")
    sync()
    assert found_in_dump() == []
    assert set(people()) == {"bo@acme.example", "cy@acme.example"}


def test_row_55_a_night_of_changes_does_not(night, sync, crowd, alice):
    sync()
    target = Target.objects.get(email="ann@acme.example")
    erase_person(target=target, user=alice)
    assert found_in_dump() == []
    crowd.people["P1"]["title"] = "Boss"
    run = night()
    assert run.status == "SYNCED"
    assert "ann@acme.example" not in people()
    assert found_in_dump() == []


def test_once_let_back_they_come(ann, alice, sync, scoped, remote):
    del remote.people["P7"]
    erase_person(target=ann, user=alice)
    assert not lift(account=scoped, email="bo@acme.example")
    assert lift(account=scoped, email="ANN@acme.example")
    assert not Suppression.objects.exists()
    sync()
    assert people()["ann@acme.example"] == "Ann Lee"


def test_other_accounts_are_others(ann, alice, globex):
    erase_person(target=ann, user=alice)
    with scopes_disabled():
        assert set(Suppression.objects.values_list("account", flat=True)) == {ann.account_id}


def test_nobody_is_erased_while_a_sync_is_open(ann, alice, connection):
    open_run(connection=connection, trigger="MANUAL")
    with pytest.raises(RunOpen):
        erase_person(target=ann, user=alice)
    assert found_in_dump() == list(WHO)


def test_what_is_held_of_them_is_decided(ann, alice, sync, remote):
    run = SyncRun.objects.latest("pk")
    run.status, run.counts = "HELD", {"PERSON.DEACTIVATE.HELD": 1}
    run.save()
    Change.objects.create(
        account=run.account,
        run=run,
        kind="PERSON",
        action="DEACTIVATE",
        outcome="HELD",
        label="Ann Lee",
        target_id=ann.pk,
        integration_id="P1",
    )
    erase_person(target=ann, user=alice)
    run.refresh_from_db()
    assert run.status == "SYNCED"
    assert not Change.objects.filter(outcome="HELD").exists()


def test_row_55_all_that_is_kept_can_be_taken_along(ann):
    told = all_about(ann)
    assert {name: len(rows) for name, rows in told.items()} == {
        "target": 1,
        "memberships": 1,
        "links": 1,
        "lms_links": 0,
        "log_lines": len(told["log_lines"]),
        "actions": 1,
        "enrollments": 1,
        "timeline": 1,
        "logins": 1,
        "completions": 0,
        "webhook_events": 1,
        "emails": 1,
        "audit_log": len(told["audit_log"]),
    }
    assert len(told["log_lines"]) >= 2
    assert [row["kind"] for row in told["audit_log"]] == [
        "TARGET_SWITCHED",
        "MEMBERSHIP_SWITCHED",
        "SYNC_STARTED",
        "TARGET_EDITED",
    ]
    assert told["target"][0]["email"] == "ann@acme.example"


def test_a_later_action_of_theirs_has_no_name(ann, alice, scoped):
    erase_person(target=ann, user=alice)
    campaign = Campaign.objects.get()
    act = NewAction("OPENED", "ann@acme.example", timezone.now())
    take_actions(campaign=campaign, actions=[act], door="API")
    assert set(Action.objects.values_list("email", "target")) == {("", None)}


def test_what_was_read_of_them_is_blank(ann, alice):
    erase_person(target=ann, user=alice)
    assert not StagedPerson.objects.exclude(email_key="").filter(integration_id="P1").exists()


PAGE = "/targets/{}/erase/"


@pytest.fixture
def confirmed(as_alice):
    as_alice.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    return as_alice


def test_the_page_asks_for_the_address(ann, confirmed):
    page = PAGE.format(ann.pk)
    assert "This can't be undone." in confirmed.get(page).text
    assert "This is not the address of" in confirmed.post(page, {"email": "bo@x.example"}).text
    assert Target.objects.filter(pk=ann.pk).exists()
    answer = confirmed.post(page, {"email": " ANN@acme.example"}, follow=True)
    assert "The person is erased, and stays out." in answer.text
    assert found_in_dump() == []


def test_row_18_erasing_asks_for_the_password(ann, as_alice):
    session = as_alice.session
    session["account_authentication_methods"] = []
    session.save()
    answer = as_alice.post(PAGE.format(ann.pk), {"email": "ann@acme.example"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert Target.objects.filter(pk=ann.pk).exists()


def test_the_page_of_erased_people_lets_one_back(ann, alice, as_alice):
    assert "Nobody was erased." in as_alice.get("/targets/erased/").text
    erase_person(target=ann, user=alice)
    assert "1 person was erased" in as_alice.get("/targets/erased/").text
    refused = as_alice.post("/targets/erased/", {"email": "bo@acme.example"})
    assert "Nobody of this address was erased here." in refused.text
    answer = as_alice.post("/targets/erased/", {"email": "ann@acme.example"}, follow=True)
    assert "They may come back" in answer.text
    assert AuditEvent.objects.latest("pk").kind == "ERASURE_LIFTED"
    assert "ann@" not in dump()


def test_the_export_is_a_file(ann, as_alice, as_bob):
    answer = as_alice.get(f"/targets/{ann.pk}/person.json")
    assert answer["Content-Disposition"] == f'attachment; filename="person-{ann.pk}.json"'
    assert json.loads(answer.content)["target"][0]["name"] == "Ann Lee"
    assert as_bob.get(f"/targets/{ann.pk}/person.json").status_code == 403


def test_why_not_here_says_so(ann, alice, as_alice):
    erase_person(target=ann, user=alice)
    page = as_alice.get("/administration/integrations/litmos/why/?q=ann@acme.example").text
    assert "Is not here: was erased here" in page
