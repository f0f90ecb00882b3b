"""The charts of the dashboard, from what runs keep of themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from integrations.models import Status
from portal.charts import sync_charts
from tests.factories import ConnectionFactory, SyncRunFactory

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def connection(acme):
    acme.time_zone = "Asia/Tokyo"
    acme.save()
    return ConnectionFactory(account=acme)


def run(connection, at, status=Status.SYNCED, **values):
    return SyncRunFactory(connection=connection, status=status, finished_at=at, **values)


def drawn(acme):
    with scope(account=acme):
        people, syncs = sync_charts(acme, NOW)
    return people, syncs


def test_people_of_a_week_of_the_accounts_clocks(connection, acme, globex):
    counts = {
        "PERSON.CREATE.APPLIED": 5,
        "PERSON.REACTIVATE.APPLIED": 2,
        "PERSON.DEACTIVATE.APPLIED": 3,
        "PERSON.CREATE.SKIPPED": 100,
    }
    run(connection, datetime(2026, 11, 22, 15, tzinfo=UTC), counts=counts)  # Monday in Tokyo
    run(connection, datetime(2026, 11, 22, 14, tzinfo=UTC), counts={"PERSON.CREATE.APPLIED": 1})
    run(connection, NOW, counts=counts, is_preview=True)
    run(connection, NOW - timedelta(weeks=13), counts=counts)
    run(ConnectionFactory(account=globex), NOW, counts=counts)
    people, _syncs = drawn(acme)
    assert len(people.rows) == 12
    assert people.rows[0] == ("7 Sep", "0", "0")
    assert people.rows[-2:] == [("16 Nov", "1", "0"), ("23 Nov", "7", "3")]
    assert people.gist == "8 came and 3 left in 12 weeks."
    assert people.keys == [("good", "Came"), ("rest", "Left")]
    assert [bar.told for bar in people.bars] == [
        "16 Nov, Came: 1",
        "23 Nov, Came: 7",
        "23 Nov, Left: 3",
    ]


def test_syncs_of_a_day_by_their_outcome(connection, acme):
    for status in (Status.SYNCED, Status.SYNCED, Status.WARNINGS, Status.HELD, Status.FAILED):
        run(connection, NOW, status)
    run(connection, NOW - timedelta(days=1), Status.CANCELLED)
    run(connection, NOW - timedelta(days=30), Status.FAILED)
    SyncRunFactory(connection=connection, status=Status.RUNNING, finished_at=None)
    _people, syncs = drawn(acme)
    assert len(syncs.rows) == 30
    assert syncs.rows[-2:] == [
        ("24 Nov", "0", "0", "0", "0", "1"),
        ("25 Nov", "2", "1", "1", "1", "0"),
    ]
    assert syncs.gist == (
        "2 synced, 1 with warnings, 1 held, 1 failed, 1 cancelled or undone in 30 days."
    )


def test_bars_of_one_day_stand_on_each_other(connection, acme):
    run(connection, NOW, Status.SYNCED)
    run(connection, NOW, Status.FAILED)
    _people, syncs = drawn(acme)
    good, bad = syncs.bars
    assert (good.tone, bad.tone) == ("good", "bad")
    assert (good.x, good.height) == (bad.x, bad.height)
    assert float(bad.y) + float(bad.height) == pytest.approx(float(good.y))


def test_an_account_without_a_sync_has_empty_charts(acme):
    people, syncs = drawn(acme)
    assert people.bars == syncs.bars == []
    assert syncs.gist == "None in 30 days."


def test_each_chart_has_its_table(as_alice, connection):
    page = as_alice.get("/").text
    assert page.count(" as a table</summary>") == 2
    assert '<th scope="col">With warnings</th>' in page
    assert "style=" not in page
