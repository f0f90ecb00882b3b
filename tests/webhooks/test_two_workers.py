"""Two workers get the same message at the same moment."""

import threading

import pytest
from django.db import connection as database
from django_scopes import scope, scopes_disabled

from tests.webhooks.conftest import Receiver
from webhooks import services
from webhooks.models import Delivery

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_one_of_them_sends(endpoint, acme):
    with scope(account=acme):
        services.emit(account=acme, type="run.failed", body={})
        row = Delivery.objects.get()
    receiver, start = Receiver(200), threading.Barrier(4)

    def work():
        start.wait()
        services.deliver(delivery_id=row.pk, client=receiver)
        database.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    with scopes_disabled():
        row.refresh_from_db()
    assert (row.state, row.attempts, len(receiver.got)) == ("DELIVERED", 1, 1)
