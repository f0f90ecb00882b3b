"""What people did with phishing e-mails, from whatever sends them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, ConfigDict, Field, StrictInt, WithJsonSchema

from accounts.models import Scope
from portal.api.bearer import TokenWith
from portal.api.bodies import SPLIT
from portal.api.calls import Call
from portal.api.idempotency import Key, respond
from portal.api.paging import NEWEST, Id, Listing, Page, Place, listing
from portal.api.problems import Problem
from portal.api.shapes import ActionShape
from training.models import Action, ActionKind
from training.services.batches import MOST_ACTIONS, TooLarge, UnknownCampaign, take_batch

router = Router(tags=["actions"])
KINDS = ", ".join(kind.value for kind in ActionKind)


class NewAction(Schema):
    """As it is described. Each row is checked by itself, so that a bad one keeps no other out."""

    model_config = ConfigDict(extra="forbid")

    campaign: int | None = Field(None, description="Where it is not the batch's")
    email: str = Field(max_length=255)
    kind: str = Field(description=f"One of {KINDS}; case does not count")
    happened_at: str = Field(
        description="ISO 8601, such as 2026-11-24T09:30:00Z; UTC where no zone is named"
    )
    is_bot: bool = Field(default=False, description="A bot's action enrols nobody")
    id: str = Field(
        "", description="Tells the same action sent twice; else who, what and when tell it"
    )


Rows = WithJsonSchema(
    {"type": "array", "maxItems": MOST_ACTIONS, "items": NewAction.model_json_schema()}
)


def whole(value: Any) -> Any:
    """To JSON 20.0 is the number 20."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Batch(Schema):
    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[StrictInt | None, BeforeValidator(whole)] = Field(
        None, description="That of rows which name none"
    )
    actions: Annotated[list[Any], Rows]


class RowError(Schema):
    index: int = Field(description="Of the action in the batch, from 0")
    field: str
    detail: str


class BatchAnswer(Schema):
    received: int
    new: int
    known: int = Field(description="Sent before: nothing was done again")
    strangers: int = Field(
        description="New ones of people who are no targets: kept, nobody enrolled"
    )
    enrolled: int
    withdrawn: int = Field(description="Enrolments that waited because of a bot's action")
    rejected: int
    errors: list[RowError]


class ActionsAsked(Place):
    campaign: Id | None = None
    target: Id | None = None
    is_bot: bool | None = None


@router.get(
    "/actions",
    auth=TokenWith(Scope.PEOPLE_READ),
    response=Listing[ActionShape],
    summary="List actions",
)
def list_actions(request: Call, asked: Query[ActionsAsked]) -> Page[ActionShape]:
    """The newest first."""
    chosen = asked.dict(include={"campaign", "target", "is_bot"}, exclude_none=True)
    return listing(Action.objects.filter(**chosen), asked, ActionShape.of, NEWEST)


@router.post(
    "/actions",
    auth=TokenWith(Scope.ACTIONS_WRITE),
    response={200: BatchAnswer},
    summary="Send actions",
)
def send_actions(
    request: Call,
    batch: Batch,
    idempotency_key: Key = None,
) -> HttpResponse:
    """Takes the good rows in and tells the others by index. Safe to repeat."""
    return respond(request, lambda: _take(batch))


def _take(batch: Batch) -> BatchAnswer:
    try:
        taken = take_batch(rows=batch.actions, campaign_id=batch.campaign)
    except UnknownCampaign as error:
        raise Problem(404, "unknown_campaign", str(error)) from None
    except TooLarge as error:
        raise Problem(422, "too_many", f"{error} {SPLIT}") from None
    return BatchAnswer(
        received=len(batch.actions),
        rejected=len(taken.errors),
        errors=[RowError(**asdict(error)) for error in taken.errors],
        **taken.counts,
    )
