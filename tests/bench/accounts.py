"""Row 12: many accounts due at once. The nights are played in virtual time; connections and keys are
counted while real workers serve real accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from redis import Redis

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, portal
from tests.bench.inside import said_by
from tests.processes.installation import Installation

PEOPLE, TEAMS = 200, 5
FEW, MANY = 10, 100
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


def measure(folder: Path) -> Iterator[Figure]:
    with Rehearsal(PEOPLE, TEAMS) as rehearsal:
        with portal(folder, rehearsal) as installation:
            found = said_by(installation, "measure_accounts")
        yield from _played(found)
        with portal(folder, rehearsal) as installation:
            yield _connections(installation)


def _played(found: dict) -> Iterator[Figure]:
    small, storm, beside, wait = (found[name] for name in ("small", "storm", "beside", "wait"))
    cost = f"virtual clock, a real night measured at {small['seconds']:.2f} s and {small['calls']} calls"
    yield Figure(
        "12",
        f"10,000 accounts of {PEOPLE} people due at once on 2 workers ({cost}): makespan against the"
        " workers' own bound (the limit's is 0 s: each fits into one window)",
        f"{storm['makespan'] / storm['bound']:.2f}; {storm['sent']:,} messages,"
        f" {storm['most_messages']:,} at most",
        "≤ 1.1, one message an account",
        storm["makespan"] <= 1.1 * storm["bound"] and storm["sent"] <= 10_100,
        f"{storm['makespan']:.0f} s, {storm['bound']:.0f} s",
    )
    yield Figure(
        "12",
        "one account of 1,000,000 people beside 3,000 small ones (virtual clock, its costs assumed):"
        " its end against its limit's own bound",
        f"{beside['ended'] / beside['bound']:.2f}",
        "≤ 1.1",
        beside["ended"] <= 1.1 * beside["bound"],
        f"{beside['ended']:.0f} s, {beside['bound']:.0f} s; the small ones {beside['small_ended']:.0f} s",
    )
    yield Figure(
        "12",
        f"wait of {wait['number']} small accounts behind one of 1,000,000 people, one worker and a slow"
        " Litmos (virtual clock)",
        f"{wait['most'] / wait['step']:.2f} steps at most",
        "≤ 1 step",
        wait["most"] <= wait["step"],
        f"{wait['most']:.0f} s, {wait['step']:.0f} s",
    )


def _connections(installation: Installation) -> Figure:
    """Each account with a key of its own, as the budget sees it."""
    installation.execute("UPDATE integrations_connection SET is_active = true")
    for _ in range(2):
        installation.worker()
    installation.beat()
    few, many = (_peaks(installation, number) for number in (FEW, MANY))
    return Figure(
        "12",
        f"connections to PostgreSQL, and Redis keys beside those of the last two minutes' budgets, while"
        f" 2 workers serve {FEW} and then {MANY} accounts",
        f"{few[0]} → {many[0]}, {few[1]} → {many[1]}",
        "do not grow",
        many[0] <= few[0] + 1 and many[1] <= few[1] + 2,
        f"{few[2]} and {many[2]} keys of budgets, which expire",
    )


def _peaks(installation: Installation, accounts: int) -> tuple[int, int, int]:
    redis = Redis.from_url(installation.environment["REDIS_URL"])
    ended = "SELECT count(*) FROM integrations_syncrun WHERE finished_at IS NOT NULL"
    wanted = installation.query(ended)[0][0] + accounts
    installation.manage("shell", "-v0", "-c", MORE_ACCOUNTS.format(number=accounts))
    connections, keys, budgets = 0, 0, 0
    deadline = time.monotonic() + 300
    while installation.query(ended)[0][0] < wanted:
        assert time.monotonic() < deadline, installation.logs()
        connections = max(connections, installation.query(CONNECTIONS)[0][0])
        known = [key for key in redis.scan_iter() if key.startswith(b"portal:budget:")]
        keys, budgets = max(keys, redis.dbsize() - len(known)), max(budgets, len(known))
        time.sleep(0.2)
    return connections, keys, budgets


MORE_ACCOUNTS = "from tests.bench.night import clone; clone({number})"
GROUP = Group(("12",), measure)
