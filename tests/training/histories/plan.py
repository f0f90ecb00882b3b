"""What a history is made of, drawn by hypothesis: a world, and steps of a name and two numbers."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

#: LINKED came over with a sync; EMAIL is known at Litmos by the address alone; DELETED had been linked.
KINDS = ("LINKED", "EMAIL", "LINKED", "EMAIL", "UNKNOWN", "INACTIVE", "DELETED", "TWICE", "OFF")
STATES = (*["GOOD"] * 8, "INACTIVE", "GONE")
LMS = (*[""] * 6, "OWN", "OWN", "NONE")
FAILING = (["CLICKED", "SUBMITTED"], ["OPENED", "CLICKED", "SUBMITTED", "ATTACHMENT", "REPLIED"])
WEIGHTS = {
    "nothing": 2,
    "act": 10,
    "mark_bot": 7,
    "act_many": 4,
    "tell_again": 2,
    "door_dies": 1,
    "minutes": 5,
    "hours": 2,
    "days": 1,
    "tick": 10,
    "die": 8,
    "stall": 5,
    "answer_lost": 4,
    "budget_empty": 1,
    "outage": 4,
    "all_well": 3,
    "step_is_short": 1,
    "withdraw": 3,
    "withdraw_many": 2,
    "withdraw_bots": 2,
    "ask_again": 3,
    "mark_done": 1,
    "complete": 2,
    "told_by_hook": 2,
    "begin_course": 1,
    "assigned_by_others": 2,
    "unassigned_by_others": 1,
    "person_deactivated": 1,
    "person_deleted": 1,
    "person_appears": 1,
    "course_deleted": 1,
    "course_switched": 1,
    "connection_switched": 1,
    "group_lms": 1,
    "membership": 2,
    "target_switched": 1,
    "smart_sync": 1,
    "campaign_ends": 1,
}
NAMES = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
NUMBERS = st.integers(0, 47)
Step = tuple[str, int, int]


@dataclass(frozen=True)
class CampaignPlan:
    groups: tuple[int, ...]
    courses: tuple[int, ...]
    waiting_minutes: int
    not_again_days: int
    is_mailed: bool
    failing: int


@dataclass(frozen=True)
class World:
    """`way`: '' asks one by one, PEOPLE and COURSE go by import and look by people or by the course."""

    people: tuple[tuple[str, int], ...]
    groups: tuple[tuple[bool, str], ...]
    courses: tuple[str, ...]
    campaigns: tuple[CampaignPlan, ...]
    way: str
    import_minutes: int
    page_size: int
    is_default: bool
    creates_people: bool


def some(most: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(0, most - 1), min_size=1, max_size=most, unique=True).map(
        lambda found: tuple(sorted(found))
    )


campaigns = st.builds(
    CampaignPlan,
    groups=some(2),
    courses=some(3),
    waiting_minutes=st.sampled_from((0, 15, 0, 90)),
    not_again_days=st.sampled_from((90, 1, 0, 90)),
    is_mailed=st.sampled_from((False, True, False)),
    failing=st.integers(0, 1),
)
worlds = st.builds(
    World,
    people=st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(1, 3)), min_size=2, max_size=7
    ).map(tuple),
    groups=st.tuples(*[st.tuples(st.booleans(), st.sampled_from(LMS))] * 2),
    courses=st.tuples(*[st.sampled_from(STATES)] * 3),
    campaigns=st.lists(campaigns, min_size=1, max_size=2).map(tuple),
    way=st.sampled_from(("", "PEOPLE", "COURSE")),
    import_minutes=st.sampled_from((0, 0, 5, 29, 55)),
    page_size=st.sampled_from((1000, 2)),
    is_default=st.sampled_from((*[True] * 6, False)),
    creates_people=st.sampled_from((False, False, True)),
)
steps = st.lists(st.tuples(st.sampled_from(NAMES), NUMBERS, NUMBERS), min_size=15, max_size=60)
