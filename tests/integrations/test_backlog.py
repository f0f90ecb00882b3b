import io
from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import call_command
from django.utils.timezone import now

from integrations import tasks
from integrations.models import Status
from integrations.selectors import backlog
from tests.factories import AccountFactory, ConnectionFactory, SyncRunFactory


@pytest.fixture
def queue(settings):
    """The broker of the pass, empty."""

    def empty():
        with current_app.connection_for_write() as broker:
            broker.default_channel.queue_purge(tasks.QUEUE)

    empty()
    yield
    empty()


def open_run(**fields):
    connection = ConnectionFactory(account=AccountFactory())
    return SyncRunFactory(connection=connection, finished_at=None, **fields)


@pytest.mark.django_db
def test_who_waits_for_a_worker_and_since_when():
    moment = now()
    later, earlier = moment + timedelta(minutes=1), moment - timedelta(minutes=1)
    open_run(status=Status.QUEUED, created_at=earlier)
    open_run(status=Status.RUNNING, next_attempt_at=moment - timedelta(minutes=3))
    open_run(status=Status.RUNNING, lease_until=moment - timedelta(minutes=2))
    open_run(status=Status.RUNNING, lease_until=later)
    open_run(status=Status.RUNNING, next_attempt_at=later)
    SyncRunFactory(connection=ConnectionFactory(), created_at=moment - timedelta(days=9))
    found = backlog(moment)
    assert (found.due, found.at_work, found.paused) == (3, 1, 1)
    assert found.lag_seconds(moment) == 180


@pytest.mark.django_db
def test_nothing_waits():
    assert backlog(now()).lag_seconds(now()) == 0


@pytest.mark.django_db
def test_messages_are_counted_at_every_priority(queue):
    assert tasks.messages() == 0
    for priority in (tasks.SHORT, tasks.NIGHT, tasks.LONG):
        tasks.step.apply_async(kwargs={"run_id": 0}, priority=priority)
    assert tasks.messages() == 3


def test_messages_without_a_broker(monkeypatch):
    def unreachable():
        raise OSError

    monkeypatch.setattr(current_app, "connection_for_write", unreachable)
    assert tasks.messages() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "told"),
    [
        ((), "1 wait for a worker, the first for 60.0 s; 0 at work;"),
        (("--json",), '{"due": 1, "lag_seconds": 60.0, "at_work": 0, "paused": 0, "messages": 0}'),
    ],
)
def test_command_tells_the_figures(queue, time_machine, option, told):
    time_machine.move_to("2026-11-24 00:30:00+00:00", tick=False)
    open_run(status=Status.QUEUED, created_at=now() - timedelta(minutes=1))
    out = io.StringIO()
    call_command("backlog", *option, stdout=out)
    assert out.getvalue().startswith(told)
