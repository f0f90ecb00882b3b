from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from integrations import selectors, tasks


class Command(BaseCommand):
    help = "Tell how many syncs wait for a worker, and for how long the first of them has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        found = selectors.backlog(now)
        figures = {
            "due": found.due,
            "lag_seconds": round(found.lag_seconds(now), 1),
            "at_work": found.at_work,
            "paused": found.paused,
            "messages": tasks.messages(),
        }
        self.stdout.write(json.dumps(figures) if options["json"] else SENTENCE.format(**figures))


SENTENCE = (
    "{due} wait for a worker, the first for {lag_seconds} s; {at_work} at work;"
    " {paused} wait for free calls or their next try; {messages} messages on the queue."
)
