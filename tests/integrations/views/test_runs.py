import csv
import io
import re
from datetime import timedelta

import pytest

from integrations.models import Change, Status, Trigger
from tests.factories import GroupFactory, SyncRunFactory
from tests.integrations.views.conftest import STORE, text

RUNS = f"{STORE}paper/runs/"
pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def run(connection, alice):
    return SyncRunFactory(
        connection=connection,
        requested_by=alice,
        calls=12,
        counts={
            "PERSON.CREATE.APPLIED": 2,
            "PERSON.DEACTIVATE.HELD": 1,
            "PERSON.SKIP.SKIPPED": 1,
            "UNCHANGED.PERSON": 1200,
        },
    )


def row(run, label, **fields):
    given = {"kind": "PERSON", "action": "CREATE", "outcome": "APPLIED", **fields}
    return Change.objects.create(account=run.account, run=run, label=label, **given)


@pytest.fixture
def rows(run):
    row(run, "Ann", detail="ann@acme.example", after={"email": "ann@acme.example"})
    row(run, "Ben", action="UPDATE", before={"city": "Bonn"}, after={"city": "Berlin"})
    row(run, "Eve", action="SKIP", outcome="SKIPPED", reason="NO_EMAIL")
    row(
        run,
        "Dan",
        action="DEACTIVATE",
        outcome="HELD",
        reason="GONE",
        hold_reason="removals",
        integration_id="x-7",
    )
    row(run, "Maths", kind="COURSE")


def page_of(run, query=""):
    return f"{RUNS}{run.pk}/{query}"


def names(answer):
    return [line.change.label for line in answer.context["lines"]]


@pytest.mark.parametrize("end", ["", "last/", "{pk}/", "{pk}/progress/", "{pk}/log.csv"])
def test_who_may_read_it(client, as_alice, as_bob, as_charlie, run, end):
    address = RUNS + end.format(pk=run.pk)
    assert as_alice.get(address).status_code in (200, 302)
    assert as_bob.get(address).status_code == 403
    assert as_charlie.get(address).status_code == 404
    assert client.get(address)["Location"] == f"/login/?next={address}"


def test_a_run_of_another_provider_is_not_found(as_alice, run):
    assert as_alice.get(f"{STORE}litmus/runs/{run.pk}/").status_code == 404
    assert as_alice.get(f"{RUNS}{run.pk + 1}/").status_code == 404


def test_history(as_alice, connection, run):
    SyncRunFactory(
        connection=connection, trigger=Trigger.AUTO, status=Status.FAILED, error_code="tls"
    )
    said = text(as_alice.get(RUNS))
    assert "Sync failed Auto-Sync, by night" in said
    assert "Synced Run Sync, by Alice" in said
    assert "New people: 2" in said
    assert "its certificate could not be verified" in said


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", [2, 1, 0]),
        ("sort=sync", [0, 1, 2]),
        ("sort=-calls", [1, 2, 0]),
        ("sort=begin", [2, 0, 1]),
        ("sort=-begin", [1, 0, 2]),
        ("sort=connection__api_key_sealed", [2, 1, 0]),
        ("q=ALICE", [0]),
        ("q=sales", [1]),
        ("q=nobody", []),
    ],
)
def test_history_is_sorted_and_searched(as_alice, acme, connection, run, query, order):
    begin = run.started_at
    group = GroupFactory(account=acme, name="Sales")
    later = begin + timedelta(hours=1)
    ended = {"connection": connection, "status": Status.SYNCED}
    runs = [
        run,
        SyncRunFactory(**ended, group=group, calls=run.calls + 9, started_at=later),
        SyncRunFactory(connection=connection, calls=run.calls + 1, started_at=None),
    ]
    ids = [str(runs[place].pk) for place in order]
    page = as_alice.get(f"{RUNS}?{query}").text
    assert re.findall(r"runs/(\d+)/", page.partition("<tbody>")[2]) == ids
    file = as_alice.get(f"{RUNS}syncs.csv?{query}").getvalue().decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(file))][1:] == ids


def test_history_before_any_run(as_alice, connection):
    assert "No sync has run yet" in text(as_alice.get(RUNS))
    assert as_alice.get(f"{RUNS}last/")["Location"] == RUNS


def test_last_sync_logs_is_the_newest_run(as_alice, connection, run):
    newest = SyncRunFactory(connection=connection)
    assert as_alice.get(f"{RUNS}last/")["Location"] == page_of(newest)


def test_rows_held_first_then_skipped(as_alice, run, rows):
    answer = as_alice.get(page_of(run))
    assert names(answer) == ["Dan", "Eve", "Ann", "Ben", "Maths"]
    said = text(answer)
    assert "Dan No longer at Paper LMS. Held: unusually many people at once." in said
    assert "Eve Has no e-mail address at Paper LMS." in said
    assert "Ben city: Bonn → Berlin" in said
    assert "Ann ann@acme.example e-mail: ann@acme.example" in said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=COURSE", ["Maths"]),
        ("?action=UPDATE", ["Ben"]),
        ("?outcome=HELD", ["Dan"]),
        ("?q=ANN", ["Ann"]),
        ("?q=x-7", ["Dan"]),
        ("?kind=PERSON&outcome=APPLIED", ["Ann", "Ben"]),
        ("?q=nobody", []),
        ("?kind=nonsense", ["Dan", "Eve", "Ann", "Ben", "Maths"]),
        ("?after=nonsense", ["Dan", "Eve", "Ann", "Ben", "Maths"]),
        ("?after=NONE-1-1", ["Dan", "Eve", "Ann", "Ben", "Maths"]),
    ],
)
def test_filters(as_alice, run, rows, query, found):
    answer = as_alice.get(page_of(run, query))
    assert names(answer) == found
    assert ("No row matches" in text(answer)) == (not found)


