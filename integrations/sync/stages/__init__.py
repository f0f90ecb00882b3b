"""The plan, stage by stage, batch by batch.

The place is kept in the run's cursor (`stage`, `after`), so a plan that was cut short goes on from
there. A stage plans one batch and returns where the next begins, None when it is through.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from integrations.models import Change, Phase, SyncRun
from integrations.sync import journal
from integrations.sync.stages.courses import plan_courses, plan_gone_courses
from integrations.sync.stages.groups import mark_people, plan_group_rows
from integrations.sync.stages.holds import hold, tell_of_the_reading
from integrations.sync.stages.people import plan_leavers, plan_people, plan_strangers
from integrations.sync.stages.sealing import seal
from integrations.sync.stages.seats import obey_seats
from integrations.sync.stages.undoing import plan_undo

STAGES: dict[str, Callable[[SyncRun, int], int | None]] = {
    "GROUPS": plan_group_rows,
    "PEOPLE": plan_people,
    "LEAVERS": plan_leavers,
    "STRANGERS": plan_strangers,
    "COURSES": plan_courses,
    "GONE_COURSES": plan_gone_courses,
    "READING": tell_of_the_reading,
    "SEATS": obey_seats,
    "HOLDS": hold,
    "SEAL": seal,
    "UNDO": plan_undo,
    "ONE": mark_people,
}
FOLLOWING = {"UNDO": "SEAL", "ONE": "PEOPLE", "SEAL": ""}


def plan_next(run: SyncRun) -> str:
    """Plan one batch of the stage in the cursor; returns the phase that comes next."""
    stage = run.cursor["stage"]
    with transaction.atomic():
        after = STAGES[stage](run, run.cursor.get("after", 0))
        cursor = {**run.cursor, "after": after or 0}
        if after is None:
            cursor["stage"] = _following(stage)
        phase = Phase.PLAN if cursor["stage"] else _after_the_plan(run)
        journal.checkpoint(
            run,
            phase=phase,
            cursor=cursor,
            counts=run.counts,
            hold_reason=run.hold_reason,
            plan_hash=run.plan_hash,
            is_preview=run.is_preview,
        )
    return phase


def _after_the_plan(run: SyncRun) -> str:
    return Phase.FINISH if run.is_preview else Phase.APPLY


def first_stage(run: SyncRun) -> str:
    if run.undoes_id:
        return "UNDO"
    return "ONE" if run.person_id else "GROUPS"


def plan_again(run: SyncRun) -> None:
    """Forget the plan: something moved between planning and applying."""
    with transaction.atomic():
        cursor = {**run.cursor, "stage": first_stage(run), "after": 0, "values": {}}
        journal.rewind(run, phase=Phase.PLAN, cursor=cursor, counts={})
        Change.objects.filter(run=run).delete()


def _following(stage: str) -> str:
    names = list(STAGES)
    return FOLLOWING[stage] if stage in FOLLOWING else names[names.index(stage) + 1]
