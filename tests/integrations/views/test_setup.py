from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from integrations.contract.provider import ProbeStep
from integrations.contract.records import TeamRecord
from integrations.models import ChosenTeam, Connection, Probe, Status, SyncRun
from tests.factories import SyncRunFactory
from tests.integrations.views import provider
from tests.integrations.views.conftest import HTMX, STORE, text
from tests.integrations.views.provider import EUROPEAN_KEY, GOOD_KEY
from tests.logging_in import confirm

SETUP = f"{STORE}paper/setup/"
TYPED = {
    "api_key": "",
    "region": "us",
    "is_active": "on",
    "sync_content": "COURSES_USERS",
    "default_lms": "NONE",
    "sync_all_groups": "yes",
}
pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def as_alice(as_alice):
    return confirm(as_alice)


def failed(key, code, **args):
    return ProbeStep(key=key, passed=False, code=code, args=args)


def send(client, action, **changes):
    return client.post(SETUP, {**TYPED, "action": action, **changes})


def told(answer):
    return [str(message) for message in answer.wsgi_request._messages]


def save_is_off(answer):
    button = answer.content.decode().partition('id="save-button"')[2].partition(">")[0]
    return " disabled" in button


def settings():
    return Connection.objects.values_list(
        "region", "is_active", "sync_content", "default_lms", "sync_all_groups"
    ).get()


def test_who_may_see_it(client, as_alice, as_bob):
    assert as_alice.get(SETUP).status_code == 200
    assert as_bob.get(SETUP).status_code == 403
    assert client.get(SETUP)["Location"] == f"/login/?next={SETUP}"
    assert as_alice.get(f"{STORE}litmus/setup/").status_code == 404


@pytest.mark.parametrize("action", ["test", "save", "search"])
def test_who_may_send_it(client, as_bob, site, action):
    assert send(as_bob, action, api_key=GOOD_KEY).status_code == 403
    assert send(client, action, api_key=GOOD_KEY)["Location"] == f"/login/?next={SETUP}"
    assert (site.asked, Connection.objects.count()) == ([], 0)


def test_labels_are_the_articles(as_alice):
    said = text(as_alice.get(SETUP))
    for label in (
        "API key",
        "Region",
        "Active",
        "Sync Content Option",
        "Courses Only",
        "Courses &amp; Users",
        "Group Default LMS Connection for Auto-Enrolling",
        "All Groups",
        "Sync All Groups",
        "Test",
        "Save",
    ):
        assert f" {label} " in said


def test_it_opens_as_a_pop_up_and_as_a_page(as_alice):
    assert as_alice.get(SETUP, headers=HTMX).content.startswith(b"<dialog")
    assert b"<h1" in as_alice.get(SETUP).content


def test_save_is_off_and_says_why_until_tested(as_alice):
    page = as_alice.get(SETUP)
    assert save_is_off(page)
    assert "Press Test first: Save works once the test has passed." in text(page)


def test_a_passed_test_shows_its_steps_and_the_teams(as_alice, site):
    page = send(as_alice, "test", api_key=GOOD_KEY, sync_all_groups="no", default_lms="ALL_GROUPS")
    probe = Probe.objects.get()
    said, html = text(page), page.content.decode()
    assert site.asked == [("us", GOOD_KEY)]
    assert "Passed: Paper LMS can be reached Passed: The key is accepted" in said
    assert "Team 0001 Team 0002 Team 0003" in said
    assert f'name="probe" value="{probe.pk}"' in html
    assert 'value="no" id="id_sync_all_groups_1" checked' in html.replace(" required", "")
    assert not save_is_off(page)
    assert GOOD_KEY not in html


def test_a_test_by_htmx_swaps_the_form_alone(as_alice):
    page = as_alice.post(SETUP, {**TYPED, "action": "test", "api_key": GOOD_KEY}, headers=HTMX)
    assert page.content.decode().lstrip().startswith("<form")


