from training.models.campaign import (
    FAILING_KINDS,
    Action,
    ActionKind,
    Campaign,
    CampaignState,
    Door,
    GroupLms,
)
from training.models.enrollment import (
    TO_ASK,
    WATCHED,
    Enrollment,
    Lane,
    PersonLink,
    State,
    Step,
    TimelineEntry,
)

__all__ = [
    "FAILING_KINDS",
    "TO_ASK",
    "WATCHED",
    "Action",
    "ActionKind",
    "Campaign",
    "CampaignState",
    "Door",
    "Enrollment",
    "GroupLms",
    "Lane",
    "PersonLink",
    "State",
    "Step",
    "TimelineEntry",
]
