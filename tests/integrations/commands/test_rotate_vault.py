import io

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from accounts import sealing
from integrations import vault
from integrations.management.commands import rotate_vault
from integrations.models import Connection, Probe
from integrations.services.keys import put_key, take_key
from tests.logging_in import SECRET, give_app, give_codes
from training.models import Campaign
from training.services.campaigns import renew_hook_secret
from webhooks.sealing import unseal
from webhooks.services import make_endpoint

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def rows(in_acme, settings):
    settings.PORTAL_VAULT_KEYS = [OLD]
    made = [
        Connection(account=in_acme, provider=f"p{number}", region="r") for number in range(3)
    ] + [Probe(account=in_acme, provider="p", region="r") for _ in range(2)]
    for number, row in enumerate(made):
        put_key(row, f"key-{number}-0123456789")
        row.save()
    Connection.objects.create(account=in_acme, provider="none", region="r")
    settings.PORTAL_VAULT_KEYS = [NEW, OLD]
    return made


def rotate():
    out, errors = io.StringIO(), io.StringIO()
    try:
        call_command("rotate_vault", stdout=out, stderr=errors)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), errors.getvalue()


def told(**counts):
    named = {"renewed": 0, "current": 0, "changed": 0, "unreadable": 0} | counts
    return (
        "{renewed} sealed anew, {current} already current, {changed} changed meanwhile, "
        "{unreadable} unreadable.\n"
    ).format(**named)


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_every_key_opens_with_the_new_vault_key_alone(rows, settings, monkeypatch, batch):
    monkeypatch.setattr(rotate_vault, "BATCH", batch)
    assert rotate() == (told(renewed=5), "")
    settings.PORTAL_VAULT_KEYS = [NEW]
    for number, row in enumerate(rows):
        row.refresh_from_db()
        assert take_key(row).reveal() == f"key-{number}-0123456789"


def test_second_factors_are_sealed_anew_too(rows, settings, alice):
    settings.PORTAL_VAULT_KEYS = [OLD]
    app, codes = give_app(alice), give_codes(alice)
    settings.PORTAL_VAULT_KEYS = [NEW, OLD]
    assert rotate() == (told(renewed=7), "")
    assert rotate() == (told(current=7), "")
    settings.PORTAL_VAULT_KEYS = [NEW]
    app.refresh_from_db()
    assert sealing.unseal(app.data["secret"]) == SECRET
    kept = Authenticator.objects.get(type="recovery_codes").wrap()
    assert kept.get_unused_codes() == codes
    settings.PORTAL_VAULT_KEYS = [OLD]
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(app.data["secret"])


def test_a_second_factor_that_no_vault_key_opens_is_left_and_reported(rows, settings, alice):
    settings.PORTAL_VAULT_KEYS = [Fernet.generate_key().decode()]
    give_app(alice)
    settings.PORTAL_VAULT_KEYS = [NEW, OLD]
    counts, complaint = rotate()
    assert counts == told(renewed=5, unreadable=1)
    assert "Keep the old vault key" in complaint


def test_the_secrets_of_webhooks_are_sealed_anew(in_acme, settings):
    settings.PORTAL_VAULT_KEYS = [OLD]
    made, secret = make_endpoint(account=in_acme, address="https://a.example.com/", events=[])
    settings.PORTAL_VAULT_KEYS = [NEW, OLD]
    assert rotate() == (told(renewed=1), "")
    settings.PORTAL_VAULT_KEYS = [NEW]
    made.refresh_from_db()
    assert unseal(made.secret_sealed, account_id=in_acme.pk) == secret


def test_running_it_again_changes_nothing(rows):
    rotate()
    before = [type(row).objects.get(pk=row.pk).api_key_sealed for row in rows]
    assert rotate() == (told(current=5), "")
    assert [type(row).objects.get(pk=row.pk).api_key_sealed for row in rows] == before


def test_a_key_that_no_vault_key_opens_is_left_and_reported(rows, settings):
    settings.PORTAL_VAULT_KEYS = [Fernet.generate_key().decode()]
    put_key(rows[0], "lost-0123456789")
    rows[0].save()
    settings.PORTAL_VAULT_KEYS = [NEW, OLD]
    counts, complaint = rotate()
    assert counts == told(renewed=4, unreadable=1)
    assert "Keep the old vault key" in complaint


def test_a_key_saved_meanwhile_is_not_overwritten(rows, settings, monkeypatch):
    def rotate_slowly(token):
        settings.PORTAL_VAULT_KEYS = [OLD]
        row = Connection.objects.get(pk=rows[0].pk)
        put_key(row, "typed-meanwhile-1234")
        row.save()
        settings.PORTAL_VAULT_KEYS = [NEW, OLD]
        monkeypatch.undo()
        return vault.rotate(token)

    monkeypatch.setattr(vault, "rotate", rotate_slowly)
    counts, complaint = rotate()
    assert counts == told(renewed=4, changed=1)
    assert complaint.startswith("Run it again")
    assert take_key(Connection.objects.get(pk=rows[0].pk)).reveal() == "typed-meanwhile-1234"


def test_the_secrets_of_campaigns_are_sealed_anew(in_acme, settings):
    settings.PORTAL_VAULT_KEYS = [OLD]
    made = Campaign.objects.create(account=in_acme, name="Spring")
    secret = renew_hook_secret(campaign=made)
    settings.PORTAL_VAULT_KEYS = [NEW, OLD]
    assert rotate() == (told(renewed=1), "")
    settings.PORTAL_VAULT_KEYS = [NEW]
    made.refresh_from_db()
    opened = vault.unseal(made.hook_secret_sealed, context=made.hook_context)
    assert opened.reveal() == secret


def test_every_field_that_is_sealed_is_known():
    """Each is named so, and nothing else is."""
    assert {f"{model._meta.label}.{field}" for model, field in rotate_vault.fields()} == {
        "integrations.Connection.api_key_sealed",
        "integrations.Probe.api_key_sealed",
        "training.Campaign.hook_secret_sealed",
        "webhooks.Endpoint.secret_sealed",
    }
