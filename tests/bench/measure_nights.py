"""Runs inside the Portal under test (`manage.py shell`): the calls of a complete sync, and those of a night
after 1 % has changed, of 100,000 people in 2,000 teams. Prints one line of JSON."""

from __future__ import annotations

import json
import time

from django.conf import settings
from django_scopes import scope

from accounts.models import Account
from integrations.models import Change, Connection, Mirror, SyncRun
from integrations.providers.litmos.sandbox import Sandbox
from integrations.services import advance, open_run
from integrations.services.keys import put_key

PEOPLE, TEAMS = 100_000, 2000
CHANGED, MOVED = PEOPLE // 200, PEOPLE // 200


def measure() -> None:
    sandbox = Sandbox(users=PEOPLE, teams=TEAMS, courses=50, rate=None)
    with sandbox.serve() as serving, scope(account=Account.objects.get()):
        settings.LITMOS_EXTRA_REGIONS = f"Nights={serving.url}"
        settings.CHANGES_OVERLAP_HOURS = 1
        connection = Connection.objects.get()
        connection.region, connection.is_active = "nights", True
        put_key(connection, sandbox.api_key)
        connection.save()
        found = {"complete": _sync(sandbox, connection, "MANUAL")}
        _change(sandbox)
        Mirror.objects.update(agreed=settings.CHANGES_AGREE)
        found["night"] = _sync(sandbox, connection, "AUTO")
        found["after"] = _sync(sandbox, connection, "MANUAL")
        print(json.dumps(found))


def _sync(sandbox: Sandbox, connection: Connection, trigger: str) -> dict:
    del sandbox.calls[:]
    run = open_run(connection=connection, trigger=trigger).run
    begin = time.monotonic()
    while run.is_open:
        SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None)
        advance(run_id=run.pk)
        run.refresh_from_db()
    seconds = time.monotonic() - begin
    return {
        "calls": len(sandbox.calls),
        "status": run.status,
        "way": run.reading["way"],
        "seconds": seconds,
        "changes": Change.objects.filter(run=run, outcome="APPLIED").count(),
    }


def _change(sandbox: Sandbox) -> None:
    """Of a thousand changes half are of people's records, half of who is in which team."""
    tenant = sandbox.tenant
    people, teams = sorted(tenant.users)[:CHANGED], sorted(tenant.teams)
    for number, key in enumerate(people):
        tenant.update_user(key, City=f"Moved {number}")
    for number in range(MOVED // 2):
        team = teams[number % len(teams)]
        members = sorted(tenant.members(team))
        if members:
            tenant.leave(team, members[0])
        tenant.join(team, people[number])
