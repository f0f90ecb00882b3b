import pytest
from django_scopes import scope

from integrations.models import Connection, SyncRun
from integrations.services import open_run
from integrations.sync import engine, journal
from tests.fakes import Remote


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
def finish(remote):
    """Take an open run to its end, one step after the other."""

    def finish(run: SyncRun, steps: int = 300) -> SyncRun:
        for _ in range(steps):
            SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None)
            claimed = journal.claim(run.pk)
            if claimed is None:
                break
            engine.work(claimed, remote.session(), is_time_up=lambda: True)
        run.refresh_from_db()
        return run

    return finish


@pytest.fixture
def sync(connection, finish):
    """Run a whole sync and return its ended run."""

    def run_it(trigger="MANUAL", **options) -> SyncRun:
        return finish(open_run(connection=connection, trigger=trigger, **options).run)

    return run_it
