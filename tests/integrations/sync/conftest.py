import pytest
from django.db import connection as database
from django_scopes import scope

from integrations.models import Connection, Mirror, SyncRun
from integrations.services import open_run
from integrations.sync import engine, journal
from targets import tallies
from tests.fakes import Remote
from tests.passes import WRITTEN
from tests.tallies import differing


@pytest.fixture
def scoped(acme):
    with scope(account=acme):
        yield acme


@pytest.fixture
def connection(scoped) -> Connection:
    return Connection.objects.create(
        account=scoped, provider="litmos", region="us", is_active=True, sync_all_groups=True
    )


@pytest.fixture
def remote() -> Remote:
    remote = Remote()
    remote.team("T1", "Sales")
    remote.team("T2", "Support")
    remote.person("P1", "ann@acme.example", "T1", first_name="Ann", name="Ann Lee")
    remote.person("P2", "bo@acme.example", "T1 T2", first_name="Bo", name="Bo Ek")
    remote.person("P3", "cy@acme.example", "T2", first_name="Cy", name="Cy Fu")
    remote.course("C1", "Phishing basics", code="PB")
    return remote


@pytest.fixture
def stops(request) -> bool:
    """Whether a run is put down after every page and claimed again, which takes twice as long, or goes on as
    a worker's does that has time. Soak and histories are stopped at any place."""
    return database.vendor == "sqlite" and str(request.path).endswith(tuple(WRITTEN))


@pytest.fixture
def finish(remote, stops):
    """Take an open run to its end."""

    def finish(run: SyncRun, steps: int = 300) -> SyncRun:
        tallies.recount(run.account)
        for _ in range(steps):
            SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None)
            claimed = journal.claim(run.pk)
            if claimed is None:
                break
            engine.work(claimed, remote.session(), is_time_up=lambda: stops)
        run.refresh_from_db()
        assert differing(run.account) == []
        return run

    return finish


@pytest.fixture
def sync(connection, finish):
    """Run a whole sync and return its ended run."""

    def run_it(trigger="MANUAL", **options) -> SyncRun:
        return finish(open_run(connection=connection, trigger=trigger, **options).run)

    return run_it


@pytest.fixture
def crowd(remote):
    """So many people that reading everybody takes more calls than reading changes."""
    remote.page_size, remote.lists_changes = 2, True
    for number in range(4, 24):
        remote.person(f"P{number}", f"p{number}@acme.example", "T1", name=f"P {number}")
    return remote


@pytest.fixture
def night(sync, crowd):
    """A night, after so many comparisons that agreed."""

    def night(agreed=3) -> SyncRun:
        Mirror.objects.update(agreed=agreed)
        return sync("AUTO")

    return night


@pytest.fixture
def held(sync, remote) -> SyncRun:
    """36 of 41 people are inactive at Litmos, one is new, one has another name."""
    for number in range(38):
        remote.person(f"X{number:02}", f"x{number:02}@acme.example", "T1", name=f"X {number:02}")
    sync()
    for number in range(36):
        remote.people[f"X{number:02}"]["is_active"] = False
    remote.person("N1", "new@acme.example", "T2", name="New")
    remote.people["P1"]["city"] = "Oslo"
    return sync()
