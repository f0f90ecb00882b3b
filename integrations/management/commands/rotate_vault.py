from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model
from django_scopes import scopes_disabled

from accounts import sealing
from integrations import vault

BATCH = 500
#: How the name of a field ends that is sealed, whichever app has it.
SEALED = "_sealed"


class Command(BaseCommand):
    help = (
        "Seal every stored API key, second factor and secret of a webhook or campaign anew with the first of "
        "PORTAL_VAULT_KEYS. Run it after putting a new key in front and restarting; when it ends well "
        "the old key can go."
    )

    @scopes_disabled()
    def handle(self, *_args: Any, **_options: Any) -> None:
        counts = Counter(
            self._renew(row, field) for model, field in fields() for row in _sealed(model, field)
        )
        counts.update(self._renew_factor(factor) for factor in sealing.sealed_factors())
        self.stdout.write(
            f"{counts['renewed']} sealed anew, {counts['current']} already current, "
            f"{counts['changed']} changed meanwhile, {counts['unreadable']} unreadable."
        )
        if counts["changed"]:
            raise CommandError("Run it again: a secret was saved meanwhile.")
        if counts["unreadable"]:
            raise CommandError("Keep the old vault key: some secrets don't open with the new one.")

    def _renew_factor(self, factor: Authenticator) -> str:
        outcome = sealing.renew(factor)
        if outcome == "unreadable":
            told = f"The second factor {factor.pk} can't be opened with any of PORTAL_VAULT_KEYS."
            self.stderr.write(told)
        return outcome

    def _renew(self, row: Model, field: str) -> str:
        """Only a row that still holds what was read is written, so a key saved meanwhile stays."""
        sealed = getattr(row, field)
        if vault.is_current(sealed):
            return "current"
        try:
            renewed = vault.rotate(sealed)
        except vault.KeyUnreadable:
            self.stderr.write(f"{row} can't be opened with any of PORTAL_VAULT_KEYS.")
            return "unreadable"
        unchanged = type(row)._base_manager.filter(pk=row.pk, **{field: sealed})
        return "renewed" if unchanged.update(**{field: renewed}) else "changed"


def fields() -> list[tuple[type[Model], str]]:
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith(SEALED)
    ]


def _sealed(model: type[Model], field: str) -> Iterator[Model]:
    """Every row with a key, a batch at a time, in the order of primary keys."""
    rows = model._base_manager.exclude(**{field: ""}).order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        yield from batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])
