"""What a person makes of held changes: carry them out, or keep things as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from integrations.models import (
    OPEN_STATUSES,
    Change,
    Connection,
    Decision,
    Outcome,
    Status,
    SyncRun,
)
from integrations.sync import carrier, drift, finishing
from integrations.sync.waiting import HELD_FOR, is_replaced


class DecisionRefused(Exception):
    """`code`: NOT_HELD, TOO_OLD, REPLACED, RUN_OPEN, OTHER_PLAN, OTHER_ROWS or
    NOTHING_CHOSEN."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Held:
    """What was held and may still be decided; `refusal` is the code of why not, '' when it may."""

    run: SyncRun
    until: datetime
    refusal: str = ""

    @classmethod
    def of(cls, run: SyncRun, *, now: datetime | None = None) -> Held:
        moment = now or timezone.now()
        until = (run.finished_at or moment) + HELD_FOR
        return cls(run, until, _refusal(run, until, moment))


def _refusal(run: SyncRun, until: datetime, now: datetime) -> str:
    if run.status != Status.HELD:
        return "NOT_HELD"
    if now > until:
        return "TOO_OLD"
    if is_replaced(run):
        return "REPLACED"
    mine = SyncRun.objects.filter(connection_id=run.connection_id)
    return "RUN_OPEN" if mine.filter(status__in=OPEN_STATUSES).exists() else ""


@transaction.atomic
def decide(
    *,
    run: SyncRun,
    user: User | None,
    rows: QuerySet[Change],
    plan_hash: str,
    is_approval: bool,
    reason: str = "",
    seen: str | None = None,
) -> Decision:
    """Carry out the chosen held `rows`, or keep what they would take away, in one transaction.

    `plan_hash` is of the plan the person looked at, `seen` the `digest_of` the rows they chose; None binds
    the decision to the plan alone. Raises DecisionRefused, and then nothing is done.
    """
    run = SyncRun.objects.select_for_update().select_related("connection").get(pk=run.pk)
    refusal = Held.of(run).refusal or ("OTHER_PLAN" if plan_hash != run.plan_hash else "")
    if refusal:
        raise DecisionRefused(refusal)
    chosen = rows.filter(run=run, outcome=Outcome.HELD)
    if not chosen.exists():
        raise DecisionRefused("NOTHING_CHOSEN")
    if seen is not None and seen != digest_of(chosen.values_list("pk", flat=True)):
        raise DecisionRefused("OTHER_ROWS")
    decision = Decision.objects.create(
        account_id=run.account_id,
        run=run,
        user=user,
        is_approval=is_approval,
        reason=reason,
        number=chosen.count(),
        plan_hash=plan_hash,
    )
    _carry_out(run, decision, chosen)
    drift.settle(run, Change.objects.filter(decision=decision))
    close_if_decided(run)
    _record(decision)
    return decision


def digest_of(ids: Iterable[int]) -> str:
    """The same for the same rows, in whatever order."""
    return hashlib.sha256(",".join(map(str, sorted(set(ids)))).encode()).hexdigest()


def _carry_out(run: SyncRun, decision: Decision, chosen: QuerySet[Change]) -> None:
    mine = Change.objects.filter(run=run, decision=decision)
    if decision.is_approval:
        chosen.update(decision=decision, outcome=Outcome.PLANNED)
        carrier.carry_approved(run)
    else:
        chosen.update(decision=decision, outcome=Outcome.KEPT)
        carrier.keep_people(run, mine, timezone.now())


def close_if_decided(run: SyncRun) -> None:
    """Nothing left to decide: the run has ended as it would have without a hold, and the next hold is
    a new one to tell of."""
    run.counts = {k: n for k, n in run.counts.items() if k.startswith(finishing.KEPT_COUNTS)}
    run.counts |= finishing.count_rows(run)
    run.warnings = finishing.count_warnings(run)
    is_held = finishing.is_any_held(run.counts)
    run.status = finishing.ending_of(is_held=is_held, warnings=run.warnings)
    run.hold_reason = run.hold_reason if is_held else ""
    run.save(update_fields=["counts", "warnings", "status", "hold_reason"])
    if not is_held:
        Connection.objects.filter(pk=run.connection_id).update(hold_mailed="")


def _record(decision: Decision) -> None:
    audit.record(
        account=decision.run.account,
        user=decision.user,
        kind="CHANGES_APPROVED" if decision.is_approval else "CHANGES_KEPT",
        subject=f"{decision.run.connection.provider}, sync {decision.run_id}",
        after={"changes": decision.number, "plan": decision.plan_hash[:12]},
        reason=decision.reason,
    )
