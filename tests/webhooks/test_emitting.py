"""What becomes an event, for whom, and when."""

import pytest
from django.db import transaction
from django_scopes import scope, scopes_disabled

from integrations.models import Status, SyncRun
from integrations.services.telling import tell
from tests.factories import ConnectionFactory, SyncRunFactory
from webhooks import services
from webhooks.models import Delivery
from webhooks.services.emitting import due

pytestmark = pytest.mark.django_db


def told() -> list[tuple[int, str, dict]]:
    with scopes_disabled():
        rows = Delivery.objects.order_by("pk")
        return [(row.endpoint_id, row.type, row.body["data"]) for row in rows]


@pytest.fixture
def woken():
    ids = []

    def note(*, ids: list[int], **_more):
        found.append(ids)

    found = ids
    due.connect(note)
    yield found
    due.disconnect(note)


def test_only_active_ones_of_the_account_that_want_it(make, in_acme, globex):
    wants, also = make(events=["run.failed", "run.held"]), make(events=["run.failed"])
    make(events=["run.finished"])
    make(account=globex)
    with scope(account=in_acme):
        services.switch_off(endpoint=make())
    services.emit(account=in_acme, type="run.failed", body={"run": 7})
    assert told() == [(one.pk, "run.failed", {"run": 7}) for one in (wants, also)]
    first, second = Delivery.objects.order_by("pk")
    assert (first.event_id, first.body) == (second.event_id, second.body)


def test_nobody_wants_it(make, in_acme, django_assert_num_queries):
    make(events=["run.failed"])

    def bodies():
        raise AssertionError("a body was made")
        yield {}

    with django_assert_num_queries(1):
        services.emit_each(account_id=in_acme.pk, type="run.held", bodies=bodies())
    assert told() == []


def test_the_e_mail_address_only_for_who_asked_for_it(make, in_acme):
    without, with_email = make(), make(include_email=True)
    body = {"target": 1, "email": "ann@acme.example"}
    services.emit(account=in_acme, type="enrollment.completed", body=body)
    assert told() == [
        (without.pk, "enrollment.completed", {"target": 1}),
        (with_email.pk, "enrollment.completed", body),
    ]


def test_what_is_taken_back_is_not_told(endpoint, in_acme):
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        services.emit(account=in_acme, type="run.failed", body={})
        raise ValueError("no")
    assert told() == []


def test_workers_are_woken_after_the_commit(
    endpoint, in_acme, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        services.emit(account=in_acme, type="run.failed", body={})
        assert woken == []
    assert woken == [[Delivery.objects.get().pk]]


def test_many_at_once(endpoint, in_acme, woken, django_assert_max_num_queries):
    bodies = ({"enrollment": number} for number in range(1100))
    with django_assert_max_num_queries(30):
        services.emit_each(account_id=in_acme.pk, type="enrollment.completed", bodies=bodies)
    assert Delivery.objects.count() == 1100


@pytest.mark.parametrize(
    ("status", "type"),
    [
        (Status.SYNCED, "run.finished"),
        (Status.WARNINGS, "run.finished"),
        (Status.UNDONE, "run.finished"),
        (Status.HELD, "run.held"),
        (Status.FAILED, "run.failed"),
        (Status.CANCELLED, "run.cancelled"),
    ],
)
def test_the_end_of_a_run_is_told_once(endpoint, in_acme, settings, status, type):
    connection = ConnectionFactory(account=in_acme)
    counts = {"PERSON.CREATE.APPLIED": 3}
    run = SyncRunFactory(connection=connection, status=status, counts=counts)
    tell(run)
    tell(run)
    ((_, told_type, data),) = told()
    assert (told_type, data) == (
        type,
        {
            "run": run.pk,
            "provider": "litmos",
            "trigger": "MANUAL",
            "status": status,
            "error_code": "",
            "hold_reason": "",
            "warnings": 0,
            "counts": counts,
            "finished_at": run.finished_at.isoformat(),
            "link": f"{settings.PORTAL_URL}/administration/integrations/litmos/runs/{run.pk}/",
        },
    )
    assert SyncRun.objects.get().is_told


def test_a_preview_is_not_told(endpoint, in_acme):
    connection = ConnectionFactory(account=in_acme)
    tell(SyncRunFactory(connection=connection, status=Status.PREVIEWED, is_preview=True))
    assert (told(), SyncRun.objects.get().is_told) == ([], True)
