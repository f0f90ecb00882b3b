"""Checks that each row is of the same account as the rows it hangs on, such as after a restore by hand."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.models import F, Model
from django_scopes import scopes_disabled

from accounts.models import Account


class Command(BaseCommand):
    help = __doc__

    @scopes_disabled()
    def handle(self, *args: object, **options: object) -> None:
        wrong = 0
        relations = list(relations_within_accounts())
        for model, name in relations:
            number = strangers(model, name)
            if number:
                self.stderr.write(
                    f"{number:>9,} rows of {model._meta.label}: {name} is another account's"
                )
            wrong += number
        if wrong:
            raise CommandError(f"{wrong:,} rows hang on rows of another account.")
        self.stdout.write(f"{len(relations)} relations looked at: every row is of its account.")


def relations_within_accounts() -> Iterator[tuple[type[Model], str]]:
    """(model, field) wherever a row with an account leads to another one with an account."""
    owned = {model for model in apps.get_models() if _has_account(model)}
    for model in sorted(owned, key=lambda one: one._meta.label):
        for field in model._meta.fields:
            if field.is_relation and field.related_model in owned:
                yield model, field.name


def strangers(model: type[Model], name: str) -> int:
    """How many rows lead to another account's by that field."""
    leading = model.objects.exclude(**{name: None})  # type: ignore[attr-defined]
    return leading.exclude(**{f"{name}__account": F("account")}).count()


def _has_account(model: type[Model]) -> bool:
    return any(field.related_model is Account for field in model._meta.fields)
