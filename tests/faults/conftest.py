"""What every row has: an account that was synced over a socket, and who was active in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django_scopes import scope

from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox
from targets.models import GroupMembership
from tests.integrations.sync.wire import QUICK, Wire

SMALL = replace(QUICK, page_size=20, tries=2)
Seats = set[tuple[str, str]]


def active() -> Seats:
    rows = GroupMembership.objects.filter(is_active=True)
    return set(rows.values_list("group__name", "target__email"))


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(users=45, teams=4, courses=4, seed=5, rate=None)


@pytest.fixture
def wire(acme, sandbox):
    """Acme, synced once."""
    with scope(account=acme), sandbox.serve() as server:
        wire = Wire(acme, sandbox, server.url)
        assert wire.sync(limits=SMALL).status == "SYNCED"
        yield wire


@pytest.fixture
def ends(wire, sandbox) -> Callable[..., str]:
    """Sync with these faults; returns how that ended."""

    def ends(faults: str = "", *, limits: Limits = SMALL, **options: Any) -> str:
        sandbox.faults.set(faults)
        run = wire.sync(limits=limits, **options)
        sandbox.faults.clear()
        return f"{run.status} {run.error_code or run.hold_reason}".strip()

    return ends


@pytest.fixture
def row(request, record_property, wire) -> Callable[[str], None]:
    """Keeps what happened for the table, and that nobody was lost: who was active still is, but for
    `may_leave`."""
    before = active()
    record_property("row", request.function.__doc__ or request.function.__name__)

    def row(happened: str, *, may_leave: Seats = frozenset()) -> None:
        lost = before - active() - set(may_leave)
        record_property("happened", happened)
        record_property("lost", len({email for _, email in lost}))
        assert lost == set()

    return row