def test_a_failed_test_says_cause_and_cure_and_stores_nothing(as_alice):
    page = send(as_alice, "test", api_key="wrong-key-0123456789")
    assert "Paper LMS refused the API key. Copy the key again" in text(page)
    assert save_is_off(page)
    assert "wrong-key" not in page.content.decode()
    assert (Connection.objects.count(), Probe.objects.get().api_key_sealed) == (0, "")


def test_the_region_that_accepts_the_key_is_named(as_alice):
    page = send(as_alice, "test", api_key=EUROPEAN_KEY)
    assert "accepts it in European Union. Choose the region European Union" in text(page)


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (failed("HOST", "unreachable"), "Paper LMS could not be reached."),
        (failed("HOST", "tls"), "its certificate could not be verified"),
        (failed("HOST", "timeout"), "did not answer in time"),
        (failed("OWNER", "not_owner"), "a user who is not an Account Owner"),
        (failed("TEAMS", "no_team"), "Create a team in Paper LMS first"),
        (failed("KEY", "throttled", seconds=41), "Try again in 41 seconds"),
        (failed("HOST", "not_litmos"), "What answered there is not Paper LMS"),
    ],
)
def test_every_failure_has_its_sentence(as_alice, site, step, sentence):
    site.failure = step
    page = send(as_alice, "test", api_key=GOOD_KEY)
    assert sentence in text(page)
    assert save_is_off(page)
    assert Connection.objects.count() == 0


def test_a_test_without_a_key_asks_for_it(as_alice, site):
    assert "Type the API key, then press Test." in text(send(as_alice, "test"))
    assert site.asked == []


def test_a_second_test_uses_the_key_of_the_first(as_alice, site):
    send(as_alice, "test", api_key=EUROPEAN_KEY, region="eu")
    send(as_alice, "test", region="us", probe=Probe.objects.get().pk)
    assert site.asked == [("eu", EUROPEAN_KEY), ("us", EUROPEAN_KEY)]


def test_the_sixth_test_in_a_minute_is_refused(as_alice, site):
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(5):
            send(as_alice, "test", api_key=GOOD_KEY)
        assert "press Test in 60 seconds" in text(send(as_alice, "test", api_key=GOOD_KEY))
    assert len(site.asked) == 5


def test_save_after_a_passed_test_queues_a_sync(as_alice, alice, passed):
    answer = send(as_alice, "save", probe=passed().pk)
    assert (answer.status_code, answer["Location"]) == (302, STORE)
    assert told(answer) == ["Saved. Sync Queued."]
    assert settings() == ("us", True, "COURSES_USERS", "NONE", True)
    assert SyncRun.objects.values_list("trigger", "status", "requested_by").get() == (
        "SAVE",
        "QUEUED",
        alice.pk,
    )


def test_save_by_htmx_sends_the_whole_page_on(as_alice, passed):
    typed = {**TYPED, "action": "save", "probe": passed().pk}
    assert as_alice.post(SETUP, typed, headers=HTMX)["HX-Redirect"] == STORE


def test_save_while_not_active_runs_nothing(as_alice, passed):
    answer = send(as_alice, "save", probe=passed().pk, is_active="")
    off = "Saved. The integration is off: nothing runs until you choose Run Sync."
    assert told(answer) == [off]
    assert (settings()[1], SyncRun.objects.count()) == (False, 0)


def test_save_while_a_run_is_open_queues_no_second(as_alice, connection):
    SyncRunFactory(connection=connection, status=Status.RUNNING)
    answer = send(as_alice, "save", default_lms="ALL_GROUPS")
    later = "Saved. A sync is already running; the new settings apply from the next one."
    assert told(answer) == [later]
    assert (settings()[3], SyncRun.objects.count()) == ("ALL_GROUPS", 1)


