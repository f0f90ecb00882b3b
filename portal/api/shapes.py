"""What the API shows of each thing. What is not named here never leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from groups.models import Group
from integrations.models import Change, Connection, Course, SyncRun
from integrations.selectors import waiting_runs
from targets.models import GroupMembership, Target
from targets.selectors import FIELDS
from training.models import Action, Campaign, Enrollment, TimelineEntry


class GroupShape(Schema):
    id: int
    name: str
    source: str = Field(description="The provider it follows; empty for one made by hand")
    auto_sync: bool
    smart_sync: bool
    locked: bool
    is_archived: bool
    people: int = Field(description="Active in it")
    last_synced_at: datetime | None

    @classmethod
    def of(cls, group: Group) -> GroupShape:
        return cls.model_validate(group)


class TargetShape(Schema):
    id: int
    email: str
    first_name: str
    last_name: str
    name: str
    source: str = Field(description="The provider that brought them; empty where somebody did")
    is_active: bool = Field(description="The switch for the person everywhere")
    is_reachable: bool = Field(description="Switched on, and active in a group")
    left_source_at: datetime | None

    @classmethod
    def of(cls, target: Target) -> TargetShape:
        return cls.model_validate(target)


class MembershipShape(Schema):
    group: int
    is_active: bool
    set_by: str = Field(description="PERSON or SYNC: who decided last")

    @classmethod
    def of(cls, row: GroupMembership) -> MembershipShape:
        return cls(group=row.group_id, is_active=row.is_active, set_by=row.set_by)


class WholeTarget(TargetShape):
    fields: dict[str, str] = Field(description=f"Each of {', '.join(FIELDS)}")
    groups: list[MembershipShape]
    integration_ids: list[str]


class CourseShape(Schema):
    id: int
    integration_id: str
    name: str
    code: str
    is_active: bool
    gone_at: datetime | None = Field(description="Since when the LMS no longer has it")
    connection: int

    @classmethod
    def of(cls, row: Course) -> CourseShape:
        return cls(
            id=row.pk,
            integration_id=row.integration_id,
            name=row.name,
            code=row.code,
            is_active=row.is_active,
            gone_at=row.gone_at,
            connection=row.connection_id,
        )


class CampaignShape(Schema):
    id: int
    name: str
    state: str = Field(description="DRAFT, RUNNING or ENDED")
    failing: list[str]
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignShape:
        return cls.model_validate(campaign)


class ConnectionShape(Schema):
    """Never its key."""

    id: int
    provider: str
    region: str
    is_set_up: bool = Field(description="False where it was removed")
    is_active: bool
    sync_content: str = Field(description="COURSES or COURSES_USERS")
    default_lms: str = Field(description="ALL_GROUPS or NONE")
    sync_all_groups: bool
    people_good_at: datetime | None = Field(description="When people were last read in whole")
    courses_good_at: datetime | None
    key_refused_since: datetime | None
    next_auto_sync_at: datetime | None
    held_runs: list[int] = Field(
        description="Syncs whose held changes wait for a decision, whatever came after them"
    )

    @classmethod
    def of(cls, row: Connection) -> ConnectionShape:
        names = set(cls.model_fields) - {"is_set_up", "held_runs"}
        values = {name: getattr(row, name) for name in names}
        held = waiting_runs().filter(connection=row).values_list("pk", flat=True)
        return cls(**values, is_set_up=bool(row.api_key_sealed), held_runs=list(held))


class RunShape(Schema):
    id: int
    connection: int
    trigger: str = Field(description="SAVE, MANUAL, AUTO, ONE, PERSON or UNDO")
    status: str = Field(
        description="QUEUED and RUNNING are open; SYNCED, WARNINGS, HELD, FAILED, CANCELLED, "
        "PREVIEWED and UNDONE are ends"
    )
    phase: str
    group: int | None
    is_preview: bool
    plan_hash: str = Field(
        description="What a decision on held changes names; empty before the plan"
    )
    counts: dict[str, int] = Field(description="By KIND.ACTION.OUTCOME, and UNCHANGED.KIND")
    calls: int = Field(description="Calls of the provider's API")
    warnings: int
    hold_reason: str
    error_code: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, run: SyncRun) -> RunShape:
        own = set(cls.model_fields) - {"connection", "group", "phase"}
        values = {name: getattr(run, name) for name in own}
        phase = run.phase if run.is_open else ""
        return cls(**values, connection=run.connection_id, group=run.group_id, phase=phase)


class ChangeShape(Schema):
    """One line of Last Sync Logs."""

    id: int
    kind: str = Field(description="GROUP, PERSON, MEMBERSHIP, COURSE or NOTE")
    action: str
    outcome: str = Field(description="PLANNED, APPLIED, HELD, SKIPPED or KEPT")
    reason: str = Field(description="A code; empty where the action says all")
    hold_reason: str
    label: str
    detail: str
    integration_id: str
    target_id: int | None
    group_id: int | None
    course_id: int | None
    before: dict[str, Any]
    after: dict[str, Any]

    @classmethod
    def of(cls, change: Change) -> ChangeShape:
        return cls.model_validate(change)


class ActionShape(Schema):
    id: int
    campaign: int
    target: int | None = Field(description="null for somebody who is no target")
    email: str
    kind: str
    is_bot: bool
    happened_at: datetime

    @classmethod
    def of(cls, row: Action) -> ActionShape:
        own = set(cls.model_fields) - {"campaign", "target"}
        values = {name: getattr(row, name) for name in own}
        return cls(**values, campaign=row.campaign_id, target=row.target_id)


class EnrollmentShape(Schema):
    id: int
    campaign: int
    action: int
    target: int
    course: int
    state: str
    reason: str = Field(description="A code; empty where the state says all")
    percentage: float
    created_at: datetime
    due_at: datetime
    assigned_at: datetime | None
    completed_at: datetime | None

    @classmethod
    def of(cls, row: Enrollment) -> EnrollmentShape:
        return cls(**_own(row))


class TimelineShape(Schema):
    step: str
    at: datetime

    @classmethod
    def of(cls, entry: TimelineEntry) -> TimelineShape:
        return cls(step=entry.step, at=entry.at)


class WholeEnrollment(EnrollmentShape):
    timeline: list[TimelineShape]

    @classmethod
    def of(cls, row: Enrollment) -> WholeEnrollment:
        steps = row.timeline.order_by("pk")
        return cls(**_own(row), timeline=[TimelineShape.of(step) for step in steps])


def _own(row: Enrollment) -> dict[str, Any]:
    keys = ("campaign", "action", "target", "course")
    own = set(EnrollmentShape.model_fields) - set(keys)
    return {n: getattr(row, n) for n in own} | {n: getattr(row, f"{n}_id") for n in keys}
