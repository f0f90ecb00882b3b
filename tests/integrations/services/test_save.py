from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from integrations import vault
from integrations.models import Connection, Probe, SyncRun
from integrations.services import (
    ConnectionSettings,
    NothingChosen,
    ProbeRequired,
    open_run,
    save_connection,
)
from integrations.services.keys import put_key, take_key

pytestmark = pytest.mark.django_db
KEY = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def scoped(acme):
    with scope(account=acme):
        yield acme


@pytest.fixture
def probe(scoped) -> Probe:
    return passed_probe(scoped)


def passed_probe(account, key=KEY, **values) -> Probe:
    teams = [{"id": "T1", "name": "Sales", "path": "Sales"}]
    probe = Probe(account=account, provider="litmos", region="us", has_passed=True, teams=teams)
    for name, value in values.items():
        setattr(probe, name, value)
    put_key(probe, key)
    probe.save()
    return probe


def save(account, probe=None, api_key="", **chosen):
    return save_connection(
        account=account,
        user=None,
        provider="litmos",
        chosen=ConnectionSettings(**{"region": "us", **chosen}),
        probe=probe,
        api_key=api_key,
    )


def test_passed_test_is_saved_and_queues_a_sync(scoped, probe):
    saved = save(scoped, probe)

    assert take_key(saved.connection).reveal() == KEY
    assert (saved.connection.api_key_last4, saved.connection.is_active) == ("5555", True)
    assert (saved.run.trigger, saved.run.status, saved.is_run_already_open) == (
        "SAVE",
        "QUEUED",
        False,
    )


def test_not_active_stores_and_runs_nothing(scoped, probe):
    assert save(scoped, probe, is_active=False).run is None
    assert Connection.objects.count() == 1
    assert not SyncRun.objects.exists()


def test_saving_while_a_run_is_open_queues_no_second(scoped, probe):
    first = save(scoped, probe)
    second = save(scoped)

    assert (second.run, second.is_run_already_open) == (first.run, True)


@pytest.mark.parametrize(
    "why", ["none", "failed", "old", "other region", "other key", "other account", "other provider"]
)
def test_save_without_a_passed_test_is_refused(scoped, globex, why):
    values = {
        "failed": {"has_passed": False},
        "old": {"created_at": timezone.now() - timedelta(minutes=31)},
        "other region": {"region": "eu"},
        "other provider": {"provider": "other"},
    }.get(why, {})
    probe = None if why == "none" else passed_probe(scoped, **values)
    if why == "other account":
        with scope(account=globex):
            probe = passed_probe(globex)
    typed = "another key" if why == "other key" else ""

    with pytest.raises(ProbeRequired):
        save(scoped, probe, api_key=typed)
    assert not Connection.objects.exists()


def test_changed_settings_of_a_saved_connection_need_no_test(scoped, probe):
    save(scoped, probe)
    saved = save(scoped, is_active=False, default_lms="ALL_GROUPS")

    assert (saved.connection.default_lms, saved.connection.is_active) == ("ALL_GROUPS", False)
    assert take_key(saved.connection).reveal() == KEY
    with pytest.raises(ProbeRequired):
        save(scoped, region="eu")
    with pytest.raises(ProbeRequired):
        save(scoped, api_key="another key")


def test_only_teams_that_are_known_can_be_chosen(scoped, probe):
    saved = save(scoped, probe, sync_all_groups=False, team_ids=["T1", "T2"])

    assert list(saved.connection.chosen_teams.values_list("integration_id", "name")) == [
        ("T1", "Sales")
    ]
    with pytest.raises(NothingChosen):
        save(scoped, probe, sync_all_groups=False, team_ids=["T2"])
    assert saved.connection.chosen_teams.count() == 1


def test_turning_off_stops_an_automatic_run(scoped, probe):
    run = save(scoped, probe).run
    save(scoped, is_active=False)

    run.refresh_from_db()
    assert run.is_cancel_requested


def test_turning_off_leaves_a_run_by_hand_alone(scoped, probe):
    save(scoped, probe).run.delete()
    run = open_run(connection=Connection.objects.get(), trigger="MANUAL").run
    save(scoped, is_active=False)

    run.refresh_from_db()
    assert not run.is_cancel_requested


def test_sealed_key_opens_in_its_own_row_only(scoped, probe, globex):
    with scope(account=globex):
        other = passed_probe(globex, key="theirs")
    other.api_key_sealed = probe.api_key_sealed

    with pytest.raises(vault.KeyUnreadable):
        take_key(other)


@pytest.mark.parametrize("token", ["", "garbage", "gAAAAA"])
def test_damaged_token_is_an_error_and_never_a_value(token):
    with pytest.raises(vault.KeyUnreadable):
        vault.unseal(token, context="c")


def test_rotation(settings, probe):
    old = settings.PORTAL_VAULT_KEYS
    from cryptography.fernet import Fernet

    new = Fernet.generate_key().decode()
    settings.PORTAL_VAULT_KEYS = [new, *old]
    assert not vault.is_current(probe.api_key_sealed)
    rotated = vault.rotate(probe.api_key_sealed)
    settings.PORTAL_VAULT_KEYS = [new]

    assert vault.is_current(rotated)
    assert vault.unseal(rotated, context=probe.vault_context).reveal() == KEY
    with pytest.raises(vault.KeyUnreadable):
        vault.unseal(probe.api_key_sealed, context=probe.vault_context)
