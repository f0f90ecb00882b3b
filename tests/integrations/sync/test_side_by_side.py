"""One account's sync beside another's, and whether a large one's statements stay linear: PostgreSQL's
statistics may be those of a database that was small a minute ago."""

import json
import threading
from collections.abc import Iterator

import pytest
from django.db import connection as database
from django_scopes import scope

from integrations.models import Connection, SyncRun
from integrations.services import open_run
from integrations.sync import applier, engine, journal
from integrations.sync.statistics import MANY
from targets.models import GroupMembership, Target
from tests.fakes import Remote

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

FEW, LARGE, VERY_LARGE = 60, MANY + 100, 5200
#: What a statement that waits for another's lock is refused after.
LOCK_TIMEOUT = "SET lock_timeout = '500ms'"


def populated(remote: Remote, people: int, *, teams: int = 4) -> Remote:
    for number in range(teams):
        remote.team(f"T{number}", f"Team {number}")
    for number in range(people):
        here, there = (f"T{place % teams}" for place in (number, number + 1))
        remote.person(
            f"X{number}", f"x{number}@more.example", f"{here} {there}", name=f"X {number}"
        )
    return remote


@pytest.fixture
def elsewhere(globex) -> Connection:
    with scope(account=globex):
        return Connection.objects.create(
            account=globex, provider="litmos", region="us", is_active=True, sync_all_groups=True
        )


def run_to_the_end(connection: Connection, remote: Remote) -> str:
    run = open_run(connection=connection, trigger="MANUAL").run
    for _ in range(100):
        SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None)
        claimed = journal.claim(run.pk)
        if claimed is None:
            break
        engine.work(claimed, remote.session(), is_time_up=lambda: False)
    run.refresh_from_db()
    return run.status


@pytest.mark.parametrize("people", [FEW, LARGE])
def test_an_account_is_not_waited_for_while_it_applies(sync, remote, elsewhere, people):
    """Beside the transaction in which everything of a large run is written already."""
    populated(remote, LARGE)
    others, came_of_it = populated(Remote(), people), []

    def beside():
        try:
            with database.cursor() as cursor:
                cursor.execute(LOCK_TIMEOUT)
            with scope(account=elsewhere.account):
                came_of_it.append(run_to_the_end(elsewhere, others))
        finally:
            database.close()

    def before_the_last(execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        if "outcome = 'APPLIED'" in sql and not came_of_it:
            assert database.in_atomic_block
            thread = threading.Thread(target=beside)
            thread.start()
            thread.join()
            assert came_of_it, "it was refused a lock"
        return done

    with database.execute_wrapper(before_the_last):
        run = sync()
    assert (run.status, came_of_it) == ("SYNCED", ["SYNCED"])


def test_statistics_that_somebody_else_is_at_are_left_alone(sync, remote):
    populated(remote, LARGE)
    other = database.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            for table in ("stagedperson", "stagedmember", "change", "targetlink"):
                cursor.execute(f"LOCK integrations_{table} IN SHARE UPDATE EXCLUSIVE MODE")
        with database.cursor() as cursor:
            cursor.execute(LOCK_TIMEOUT)
        assert sync().status == "SYNCED"
    finally:
        other.close()
        database.close()


def analyzed_in(run_it) -> list[tuple[list[str], bool]]:
    """The tables of each call, and whether it was in a transaction, whose end would hold its locks."""
    calls = []

    def watch(execute, sql, params, many, context):
        if "portal_analyze" in sql:
            calls.append((params[::2], database.in_atomic_block))
        return execute(sql, params, many, context)

    with database.execute_wrapper(watch):
        assert run_it().status == "SYNCED"
    return calls


def test_only_many_rows_are_worth_new_statistics_and_never_in_a_transaction(sync, remote):
    assert analyzed_in(sync) == []
    populated(remote, LARGE)
    staging = [f"integrations_staged{name}" for name in ("team", "person", "member", "course")]
    people = ["targets_target", "integrations_targetlink", "targets_groupmembership"]
    assert analyzed_in(sync) == [
        (staging, False),
        (["integrations_change"], False),
        (people, False),
    ]
    assert analyzed_in(sync) == [(staging, False)]


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def is_per_row(node: dict) -> bool:
    """The second part of a nested loop is done for each row of the first: by an index that is quick."""
    if node["Node Type"] != "Nested Loop":
        return node.get("Parent Relationship") == "SubPlan"
    scanned = [each for each in nodes(node["Plans"][1]) if each["Node Type"] == "Seq Scan"]
    return any(each["Relation Name"] not in SMALL for each in scanned)


def explained(run: SyncRun) -> dict[str, bool]:
    """Each statement of the transaction, and whether something in its plan is done anew for each row."""
    found = {}

    def explain(execute, sql, params, many, context):
        words = sql.upper()
        if not words.startswith("EXPLAIN") and any(f"{verb} " in words for verb in VERBS):
            with database.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            found[sql] = any(map(is_per_row, nodes(plan[0]["Plan"])))
        return execute(sql, params, many, context)

    with database.execute_wrapper(explain):
        applier.apply(run)
    return found


VERBS = ("INSERT", "UPDATE", "SELECT")
#: In no database many.
SMALL = ("integrations_course", "groups_group")


def without_statistics(execute, sql, params, many, context):
    return None if "portal_analyze" in sql else execute(sql, params, many, context)


def taken_to_apply(connection: Connection, remote: Remote) -> SyncRun:
    run = open_run(connection=connection, trigger="MANUAL").run
    while run.phase != "APPLY":
        SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None)
        engine.work(journal.claim(run.pk), remote.session(), is_time_up=lambda: True)
        run.refresh_from_db()
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None)
    return journal.claim(run.pk)


def test_what_is_applied_is_linear_whatever_the_statistics_say(sync, connection, remote):
    """Nothing is analyzed but the small database, as if another had the tables whenever it was due."""
    populated(remote, 50)
    sync()
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    populated(remote, VERY_LARGE)
    with database.execute_wrapper(without_statistics):
        plans = explained(taken_to_apply(connection, remote))

    assert [sql for sql, is_slow in plans.items() if is_slow] == []
    assert set(applier.PEOPLE) <= set(plans)
    targets, seats = Target.objects.count(), GroupMembership.objects.filter(is_active=True).count()
    assert (targets, seats) == (VERY_LARGE + 3, 2 * VERY_LARGE + 4)
