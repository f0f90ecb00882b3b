from __future__ import annotations

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from integrations.management.watching import UNSUCCESSFUL, sentence, summary, wait_for
from integrations.models import SyncRun


class RunCommand(BaseCommand):
    """A command that may open a run, wait for its end and tell of it."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", required=True, metavar="NAME")
        parser.add_argument("--provider", required=True)
        parser.add_argument("--wait", action="store_true", help="come back when the sync has ended")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def conclude(self, run: SyncRun, *, wait: bool, as_json: bool) -> None:
        if wait:
            wait_for(run)
        self.stdout.write(json.dumps(summary(run)) if as_json else sentence(run))
        if run.status in UNSUCCESSFUL:
            raise CommandError(f"Sync {run.pk} did not succeed.")
