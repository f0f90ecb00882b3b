"""A connection to a rehearsal Litmos over a real socket, synced in this process."""

from dataclasses import replace

from integrations import budget
from integrations.contract.secret import Secret
from integrations.models import Connection, SyncRun
from integrations.providers.litmos.client import LitmosClient
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox
from integrations.services import open_run
from integrations.sync import engine, journal

#: As in production, so that no answer is late because the machine is busy; but no pauses between tries.
QUICK = replace(Limits(), longest_pause_seconds=0)
#: For answers that never end. One connection alone, which `then` needs.
HASTY = replace(QUICK, wall_seconds=0.1, tries=2, most_ahead=0)
MOST_STEPS = 12


class Wire:
    def __init__(self, account, sandbox: Sandbox, url: str) -> None:
        self.sandbox, self.url, self.account = sandbox, url, account
        self.connection = Connection.objects.create(
            account=account, provider="litmos", region="rehearsal", is_active=True
        )

    def sync(
        self, api_key: str = "", limits: Limits = QUICK, then: Limits | None = None
    ) -> SyncRun:
        """`then` are the limits once a call has failed."""
        run = open_run(connection=self.connection, trigger="MANUAL").run
        for _ in range(MOST_STEPS):
            SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None)
            claimed = journal.claim(run.pk)
            if claimed is None:
                break
            client = self.client(claimed, api_key, limits, then)
            engine.work(claimed, client, is_time_up=lambda: False)
            client.close()
        run.refresh_from_db()
        return run

    def client(
        self, run: SyncRun, api_key: str, limits: Limits, then: Limits | None = None
    ) -> LitmosClient:
        """With a rate budget of its own, so that no step waits for an earlier one's."""

        def pause(_seconds: float) -> None:
            client.limits = then or limits

        client = LitmosClient(
            base_url=self.url,
            api_key=Secret(api_key or self.sandbox.api_key),
            budget=budget.for_key(f"{run.pk}-{run.epoch}-{id(self)}", "SYNC"),
            limits=limits,
            sleep=pause,
        )
        return client
