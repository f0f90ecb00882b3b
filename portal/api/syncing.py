"""Connections and their syncs: to read, to start, to preview, to decide."""

from __future__ import annotations

from typing import Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict, StrictBool

from accounts.models import Scope
from groups.models import Group
from integrations import mail, services, tasks
from integrations.models import Change, Connection, Kind, Outcome, Status, SyncRun, Trigger
from portal.api.bearer import TokenWith
from portal.api.calls import Call, found
from portal.api.idempotency import Key, respond
from portal.api.paging import NEWEST, Id, Listing, Page, Place, listing
from portal.api.problems import Problem
from portal.api.shapes import ChangeShape, ConnectionShape, RunShape

router = Router(tags=["integrations and syncs"])
READ, PEOPLE = TokenWith(Scope.READ), TokenWith(Scope.PEOPLE_READ)
SYNC, DECIDE = TokenWith(Scope.SYNC), TokenWith(Scope.DECIDE)
MOST_CHOSEN = 10_000
REFUSED = {
    "NOT_HELD": "Nothing is held in this sync.",
    "TOO_OLD": "These changes were held for 7 days. Start a sync to see what is held now.",
    "REPLACED": "A newer sync has replaced this plan. Decide on the newest one.",
    "RUN_OPEN": "A sync is open, and its plan replaces this one. Wait until it has ended.",
    "OTHER_PLAN": "The plan is another than the one you named. Look at it again, then decide.",
    "OTHER_ROWS": "Not all of these changes are held in this sync any more. Nothing was decided.",
    "NOTHING_CHOSEN": "None of these changes is held in this sync.",
}


class RunsAsked(Place):
    connection: Id | None = None
    status: Status | None = None
    is_preview: bool | None = None


class ChangesAsked(Place):
    kind: Kind | None = None
    outcome: Outcome | None = None


class NewRun(Schema):
    model_config = ConfigDict(extra="forbid")

    is_preview: StrictBool = Field(
        default=False, description="Ends with its plan; nothing is changed"
    )
    group: Id | None = Field(None, description="Sync this group alone")
    turns_auto_sync_on: StrictBool = Field(
        default=True,
        description="For groups that the sync of an integration makes which is not Active",
    )


class Opened(Schema):
    run: RunShape
    is_new: bool = Field(description="False: this sync was open already, and none was queued")


class NewDecision(Schema):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "keep"] = Field(
        description="approve carries the changes out, keep leaves things as they are"
    )
    plan_hash: str = Field(max_length=64, description="Of the sync whose changes were looked at")
    changes: list[Id] | None = Field(
        None, max_length=MOST_CHOSEN, description="Ids of held changes; null: all that are held"
    )
    reason: str = Field("", max_length=255, description="For the audit log")


class Decided(Schema):
    run: RunShape
    changes: int = Field(description="How many were decided")


@router.get(
    "/connections", auth=READ, response=Listing[ConnectionShape], summary="List integrations"
)
def list_connections(request: Call, asked: Query[Place]) -> Page[ConnectionShape]:
    return listing(Connection.objects.all(), asked, ConnectionShape.of)


@router.get(
    "/connections/{connection_id}", auth=READ, response=ConnectionShape, summary="One integration"
)
def read_connection(request: Call, connection_id: Id) -> ConnectionShape:
    return ConnectionShape.of(found(Connection.objects.all(), connection_id, "connection"))


@router.post(
    "/connections/{connection_id}/runs", auth=SYNC, response={202: Opened}, summary="Start a sync"
)
def start_run(
    request: Call, connection_id: Id, new: NewRun, idempotency_key: Key = None
) -> HttpResponse:
    """Queues it, and answers at once. Where one is open already, that one is the answer."""
    connection = found(Connection.objects.all(), connection_id, "connection")
    if not connection.api_key_sealed:
        raise Problem(409, "not_set_up", "This integration was removed. Set it up again first.")
    return respond(request, lambda: _start(request, connection, new), status=202)


def _start(request: Call, connection: Connection, new: NewRun) -> Opened:
    if new.is_preview and new.group:
        raise Problem(
            409, "whole_only", "A preview is of the whole integration: leave out “group”."
        )
    if new.is_preview:
        return _opened(services.start_preview(connection=connection, user=request.auth.made_by))
    if new.group:
        return _start_group(request, connection, new.group)
    return _opened(
        services.open_run(
            connection=connection,
            trigger=Trigger.MANUAL,
            requested_by=request.auth.made_by,
            turns_auto_sync_on=new.turns_auto_sync_on,
        )
    )