@pytest.mark.parametrize(
    "why",
    ["no test", "not a test", "failed", "old", "other region", "other key", "other account's"],
)
def test_save_without_a_fitting_test_is_refused(as_alice, passed, globex, why):
    probe = None if why == "no test" else passed()
    typed = {"probe": "'; drop" if why == "not a test" else (probe.pk if probe else "")}
    if why == "failed":
        Probe.objects.update(has_passed=False)
    elif why == "old":
        Probe.objects.update(created_at=timezone.now() - timedelta(minutes=30, seconds=1))
    elif why == "other region":
        typed["region"] = "eu"
    elif why == "other key":
        typed["api_key"] = "another-key-0123456789"
    elif why == "other account's":
        Probe.objects.update(account=globex)
    page = send(as_alice, "save", **typed)
    assert "Press Test first. Save needs a test that has passed" in text(page)
    assert Connection.objects.count() == 0
    assert "another-key" not in page.content.decode()


def test_settings_of_a_connection_need_no_test(as_alice, connection):
    assert not save_is_off(as_alice.get(SETUP))
    assert send(as_alice, "save", sync_content="COURSES").status_code == 302
    assert settings()[2] == "COURSES"


def test_a_new_key_or_region_of_a_connection_needs_one(as_alice, connection):
    for change in ({"api_key": EUROPEAN_KEY}, {"region": "eu"}):
        assert "Press Test first." in text(send(as_alice, "save", **change))
    assert settings()[0] == "us"


def test_no_team_chosen_is_told_with_its_cure(as_alice, passed):
    page = send(as_alice, "save", probe=passed().pk, sync_all_groups="no")
    assert "Choose at least one group to sync, or set Sync All Groups to Yes." in text(page)
    assert Connection.objects.count() == 0


def test_the_chosen_teams_are_stored(as_alice, passed):
    send(as_alice, "save", probe=passed().pk, sync_all_groups="no", teams=["t1", "t3"])
    assert list(ChosenTeam.objects.order_by("name").values_list("integration_id", "name")) == [
        ("t1", "Team 0001"),
        ("t3", "Team 0003"),
    ]


def test_a_team_of_nobody_is_refused(as_alice, passed):
    page = send(as_alice, "save", probe=passed().pk, sync_all_groups="no", teams=["t1", "t99"])
    assert "is not among the teams of Paper LMS" in text(page)
    assert Connection.objects.count() == 0


@pytest.mark.parametrize("changes", [{}, {"sync_content": "COURSES", "sync_all_groups": "no"}])
def test_teams_don_t_count_when_none_is_to_be_chosen(as_alice, passed, changes):
    assert send(as_alice, "save", probe=passed().pk, teams=["t99"], **changes).status_code == 302
    assert ChosenTeam.objects.count() == 0


def test_before_a_test_there_are_no_teams(as_alice, connection):
    assert "Press Test to load the teams of Paper LMS." in text(as_alice.get(SETUP))


def test_settings_show_the_teams_of_the_last_passed_test(as_alice, acme, connection, passed):
    passed(created_at=timezone.now() - timedelta(days=2))
    connection.sync_all_groups = False
    connection.save()
    for key, name in (("t2", "Team 0002"), ("gone", "Closed down")):
        ChosenTeam.objects.create(
            account=acme, connection=connection, integration_id=key, name=name
        )
    page = as_alice.get(SETUP)
    assert "Closed down No longer there Team 0001 Team 0002 Team 0003" in text(page)
    assert page.content.decode().count(" checked>") >= 2
    answer = send(as_alice, "save", sync_all_groups="no", teams=["gone", "t3"])
    assert answer.status_code == 302
    assert set(ChosenTeam.objects.values_list("integration_id", flat=True)) == {"gone", "t3"}


def test_names_of_teams_are_inert_and_have_their_path(as_alice, site):
    site.teams = [
        TeamRecord("a", "<img src=x onerror=alert(1)>"),
        TeamRecord("b", '"><svg/onload=alert(1)>', parent_id="a"),
    ]
    html = send(as_alice, "test", api_key=GOOD_KEY).content.decode()
    assert "<img src=x" not in html
    assert "<svg/onload" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; / &quot;&gt;&lt;svg/onload" in html


def test_queries_of_the_form(as_alice, connection, passed, site, django_assert_max_num_queries):
    site.has_teams(3000)
    passed()
    with django_assert_max_num_queries(12):
        as_alice.get(SETUP)
    assert provider.SITE is site
