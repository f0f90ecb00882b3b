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
    Login,
    PersonLink,
    State,
    Step,
    TimelineEntry,
    Way,
)
from training.models.repeat import RepeatRule

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
    "Login",
    "PersonLink",
    "RepeatRule",
    "State",
    "Step",
    "TimelineEntry",
    "Way",
]
