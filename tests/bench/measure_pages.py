"""Runs inside the Portal under test (`manage.py shell`): how long the pages of a large run take to open
against those of a small one, and what approving 10,000 held changes costs. Prints one line of JSON."""

from __future__ import annotations

import json
import statistics
import time

from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Account, User
from groups.models import Group
from integrations.models import Change, Connection, GroupLink, SyncRun, TargetLink
from integrations.services import decide
from integrations.sync import finishing, store
from targets.models import GroupMembership, Target

SMALL, LARGE, HELD = 100, 100_000, 10_000
TIMES = 9


def measure() -> None:
    account = Account.objects.get()
    with scope(account=account):
        connection = Connection.objects.get()
        found = {"approval": _approval(connection)}
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.get())
        for name, is_preview in (("log", False), ("preview", True)):
            small, large = (
                run_of(connection, rows, is_preview=is_preview) for rows in (SMALL, LARGE)
            )
            found[name] = {
                "small": _seconds(client, small),
                "large": _seconds(client, large),
                "queries": _queries(client, large),
            }
    print(json.dumps(found))


def run_of(connection: Connection, rows: int, *, is_preview: bool) -> SyncRun:
    run = SyncRun.objects.create(
        account=connection.account,
        connection=connection,
        trigger="MANUAL",
        is_preview=is_preview,
        status="PREVIEWED" if is_preview else "WARNINGS",
    )
    outcome = "PLANNED" if is_preview else "APPLIED"
    kinds = (("CREATE", "", outcome), ("UPDATE", "", outcome), ("SKIP", "NO_EMAIL", "SKIPPED"))
    store.insert([_change(run, number, *kinds[number % len(kinds)]) for number in range(rows)])
    run.counts = finishing.count_rows(run)
    run.save()
    with database.cursor() as cursor:
        cursor.execute("ANALYZE integrations_change")
    return run


def _change(run: SyncRun, number: int, action: str, reason: str, outcome: str) -> Change:
    return Change(
        account_id=run.account_id,
        run=run,
        kind="PERSON",
        action=action,
        reason=reason,
        outcome=outcome,
        label=f"Person {number}",
        detail=f"person{number}@bench.example",
        integration_id=f"B{number}",
        before={"city": "Bonn"},
        after={"city": "Oslo"},
        digest=f"{number:032x}",
    )


def _address(run: SyncRun) -> str:
    return f"/administration/integrations/{run.connection.provider}/runs/{run.pk}/"


def _seconds(client: Client, run: SyncRun) -> float:
    taken = []
    for _ in range(TIMES):
        begin = time.monotonic()
        assert client.get(_address(run)).status_code == 200
        taken.append(time.monotonic() - begin)
    return statistics.median(taken[1:])


def _queries(client: Client, run: SyncRun) -> int:
    with CaptureQueriesContext(database) as queries:
        client.get(_address(run))
    return len(queries)


def _approval(connection: Connection) -> dict[str, float]:
    """10,000 people of one group, all held, approved at once."""
    run = SyncRun.objects.create(
        account=connection.account,
        connection=connection,
        trigger="MANUAL",
        status="HELD",
        plan_hash="a" * 64,
        finished_at=connection.created_at.now(connection.created_at.tzinfo),
    )
    _held(run)
    with CaptureQueriesContext(database) as queries:
        begin = time.monotonic()
        decision = decide(
            run=run,
            user=None,
            rows=Change.objects.filter(run=run),
            plan_hash=run.plan_hash,
            is_approval=True,
            reason="bench",
        )
        seconds = time.monotonic() - begin
    return {
        "number": decision.number,
        "seconds": seconds,
        "queries": len(queries),
    }


def _held(run: SyncRun) -> None:
    account = run.account
    group = Group.objects.create(account=account, name="Bench", source=run.connection.provider)
    GroupLink.objects.create(
        account=account,
        connection=run.connection,
        group=group,
        integration_id="BENCH",
        remote_name="Bench",
    )
    store.insert([_target(account, number) for number in range(HELD)])
    made = list(Target.objects.filter(source="bench").order_by("pk"))
    store.insert([GroupMembership(account=account, group=group, target=t) for t in made])
    store.insert([_link(run, target) for target in made])
    store.insert([_leaver(run, target) for target in made])


def _target(account: Account, number: int) -> Target:
    email = f"held{number}@bench.example"
    return Target(account=account, email=email, email_key=email, name=email, source="bench")


def _link(run: SyncRun, target: Target) -> TargetLink:
    return TargetLink(
        account=run.account,
        connection=run.connection,
        target=target,
        integration_id=f"H{target.pk}",
    )


def _leaver(run: SyncRun, target: Target) -> Change:
    return Change(
        account=run.account,
        run=run,
        kind="PERSON",
        action="DEACTIVATE",
        reason="GONE",
        outcome="HELD",
        hold_reason="removals",
        label=target.name,
        target_id=target.pk,
        integration_id=f"H{target.pk}",
        team_ids=["BENCH"],
    )