def _start_group(request: Call, connection: Connection, group_id: int) -> Opened:
    group = found(Group.objects.filter(source=connection.provider), group_id, "group")
    try:
        return _opened(services.sync_group(group=group, user=request.auth.made_by))
    except services.GroupRefused as refused:
        raise Problem(409, "group_refused", str(refused)) from None


def _opened(opened: services.Opened) -> Opened:
    run = opened.run
    if opened.is_new:
        transaction.on_commit(lambda: tasks.wake(run.pk))
    return Opened(run=RunShape.of(run), is_new=opened.is_new)


@router.get("/runs", auth=READ, response=Listing[RunShape], summary="List syncs")
def list_runs(request: Call, asked: Query[RunsAsked]) -> Page[RunShape]:
    """The newest first."""
    chosen = asked.dict(include={"connection", "status", "is_preview"}, exclude_none=True)
    return listing(SyncRun.objects.filter(**chosen), asked, RunShape.of, NEWEST)


@router.get("/runs/{run_id}", auth=READ, response=RunShape, summary="One sync")
def read_run(request: Call, run_id: Id) -> RunShape:
    return RunShape.of(_run(run_id))


@router.get(
    "/runs/{run_id}/changes", auth=PEOPLE, response=Listing[ChangeShape], summary="Its changes"
)
def list_changes(request: Call, run_id: Id, asked: Query[ChangesAsked]) -> Page[ChangeShape]:
    """Last Sync Logs, line by line."""
    chosen = asked.dict(include={"kind", "outcome"}, exclude_none=True)
    return listing(Change.objects.filter(run=_run(run_id), **chosen), asked, ChangeShape.of)


@router.post(
    "/runs/{run_id}/apply", auth=SYNC, response={202: Opened}, summary="Carry a preview out"
)
def apply_preview(request: Call, run_id: Id, idempotency_key: Key = None) -> HttpResponse:
    """Reads anew, and changes things only where the plan is still the preview's."""
    run = _run(run_id)
    return respond(request, lambda: _apply(request, run), status=202)


def _apply(request: Call, run: SyncRun) -> Opened:
    try:
        return _opened(services.apply_preview(preview=run, user=request.auth.made_by))
    except services.NothingToApply:
        told = "This is no preview that is ready, or it was carried out already."
        raise Problem(409, "nothing_to_apply", told) from None


@router.post("/runs/{run_id}/cancel", auth=SYNC, response=RunShape, summary="Cancel a sync")
def cancel_run(request: Call, run_id: Id) -> RunShape:
    """Nothing is changed then. One that has ended, or whose changes are in, stays as it is."""
    run = _run(run_id)
    services.cancel_run(run=run, user=request.auth.made_by)
    if run.is_open:
        tasks.wake(run.pk)
    return RunShape.of(run)


@router.post(
    "/runs/{run_id}/decisions", auth=DECIDE, response=Decided, summary="Decide held changes"
)
def decide(
    request: Call, run_id: Id, new: NewDecision, idempotency_key: Key = None
) -> HttpResponse:
    """Of the plan that was looked at, and of no other: all of what is chosen, or nothing."""
    run = _run(run_id)
    return respond(request, lambda: _decide(request, run, new))


def _decide(request: Call, run: SyncRun, new: NewDecision) -> Decided:
    rows = Change.objects.filter(run=run, outcome=Outcome.HELD)
    try:
        decision = services.decide(
            run=run,
            user=request.auth.made_by,
            rows=rows if new.changes is None else rows.filter(pk__in=new.changes),
            seen=None if new.changes is None else services.digest_of(new.changes),
            plan_hash=new.plan_hash,
            is_approval=new.decision == "approve",
            reason=new.reason,
        )
    except services.DecisionRefused as refused:
        raise Problem(409, refused.code.lower(), REFUSED[refused.code]) from None
    transaction.on_commit(lambda: mail.send_changes_decided(decision))
    return Decided(run=RunShape.of(decision.run), changes=decision.number)


def _run(run_id: int) -> SyncRun:
    return found(SyncRun.objects.select_related("connection", "account"), run_id, "run")
