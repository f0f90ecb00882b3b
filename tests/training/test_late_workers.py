"""A worker that was taken over while it waited for the LMS asks for nothing any more."""

import pytest
from django.utils import timezone

from integrations.providers.litmos.client import LitmosClient
from training.models import Lane
from training.services.queues import set_creates_people

pytestmark = pytest.mark.django_db


def test_who_is_not_found_is_made_by_the_worker_that_has_the_lane(
    act, work, connection, sandbox, monkeypatch
):
    for user in list(sandbox.tenant.users):
        sandbox.tenant.delete_user(user)
    set_creates_people(connection=connection, creates_people=True)
    real = LitmosClient.search_people

    def overtaken(client, text):
        found = real(client, text)
        Lane.objects.update(epoch=99, lease_until=timezone.now())
        return found

    act()
    monkeypatch.setattr(LitmosClient, "search_people", overtaken)
    work()
    assert [call.method for call in sandbox.calls] == ["GET"]
