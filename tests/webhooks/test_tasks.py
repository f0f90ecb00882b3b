"""Celery's side: queues, the schedule, and a broker that is down."""

import pytest
from django.conf import settings
from kombu.exceptions import OperationalError

from portal.celery import app
from webhooks import services, tasks
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch):
    sent = []

    def apply_async(**given):
        sent.append(given)

    monkeypatch.setattr(tasks.deliver, "apply_async", apply_async)
    return sent


def test_the_tick_queues_what_is_due(endpoint, in_acme, queued):
    services.emit(account=in_acme, type="run.failed", body={})
    tasks.tick()
    (row,) = Delivery.objects.all()
    assert queued == [{"kwargs": {"delivery_id": row.pk}, "expires": 50}]


def test_an_event_is_queued_when_it_is_committed(
    endpoint, in_acme, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        services.emit(account=in_acme, type="run.failed", body={})
    assert queued == [{"kwargs": {"delivery_id": Delivery.objects.get().pk}, "expires": 50}]


def test_a_broker_that_is_down_is_left_to_the_tick(monkeypatch, caplog):
    def apply_async(**_given):
        raise OperationalError

    monkeypatch.setattr(tasks.deliver, "apply_async", apply_async)
    tasks.wake_each(ids=[1, 2])
    assert caplog.messages == ["queue unreachable, webhooks wait: OperationalError"]


def test_each_task_is_known_and_on_its_queue():
    app.loader.import_default_modules()
    scheduled = [each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()]
    assert {"webhooks.tick", "webhooks.purge"} <= {*scheduled} & {*app.tasks}
    assert app.conf.task_routes["webhooks.deliver"] == {"queue": "mail"}


def test_a_row_that_is_gone():
    tasks.deliver(delivery_id=0)
