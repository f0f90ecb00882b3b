"""The seats of an account: a sync obeys the limit, and says who was left out."""

from __future__ import annotations

from accounts.models import SeatRule
from integrations.models import Action, Change, Kind, Outcome, Reason, SyncRun
from integrations.sync.stages.holds import note
from integrations.sync.stages.writing import write
from targets.seats import seats_used


def obey_seats(run: SyncRun, _after: int) -> None:
    account = run.account
    new = Change.objects.filter(run=run, kind=Kind.PERSON, action=Action.CREATE).order_by("pk")
    wanted = new.count()
    if account.seat_limit is None or not wanted:
        return
    free = max(0, account.seat_limit - seats_used(account.pk))
    if wanted <= free:
        return
    if account.seat_rule == SeatRule.IMPORT_ALL:
        write(run, [note(Reason.OVER_SEATS, "", number=wanted - free)])
        return
    kept = free if account.seat_rule == SeatRule.UP_TO_LIMIT else 0
    left_out = new.filter(pk__gt=new[kept - 1].pk) if kept else new
    left_out.update(
        outcome=Outcome.SKIPPED,
        action=Action.SKIP,
        reason=Reason.SEAT_LIMIT,
        reason_args={"limit": account.seat_limit},
    )
