"""What the dashboard says that somebody should see to, the gravest first, each with what cures it."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_scopes import scope

from accounts.models import Account
from integrations.models import Heartbeat, MailKind, MailSetting, Status, Trigger
from portal.attention import Attention
from tests.factories import ConnectionFactory, GroupFactory, SyncRunFactory
from tests.portal.rows import course_in_use, link

STORE = "/administration/integrations/"


@pytest.fixture
def connection(acme):
    acme.account_manager_email = "manager@acme.example"
    acme.save()
    Heartbeat.objects.create(name="tick", beat_at=now())
    return ConnectionFactory(account=acme)


def shown(client) -> list[Attention]:
    return client.get("/").context["attention"]


def links(client) -> list[tuple[str, str]]:
    return [(item.text, item.address) for item in shown(client)]


def test_nothing_needs_you(as_alice, connection):
    SyncRunFactory(connection=connection)
    page = as_alice.get("/")
    assert page.context["attention"] == []
    assert "Nothing needs you." in page.text


def test_the_gravest_first(as_alice, connection, acme):
    Heartbeat.objects.update(beat_at=now() - timedelta(hours=1))
    acme.account_manager_email = ""
    acme.save()
    SyncRunFactory(connection=connection, status=Status.HELD)
    with scope(account=acme):
        link(connection, GroupFactory(account=acme), joining=2)
        course_in_use(connection, is_active=False)
    assert [(item.word, item.text.split()[0]) for item in shown(as_alice)] == [
        ("Stopped", "The"),
        ("To do", "Litmos"),
        ("To do", "Running"),
        ("To do", "No"),
        ("To know", "1"),
    ]


def test_a_refused_key_is_told_once_and_cured_in_the_setup(as_alice, connection):
    connection.key_refused_since = now()
    connection.save()
    SyncRunFactory(connection=connection, status=Status.FAILED, error_code="key_refused")
    setup = f"{STORE}litmos/setup/"
    assert links(as_alice) == [("Litmos refused the API key.", setup)]


def test_held_changes_lead_to_the_decision_also_after_a_preview(as_alice, connection):
    run = SyncRunFactory(connection=connection, status=Status.HELD)
    SyncRunFactory(connection=connection, status=Status.PREVIEWED, is_preview=True)
    SyncRunFactory(connection=connection, trigger=Trigger.PERSON)
    held = f"{STORE}litmos/runs/{run.pk}/held/"
    assert links(as_alice) == [("Litmos has changes that are held.", held)]


def test_an_integration_that_is_gone_needs_nobody(as_alice, connection):
    SyncRunFactory(connection=connection, status=Status.FAILED, error_code="tls")
    connection.is_active = False
    connection.save()
    assert shown(as_alice) == []


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"WHY.PERSON.SKIP.SEAT_LIMIT.SKIPPED": 1}, "No seat is free: the last sync left out 1 p"),
        ({"WHY.PERSON.SKIP.SEAT_LIMIT.SKIPPED": 1200}, "the last sync left out 1,200 people."),
        ({"WHY.NOTE.WARN.OVER_SEATS.APPLIED": 1}, "more people than there are seats (50)."),
    ],
)
def test_seats_are_full(as_alice, connection, acme, counts, sentence):
    SyncRunFactory(connection=connection, status=Status.WARNINGS, counts=counts)
    assert shown(as_alice) == []
    acme.seat_limit = 50
    acme.save()
    [item] = shown(as_alice)
    assert sentence in item.text
    assert item.address == "/administration/account/"


def test_courses_of_running_campaigns_alone(as_alice, connection, acme):
    with scope(account=acme):
        course_in_use(connection, is_active=False, state="DRAFT")
        course_in_use(connection, is_active=False, state="ENDED")
        course_in_use(connection)
        assert shown(as_alice) == []
        course_in_use(connection, 4, is_active=False, name="Safe {}")
    [item] = shown(as_alice)
    assert item.text == (
        "Running campaigns use what can't be assigned any more: “Safe 0”, “Safe 1”, “Safe 2” and 1 more."
    )
    assert item.address == "/campaigns/"


def test_groups_that_drift(as_alice, connection, acme):
    SyncRunFactory(connection=connection)
    with scope(account=acme):
        for values in ({}, {"auto_sync": True}, {"locked": True}, {"is_archived": True}):
            link(connection, GroupFactory(account=acme, **values), leaving=1)
        link(connection, GroupFactory(account=acme))
        link(connection, GroupFactory(account=acme), joining=1, gone_at=now())
    assert links(as_alice) == [
        (
            "1 group with Auto-Sync off had other people than at Litmos when last compared.",
            f"{STORE}litmos/drift/",
        ),
        ("1 group with Auto-Sync on had other people than at Litmos when last compared.", STORE),
    ]


def test_what_is_held_is_not_told_as_drift_too(as_alice, connection, acme):
    SyncRunFactory(connection=connection, status=Status.HELD)
    with scope(account=acme):
        link(connection, GroupFactory(account=acme, auto_sync=True), leaving=20)
    assert len(shown(as_alice)) == 1


def test_who_is_listed_is_told_without_an_account_manager(as_alice, connection, acme):
    Account.objects.update(account_manager_email="")
    assert len(shown(as_alice)) == 1
    with scope(account=acme):
        MailSetting.objects.create(
            account=acme, kind=MailKind.SYNC_FINISHED, recipients=["x@acme.example"]
        )
    assert shown(as_alice) == []


def test_other_accounts_see_nothing_of_it(as_charlie, connection):
    SyncRunFactory(connection=connection, status=Status.FAILED, error_code="tls")
    assert shown(as_charlie) == []


def test_viewers_see_it_without_the_links(as_bob, connection):
    SyncRunFactory(connection=connection, status=Status.HELD)
    page = as_bob.get("/").text
    assert "Litmos has changes that are held." in page
    assert "/held/" not in page
