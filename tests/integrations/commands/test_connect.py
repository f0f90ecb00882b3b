import io
import json

import pytest
from django.core.management import CommandError, call_command

from integrations.models import ChosenTeam, Connection, Probe, SyncRun
from targets.models import Target
from tests.integrations.commands.provider import GOOD_KEY

pytestmark = pytest.mark.usefixtures("remote", "in_acme")
ARGUMENTS = ("--account", "acme", "--provider", "memory", "--region", "over here")


def connect(*more):
    out, errors = io.StringIO(), io.StringIO()
    call_command("connect", *ARGUMENTS, *more, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def stored():
    return Connection.objects.values(
        "provider", "region", "is_active", "sync_content", "default_lms", "sync_all_groups"
    ).get()


def nothing_is_stored():
    return not Connection.objects.exists() and not SyncRun.objects.exists()


def test_connect_tests_saves_and_queues(typed):
    typed(f"{GOOD_KEY}\n")
    out, errors = connect()
    run = SyncRun.objects.get()
    assert out == f"Sync {run.pk}: Sync Queued. A worker carries it out.\n"
    assert errors == "The key is accepted\n"
    assert stored() == {
        "provider": "memory",
        "region": "here",
        "is_active": True,
        "sync_content": "COURSES_USERS",
        "default_lms": "NONE",
        "sync_all_groups": True,
    }


def test_connect_waits_for_the_worker_and_tells_what_it_did(typed, worker):
    typed(GOOD_KEY)
    out, _ = connect("--wait", "--json", "--groups", 'sales,"Berlin, Germany"')
    told = json.loads(out)
    assert told.pop("seconds") >= 0
    assert told.pop("counts")
    assert told == {
        "run": SyncRun.objects.get().pk,
        "status": "SYNCED",
        "trigger": "SAVE",
        "error_code": "",
        "hold_reason": "",
        "warnings": 0,
        "calls": told["calls"],
        "groups": 2,
        "targets": 2,
        "courses": 1,
    }
    assert set(Target.objects.values_list("email", flat=True)) == {
        "ann@acme.example",
        "bob@acme.example",
    }


def test_connect_inactive_stores_and_runs_nothing(typed):
    typed(GOOD_KEY)
    out, _ = connect(
        *("--inactive", "--content", "courses", "--default-lms", "all", "--groups", "Sales")
    )
    assert out == "Saved. Memory is not active: nothing is synced.\n"
    assert not SyncRun.objects.exists()
    assert (stored()["sync_content"], stored()["default_lms"]) == ("COURSES", "ALL_GROUPS")


def test_connect_keeps_the_chosen_teams(typed):
    typed(GOOD_KEY)
    connect("--groups", ' "berlin, germany" , SALES')
    chosen = ChosenTeam.objects.values_list("integration_id", "name")
    assert set(chosen) == {("t1", "Sales"), ("t4", "Berlin, Germany")}


def test_without_a_passed_test_nothing_is_saved(typed):
    typed("another-key-0123456789")
    with pytest.raises(CommandError, match="did not pass: nothing is saved") as refusal:
        connect()
    assert refusal.value.returncode == 1
    assert nothing_is_stored()


def test_an_empty_key_stands_for_the_stored_one(typed):
    typed("")
    with pytest.raises(CommandError, match="did not pass"):
        connect()
    typed(GOOD_KEY)
    connect("--inactive")
    typed("")
    connect("--default-lms", "all")
    assert stored()["default_lms"] == "ALL_GROUPS"
    assert stored()["is_active"] is True


def test_the_key_is_printed_nowhere(typed, capsys):
    typed(GOOD_KEY)
    out, errors = connect()
    captured = capsys.readouterr()
    assert GOOD_KEY not in out + errors + captured.out + captured.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--groups", "Nobody"],
            "There is no team “Nobody”. There are: “Berlin, Germany”, “Sales”",
        ),
        (["--groups", "Twins"], "“Twins” names 2 teams"),
        (["--groups", " , "], "--groups names no team"),
        (["--region", "Moon"], "Memory has no region “Moon”. There are: “Over Here”."),
        (["--account", "Umbrella"], "There is no account “Umbrella”. There are: “Acme”."),
        (["--provider", "moodle"], "There is no provider “moodle”. There are: .*“memory”"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(typed, arguments, sentence):
    typed(GOOD_KEY)
    with pytest.raises(CommandError, match=sentence) as refusal:
        connect(*arguments)
    assert refusal.value.returncode == 2
    assert nothing_is_stored()


def test_too_many_tests_are_refused_with_the_seconds_to_wait(typed, in_acme):
    for _ in range(5):
        Probe.objects.create(account=in_acme, provider="memory", region="here")
    typed(GOOD_KEY)
    with pytest.raises(CommandError, match=r"Too many tests: wait \d+ seconds"):
        connect()
