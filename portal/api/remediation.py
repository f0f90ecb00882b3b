"""Campaigns, and the enrolments that follow from them, to read."""

from __future__ import annotations

from ninja import Query, Router

from accounts.models import Scope
from portal.api.bearer import TokenWith
from portal.api.calls import Call, found
from portal.api.paging import NEWEST, Id, Listing, Page, Place, listing
from portal.api.shapes import CampaignShape, EnrollmentShape, WholeEnrollment
from training.models import Campaign, Enrollment, State

router = Router(tags=["campaigns and enrolments"])
READ, PEOPLE = TokenWith(Scope.READ), TokenWith(Scope.PEOPLE_READ)


class EnrollmentsAsked(Place):
    state: State | None = None
    campaign: Id | None = None
    target: Id | None = None
    course: Id | None = None


@router.get("/campaigns", auth=READ, response=Listing[CampaignShape], summary="List campaigns")
def list_campaigns(request: Call, asked: Query[Place]) -> Page[CampaignShape]:
    """The newest first."""
    return listing(Campaign.objects.all(), asked, CampaignShape.of, NEWEST)


@router.get(
    "/enrollments", auth=PEOPLE, response=Listing[EnrollmentShape], summary="List enrolments"
)
def list_enrollments(request: Call, asked: Query[EnrollmentsAsked]) -> Page[EnrollmentShape]:
    """The newest first."""
    names = {"state", "campaign", "target", "course"}
    rows = Enrollment.objects.filter(**asked.dict(include=names, exclude_none=True))
    return listing(rows, asked, EnrollmentShape.of, NEWEST)


@router.get(
    "/enrollments/{enrollment_id}", auth=PEOPLE, response=WholeEnrollment, summary="One enrolment"
)
def read_enrollment(request: Call, enrollment_id: Id) -> WholeEnrollment:
    """With the steps it has taken."""
    return WholeEnrollment.of(found(Enrollment.objects.all(), enrollment_id, "enrollment"))
