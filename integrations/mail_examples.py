"""Letters with example values, for previews and test e-mails. Nothing of them is stored."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Account, User
from groups.sources import source_label
from integrations import registry
from integrations.letters import Button, Letter, decided_letter, headline, sync_letter
from integrations.models import Connection, Decision, MailKind, Status, SyncRun, Trigger

COUNTS = {
    "PERSON.CREATE.APPLIED": 12,
    "PERSON.UPDATE.APPLIED": 40,
    "MEMBERSHIP.DEACTIVATE.APPLIED": 3,
    "UNCHANGED.PERSON": 1945,
}
DECIDED = {
    "user": User(name="Alex Example"),
    "is_approval": True,
    "number": 12,
    "reason": "They have left the company.",
}
#: How an example of the mail about an ended sync may end.
ENDINGS = {
    Status.SYNCED: {"counts": COUNTS},
    Status.WARNINGS: {"counts": COUNTS, "warnings": 2},
    Status.HELD: {"counts": COUNTS, "hold_reason": "removals"},
    Status.FAILED: {"error_code": "key_refused"},
}


def example(account: Account, kind: str, ending: str = Status.SYNCED) -> tuple[SyncRun, Letter]:
    """A run that never was, and the letter about it. What is no ending counts as Synced."""
    if kind != MailKind.SYNC_FINISHED:
        ending = Status.HELD if kind == MailKind.CHANGES_DECIDED else Status.PREVIEWED
    run = _run(account, ending)
    if kind == MailKind.CHANGES_DECIDED:
        return run, decided_letter(Decision(run=run, **DECIDED))
    if kind == MailKind.DRIFT_REPORT:
        return run, _drift(run)
    return run, sync_letter(run)


def _run(account: Account, ending: str) -> SyncRun:
    provider = next(iter(registry.PROVIDERS))
    now = timezone.now()
    values = {
        "status": ending,
        "is_preview": ending == Status.PREVIEWED,
        "created_at": now - timedelta(minutes=4),
        "finished_at": now,
        **ENDINGS.get(Status(ending), {"counts": COUNTS}),
    }
    connection = Connection(account=account, provider=provider)
    return SyncRun(pk=0, account=account, connection=connection, trigger=Trigger.AUTO, **values)


def _drift(run: SyncRun) -> Letter:
    provider = source_label(run.connection.provider)
    return Letter(
        headline(f"{provider}: 1 of 3 groups drift – {run.account.name}"),
        [
            f"Auto-Sync is off for 3 groups. Other people than at {provider}: 1. "
            "Nothing was changed."
        ],
        [("Sales, to join", 4), ("Sales, to leave", 1)],
        Button("Drift report", "/"),
    )
