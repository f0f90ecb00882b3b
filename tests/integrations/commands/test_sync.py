import io
import json

import pytest
from django.core.management import CommandError, call_command

from integrations.models import Connection, SyncRun
from integrations.services.keys import put_key
from tests.integrations.commands.provider import GOOD_KEY

pytestmark = pytest.mark.usefixtures("remote", "in_acme")


@pytest.fixture
def connection(in_acme):
    made = Connection(account=in_acme, provider="memory", region="here", auto_sync_zone="UTC")
    put_key(made, GOOD_KEY)
    made.save()
    return made


def sync(*more):
    out, errors = io.StringIO(), io.StringIO()
    call_command(
        "sync", "--account", "Acme", "--provider", "memory", *more, stdout=out, stderr=errors
    )
    return out.getvalue(), errors.getvalue()


def test_sync_queues_a_run_by_hand(connection):
    sync()
    run = SyncRun.objects.get()
    assert (run.connection, run.trigger, run.status) == (connection, "MANUAL", "QUEUED")


def test_sync_waits_and_tells(connection, worker):
    out, errors = sync("--wait")
    run = SyncRun.objects.get()
    assert out.startswith(f"Sync {run.pk}: Synced")
    assert f"4 groups, 2 targets, 1 courses; {run.calls} API calls" in out
    assert errors == ""


def test_only_who_is_there_now_is_counted(connection, worker, remote):
    sync("--wait")
    remote.members["t4"].remove("p2")
    remote.people["p2"]["is_active"] = False
    del remote.teams["t3"]
    remote.courses["c1"]["is_active"] = False
    told = json.loads(sync("--wait", "--json")[0])
    assert (told["groups"], told["targets"], told["courses"]) == (3, 1, 0)


def test_sync_joins_the_run_that_is_open(connection):
    sync()
    out, errors = sync("--json")
    run = SyncRun.objects.get()
    assert json.loads(out)["run"] == run.pk
    assert errors == "A sync is open already; this tells of that one.\n"


def test_a_failed_sync_exits_with_1_and_says_why(connection, worker):
    put_key(connection, "refused-key-0123456789")
    connection.save()
    out = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command(
            *("sync", "--account", "Acme", "--provider", "memory", "--wait", "--json"), stdout=out
        )
    assert failure.value.returncode == 1
    told = json.loads(out.getvalue())
    assert (told["status"], told["error_code"]) == ("FAILED", "key_refused")


def test_sync_of_what_is_not_set_up_exits_with_2():
    with pytest.raises(CommandError, match="Memory is not set up in Acme") as refusal:
        sync()
    assert refusal.value.returncode == 2
