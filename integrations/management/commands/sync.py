from __future__ import annotations

from typing import Any

from django_scopes import scope

from integrations import services, tasks
from integrations.management.base import RunCommand
from integrations.management.naming import find_account, find_connection, find_provider
from integrations.models import Trigger


class Command(RunCommand):
    help = "Queue a sync. Exits with 1 when a sync waited for failed, with 2 when misused."

    def handle(self, *_args: Any, **options: Any) -> None:
        account = find_account(options["account"])
        provider = find_provider(options["provider"])
        with scope(account=account):
            connection = find_connection(account, provider)
            opened = services.open_run(connection=connection, trigger=Trigger.MANUAL)
            tasks.wake(opened.run.pk)
            if not opened.is_new:
                self.stderr.write("A sync is open already; this tells of that one.")
            self.conclude(opened.run, wait=options["wait"], as_json=options["json"])
