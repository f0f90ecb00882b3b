import pytest

from integrations.contract.errors import Credentials
from integrations.models import Change, SyncRun, TargetLink
from integrations.services import advance
from tests.factories import SyncRunFactory, TargetFactory
from tests.integrations.views.conftest import STORE, text

WHY = f"{STORE}paper/why/"
SYNC_PERSON = f"{STORE}paper/people/sync/"
pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def people(site):
    site.remote.team("t1", "Sales")
    site.remote.person("p1", "ann@acme.example", "t1", name="Ann Lee")
    return site.remote


def told(answer):
    return [str(message) for message in answer.wsgi_request._messages]


@pytest.mark.parametrize("address", [WHY, SYNC_PERSON])
def test_who_may(client, as_bob, as_charlie, connection, address):
    assert as_bob.post(address).status_code == 403
    assert as_charlie.post(address).status_code == 404
    assert client.post(address)["Location"] == f"/login/?next={address}"


def test_the_question_is_asked_first(as_alice, connection):
    said = text(as_alice.get(WHY))
    assert "Name or e-mail address" in said
    assert "Ask Paper LMS now" not in said
    assert "Ask Paper LMS now" not in text(as_alice.get(f"{WHY}?q=a"))


def test_nobody_of_that_name(as_alice, connection):
    said = text(as_alice.get(f"{WHY}?q=zoe"))
    assert "Nobody of this name or address" in said
    assert "no whole sync has ended yet" in said


def test_from_what_the_last_sync_saw(as_alice, connection, acme):
    run = SyncRunFactory(connection=connection)
    row = {"kind": "PERSON", "action": "SKIP", "outcome": "SKIPPED", "reason": "NO_EMAIL"}
    Change.objects.create(account=acme, run=run, label="Zoe Ek", integration_id="p9", **row)
    page = as_alice.get(f"{WHY}?q=zoe")
    assert "Zoe Ek Is not here: has no e-mail address at Paper. Sync this person" in text(page)
    assert 'name="person_id" value="p9"' in page.text


def test_asking_the_provider(as_alice, connection, people):
    said = text(as_alice.post(WHY, {"q": "ann"}))
    assert "Ann Lee ann@acme.example Nothing keeps this person out" in said
    assert "Nobody at Paper LMS has a name" in text(as_alice.post(WHY, {"q": "zoe"}))
    assert not SyncRun.objects.exists()


def test_provider_that_can_not_be_asked(as_alice, connection, site):
    site.error = Credentials("key_refused")
    said = text(as_alice.post(WHY, {"q": "ann"}))
    assert "Paper LMS refused the API key. Copy the key again" in said
    assert "Nobody at Paper LMS" not in said


def test_what_is_typed_is_shown_as_text(as_alice, connection):
    assert "<script>x" not in as_alice.post(WHY, {"q": "<script>x"}).text


def test_sync_of_a_person_shows_its_five_steps(as_alice, connection, people):
    answer = as_alice.post(SYNC_PERSON, {"person_id": " p1 "})
    run = SyncRun.objects.get()
    address = f"{STORE}paper/runs/{run.pk}/"
    assert answer["Location"] == address
    assert (run.trigger, run.person_id, run.requested_by.email) == (
        "PERSON",
        "p1",
        "alice@acme.example",
    )

    advance(run_id=run.pk)

    said = text(as_alice.get(address))
    assert "Started by Sync of the person p1, by Alice" in said
    assert (
        "Passed: Paper answers Passed: Found at Paper: Ann Lee, ann@acme.example "
        "Failed: Looking for synced teams Is only in teams not synced: Sales."
    ) in said
    assert "Failed: Matching with a target Is in no team that is synced." in said


def test_sync_of_a_targets_person(as_alice, acme, connection, people):
    target = TargetFactory(account=acme, email="ann@acme.example")
    TargetLink.objects.create(
        account=acme, connection=connection, target=target, integration_id="p1"
    )
    page = as_alice.get(f"/targets/{target.pk}/").text
    assert f'action="{SYNC_PERSON}"' in page
    as_alice.post(SYNC_PERSON, {"target": target.pk})
    assert SyncRun.objects.get().person_id == "p1"


@pytest.mark.parametrize("person_id", ["", " ", "x" * 65, "a\nb"])
def test_what_is_no_id(as_alice, connection, person_id):
    answer = as_alice.post(SYNC_PERSON, {"person_id": person_id})
    assert told(answer) == ["This is not an Id that a person could have."]
    assert not SyncRun.objects.exists()


def test_another_accounts_target(as_alice, globex, connection):
    other = TargetFactory(account=globex)
    assert as_alice.post(SYNC_PERSON, {"target": other.pk}).status_code == 404


def test_while_a_sync_is_open(as_alice, connection):
    run = SyncRunFactory(connection=connection, status="RUNNING", finished_at=None)
    answer = as_alice.post(SYNC_PERSON, {"person_id": "p1"})
    assert answer["Location"] == f"{STORE}paper/runs/{run.pk}/"
    assert "A sync of this integration is open already" in told(answer)[0]


def test_link_from_the_targets(as_alice, as_bob, acme, connection):
    TargetFactory(account=acme)
    assert 'href="/targets/why/"' in as_alice.get("/targets/").text
    assert "/targets/why/" not in as_bob.get("/targets/").text
    assert as_alice.get("/targets/why/?q=a%26b")["Location"] == f"{WHY}?q=a%26b"


def test_link_without_an_integration(as_alice):
    assert as_alice.get("/targets/why/")["Location"] == STORE
