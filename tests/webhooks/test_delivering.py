"""From a row to the receiver: tried again, given up, never twice at once."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent
from tests.integrations.litmos.badserver import BadServer
from tests.webhooks.conftest import Receiver
from tests.webhooks.test_client import OK, saying
from webhooks import services
from webhooks.client import Answer
from webhooks.models import Delivery, Endpoint
from webhooks.services.delivering import fit
from webhooks.signing import headers

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """The time, as the Portal sees it; `on` lets it go on."""

    class Clock:
        now = NOW

        def on(self, delta):
            self.now += delta

    made = Clock()
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    return made


def emitted(acme, type="run.finished", **body) -> Delivery:
    with scope(account=acme):
        services.emit(account=acme, type=type, body={"run": 1} | body)
        return Delivery.objects.latest("pk")


def deliver(row, receiver):
    services.deliver(delivery_id=row.pk, client=receiver)
    with scopes_disabled():
        row.refresh_from_db()
    return row.state, row.attempts, row.status_code, row.error


def due() -> list[int]:
    return services.due_deliveries()


def test_what_is_sent(make, endpoint, acme, clock, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_764_234_000.9)
    row = emitted(acme, name="Ünal")
    receiver = Receiver(204)
    assert deliver(row, receiver) == ("DELIVERED", 1, 204, "")
    ((place, sent, body),) = receiver.got
    assert (place.host, place.path) == ("hooks.example.com", "/portal")
    assert json.loads(body) == {
        "id": str(row.event_id),
        "type": "run.finished",
        "created_at": "2026-11-27T09:00:00.000+00:00",
        "account": acme.pk,
        "data": {"run": 1, "name": "Ünal"},
    }
    signed = headers(
        secret=make.secrets[endpoint.pk],
        event_id=str(row.event_id),
        timestamp=1_764_234_000,
        body=body,
    )
    plain = {"Content-Type": "application/json", "User-Agent": "Portal"}
    assert sent == {**plain, "Host": "hooks.example.com", **signed}
    assert (row.next_attempt_at, row.lease_until, row.milliseconds) == (None, None, 5)


def test_over_a_real_connection(make, acme, settings):
    settings.WEBHOOK_PRIVATE = True
    with BadServer(saying(OK, b"done")) as server:
        endpoint = make(address=server.url)
        row = emitted(acme)
        services.deliver(delivery_id=row.pk)
    with scope(account=acme):
        row.refresh_from_db()
    assert (row.state, row.status_code, row.answer) == ("DELIVERED", 200, "done")
    assert f"webhook-id: {row.event_id}".encode() in server.requests[0]
    assert make.secrets[endpoint.pk].encode() not in server.requests[0]


def test_a_private_address_is_not_called_by_default(make, acme, settings):
    with BadServer(saying(OK, b"done")) as server:
        make(address=server.url)
        row = emitted(acme)
        services.deliver(delivery_id=row.pk)
    with scope(account=acme):
        row.refresh_from_db()
    assert (row.state, row.error, server.requests) == ("PENDING", "not_https", [])


def test_tries_and_pauses_until_it_is_given_up(endpoint, acme, clock):
    row, receiver, pauses = emitted(acme), Receiver(500), []
    for attempt in range(1, 7):
        assert deliver(row, receiver) == ("PENDING", attempt, 500, "")
        pauses.append((row.next_attempt_at - clock.now) / timedelta(minutes=1))
        clock.on(row.next_attempt_at - clock.now - timedelta(seconds=1))
        assert due() == []
        deliver(row, receiver)
        assert row.attempts == attempt
        clock.on(timedelta(seconds=1))
        assert due() == [row.pk]
    for pause, own in zip(pauses, [1, 5, 30, 120, 360, 1440], strict=True):
        assert own < pause < own * 1.1
    assert deliver(row, receiver) == ("GIVEN_UP", 7, 500, "")
    assert (due(), len(receiver.got)) == ([], 7)
    assert len({sent["webhook-id"] for _, sent, _ in receiver.got}) == 1


@pytest.mark.parametrize(("wait", "minutes"), [(0.0, 1), (30.0, 1), (600.0, 10), (21_600.0, 360)])
def test_a_receiver_may_ask_for_a_longer_pause(endpoint, acme, clock, wait, minutes):
    row = emitted(acme)
    deliver(row, Receiver(Answer(503, wait=wait)))
    pause = (row.next_attempt_at - clock.now) / timedelta(minutes=1)
    assert minutes <= pause < minutes * 1.1


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (200, "DELIVERED"),
        (299, "DELIVERED"),
        (199, "PENDING"),
        (302, "PENDING"),
        (404, "PENDING"),
        (429, "PENDING"),
        (Answer(error="timeout"), "PENDING"),
        (Answer(error="private"), "PENDING"),
    ],
)
def test_what_an_answer_means(endpoint, acme, answer, state):
    row = emitted(acme)
    assert deliver(row, Receiver(answer))[0] == state
    with scope(account=acme):
        assert Endpoint.objects.get().is_active


def test_gone_switches_it_off(endpoint, acme):
    first, second = emitted(acme), emitted(acme)
    assert deliver(first, Receiver(410)) == ("GIVEN_UP", 1, 410, "")
    assert deliver(second, Receiver(200)) == ("PENDING", 0, None, "")
    assert due() == []
    with scope(account=acme):
        assert not Endpoint.objects.get().is_active
        event = AuditEvent.objects.get(kind="WEBHOOK_SWITCHED_OFF")
        assert (event.actor, event.subject, event.reason) == (
            "the Portal itself",
            "SIEM",
            "The receiver answered 410 Gone.",
        )
        services.switch_on(endpoint=endpoint)
    assert due() == [second.pk]


def test_one_worker_at_a_time(endpoint, acme, clock):
    """A message that comes twice sends once; who was presumed dead writes nothing."""
    row, inner = emitted(acme), Receiver(200)

    class Slow(Receiver):
        def post(self, place, **values):
            services.deliver(delivery_id=row.pk, client=inner)
            assert (inner.got, due()) == ([], [])
            clock.on(timedelta(seconds=61))
            assert due() == [row.pk]
            services.deliver(delivery_id=row.pk, client=inner)
            return super().post(place, **values)

    assert deliver(row, Slow(500)) == ("DELIVERED", 2, 200, "")
    assert len(inner.got) == 1


def test_a_worker_that_is_lost_each_time(endpoint, acme, clock):
    row = emitted(acme)

    class Killed(Receiver):
        def post(self, place, **values):
            raise KeyboardInterrupt

    for _ in range(7):
        with pytest.raises(KeyboardInterrupt):
            deliver(row, Killed(200))
        clock.on(timedelta(seconds=61))
    receiver = Receiver(200)
    assert deliver(row, receiver) == ("GIVEN_UP", 8, None, "worker_lost")
    assert receiver.got == []


def test_a_secret_that_does_not_open(endpoint, acme, make, globex):
    other = make(account=globex)
    with scopes_disabled():
        sealed = Endpoint.objects.get(pk=other.pk).secret_sealed
        Endpoint.objects.filter(pk=endpoint.pk).update(secret_sealed=sealed)
    receiver = Receiver(200)
    assert deliver(emitted(acme), receiver) == ("PENDING", 1, None, "secret_unreadable")
    assert receiver.got == []


def test_a_slow_receiver_leaves_room_for_others(make, acme):
    make(), make()
    with scope(account=acme):
        for number in range(25):
            services.emit(account=acme, type="run.failed", body={"run": number})
        rows = list(Delivery.objects.filter(pk__in=due()))
    first, second = sorted({row.endpoint_id for row in rows})
    assert [sum(row.endpoint_id == each for row in rows) for each in (first, second)] == [20, 20]


def test_send_again_is_the_same_event(endpoint, acme, clock):
    row = emitted(acme)
    deliver(row, Receiver(200))
    with scope(account=acme):
        assert services.send_again(delivery=row)
    receiver = Receiver(200)
    assert deliver(row, receiver) == ("DELIVERED", 1, 200, "")
    assert receiver.got[0][1]["webhook-id"] == str(row.event_id)


def test_a_month_is_kept(endpoint, acme, clock):
    old = emitted(acme)
    clock.on(timedelta(days=1))
    new = emitted(acme)
    clock.on(timedelta(days=29, seconds=1))
    services.purge()
    with scope(account=acme):
        assert [row.pk for row in Delivery.objects.all()] == [new.pk]
    assert old.pk != new.pk


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (b"  all\r\n\twell ", "all well"),
        (b"\xff\x00\x1b[31mred\x07", "\ufffd[31mred"),
        ("a\u202eb\u2066c\ud800".encode("utf-8", "surrogatepass"), "abc\ufffd\ufffd\ufffd"),
        (b"<script>", "<script>"),
        (b"x" * 4096, "x" * 500),
        (b"", ""),
    ],
)
def test_the_answer_is_made_fit_to_keep(answer, shown):
    assert fit(answer) == shown
