"""Forgets what is older than it is kept, as the scheduler does every hour."""

from __future__ import annotations

import json

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django_scopes import scopes_disabled

from integrations.services import purge as purge_syncs
from training.services.completion_hook import forget_told
from training.services.forgetting import forget_leavers
from webhooks.services import purge as purge_webhooks

#: What the hourly tasks look through.
OF = (
    "integrations.Change",
    "integrations.SentMail",
    "integrations.Mirror",
    "integrations.Probe",
    "accounts.AuditEvent",
    "accounts.ApiAnswer",
    "targets.ImportDraft",
    "targets.Target",
    "training.ToldCompletion",
    "webhooks.Delivery",
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--json", action="store_true", help="print one object")

    @scopes_disabled()
    def handle(self, *args: object, **options: bool) -> None:
        with transaction.atomic():
            before = counts()
            purge_syncs()
            forget_told()
            purge_webhooks()
            forget_leavers()
            gone = {name: before[name] - left for name, left in counts().items()}
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["json"]:
            self.stdout.write(json.dumps(gone))
            return
        word = "would go" if options["dry_run"] else "gone"
        for name, number in gone.items():
            self.stdout.write(f"{number:>9,} {word}  {name}")


def counts() -> dict[str, int]:
    return {name: apps.get_model(name).objects.count() for name in OF}
