"""Groups, targets and courses, to read."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from ninja import Field, Query, Router

from accounts.models import Scope
from groups.models import Group
from integrations.models import Course
from portal.api.bearer import TokenWith
from portal.api.calls import Call, found
from portal.api.paging import Id, Listing, Order, Page, Place, listing
from portal.api.shapes import CourseShape, GroupShape, MembershipShape, TargetShape, WholeTarget
from targets.emails import email_key
from targets.models import GroupMembership, Target
from targets.selectors import FIELDS

router = Router(tags=["groups, targets, courses"])
READ, PEOPLE = TokenWith(Scope.READ), TokenWith(Scope.PEOPLE_READ)


class GroupsAsked(Place):
    source: str | None = Field(
        None, pattern="^[a-z0-9_]{0,40}$", description="A provider; empty: made by hand"
    )
    is_archived: bool | None = None


class TargetsAsked(Place):
    email: str | None = Field(
        None, pattern=r"^[^\x00-\x20\x7f-\xa0]{1,255}$", description="The one with this address"
    )
    group: Id | None = Field(None, description="Those in this group")
    is_reachable: bool | None = None


class CoursesAsked(Place):
    connection: Id | None = None
    is_active: bool | None = None


@router.get("/groups", auth=READ, response=Listing[GroupShape], summary="List groups")
def list_groups(request: Call, asked: Query[GroupsAsked]) -> Page[GroupShape]:
    rows = Group.objects.filter(**asked.dict(include={"source", "is_archived"}, exclude_none=True))
    return listing(rows, asked, GroupShape.of)


@router.get("/groups/{group_id}", auth=READ, response=GroupShape, summary="One group")
def read_group(request: Call, group_id: Id) -> GroupShape:
    return GroupShape.of(found(Group.objects.all(), group_id, "group"))


@router.get("/targets", auth=PEOPLE, response=Listing[TargetShape], summary="List targets")
def list_targets(request: Call, asked: Query[TargetsAsked]) -> Page[TargetShape]:
    """In the order of their addresses."""
    rows = Target.objects.all()
    if asked.email is not None:
        rows = rows.filter(email_key=email_key(asked.email))
    if asked.is_reachable is not None:
        rows = rows.filter(is_reachable=asked.is_reachable)
    if asked.group is not None:
        member = GroupMembership.objects.filter(target=OuterRef("pk"), group_id=asked.group)
        rows = rows.filter(Exists(member))
    return listing(rows, asked, TargetShape.of, Order("email_key"))


@router.get("/targets/{target_id}", auth=PEOPLE, response=WholeTarget, summary="One target")
def read_target(request: Call, target_id: Id) -> WholeTarget:
    """All fields, and each group with whether the person is active in it."""
    target = found(Target.objects.all(), target_id, "target")
    rows = GroupMembership.objects.filter(target=target).order_by("group_id")
    return WholeTarget(
        **TargetShape.of(target).dict(),
        fields={name: getattr(target, name) for name in FIELDS},
        groups=[MembershipShape.of(row) for row in rows],
        integration_ids=list(target.links.order_by("pk").values_list("integration_id", flat=True)),
    )


@router.get("/courses", auth=READ, response=Listing[CourseShape], summary="List courses")
def list_courses(request: Call, asked: Query[CoursesAsked]) -> Page[CourseShape]:
    chosen = asked.dict(include={"connection", "is_active"}, exclude_none=True)
    return listing(Course.objects.filter(**chosen), asked, CourseShape.of)