def test_what_was_only_noted_is_not_among_the_skipped(as_alice, run, rows):
    row(run, "Asia/Atlantis", kind="NOTE", action="WARN", outcome="SKIPPED")
    assert names(as_alice.get(page_of(run, "?outcome=SKIPPED"))) == ["Eve"]
    assert names(as_alice.get(page_of(run, "?kind=NOTE"))) == ["Asia/Atlantis"]


def test_header(as_alice, run, rows):
    said = text(as_alice.get(page_of(run)))
    assert "Started by Run Sync, by Alice" in said
    assert "API calls 12 " in said
    assert "Kind New Held Skipped Unchanged Person 2 1 1 1,200" in said


def test_a_failed_run_tells_cause_and_cure(as_alice, connection):
    run = SyncRunFactory(connection=connection, status=Status.FAILED, error_code="key_refused")
    assert "Paper LMS refused the API key. Copy the key again" in text(as_alice.get(page_of(run)))


def test_a_held_run_tells_why(as_alice, connection, run, rows):
    run.status = Status.HELD
    run.counts["HOLD.removals"] = 1
    run.save()
    assert "Changes held Unusually many people would become inactive" in text(
        as_alice.get(page_of(run))
    )


def test_nothing_changed_is_said(as_alice, connection):
    run = SyncRunFactory(connection=connection, counts={"UNCHANGED.PERSON": 9})
    assert "Synced Nothing changed." in text(as_alice.get(page_of(run)))


def test_an_open_run_polls_until_it_has_ended(as_alice, connection):
    run = SyncRunFactory(
        connection=connection, status=Status.RUNNING, phase="APPLY", finished_at=None
    )
    page = as_alice.get(page_of(run))
    assert "every 2s" in page.content.decode()
    assert "Syncing Applying" in text(page)
    part = as_alice.get(page_of(run, "progress/"))
    assert part.content.decode().lstrip().startswith('<div class="card mb-3" id="run-head" hx-get')
    run.status = Status.SYNCED
    run.save()
    assert as_alice.get(page_of(run, "progress/"))["HX-Refresh"] == "true"
    assert "every 2s" not in as_alice.get(page_of(run)).content.decode()


def test_paging_across_outcomes(as_alice, run):
    for outcome, number in (("APPLIED", 130), ("HELD", 70), ("SKIPPED", 50)):
        Change.objects.bulk_create(
            Change(
                account=run.account,
                run=run,
                kind="PERSON",
                action="CREATE",
                outcome=outcome,
                label=f"{outcome}-{n:03}",
            )
            for n in range(number)
        )
    pages, query = [], ""
    while query is not None:
        answer = as_alice.get(page_of(run, query))
        pages.append(names(answer))
        following = answer.context["page"].following
        query = f"?after={following}" if following else None
    assert [len(page) for page in pages] == [100, 100, 50]
    shown = [name for page in pages for name in page]
    parts = (("HELD", 70), ("SKIPPED", 50), ("APPLIED", 130))
    assert shown == [f"{outcome}-{n:03}" for outcome, number in parts for n in range(number)]


def test_queries_don_t_grow_with_the_rows(as_alice, run, django_assert_max_num_queries):
    for n in range(150):
        row(run, f"P{n}", outcome=("HELD", "SKIPPED", "APPLIED")[n % 3])
    run.status = Status.HELD
    run.save()
    with django_assert_max_num_queries(12):
        as_alice.get(page_of(run))
    with django_assert_max_num_queries(12):
        as_alice.get(RUNS)


def test_csv_has_what_the_page_has(as_alice, run, rows):
    row(run, "=HYPERLINK(1)", detail="@x")
    answer = as_alice.get(page_of(run, "log.csv?kind=PERSON"))
    assert answer["Content-Disposition"] == f'attachment; filename="paper-sync-{run.pk}.csv"'
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(content)))
    assert lines[0] == [
        "Kind",
        "Name",
        "E-mail or code",
        "Change",
        "Outcome",
        "Old",
        "New",
        "Reason",
        "Id",
    ]
    assert [line[1] for line in lines[1:]] == ["Dan", "Eve", "Ann", "Ben", "'=HYPERLINK(1)"]
    assert lines[4][:7] == ["Person", "Ben", "", "Changed", "Done", "city: Bonn", "city: Berlin"]


def test_names_are_inert(as_alice, run):
    row(run, "<img src=x onerror=alert(1)>", reason="NOT_IN_TEAM", reason_args={"group": "<b>"})
    html = as_alice.get(page_of(run)).content.decode()
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html
    assert "“&lt;b&gt;”" in html
