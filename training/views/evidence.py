from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import member_required
from training.filters import EnrollmentFilter, in_words
from training.models import Campaign, Enrollment
from training.services.evidence import (
    Evidence,
    evidence_of_campaign,
    evidence_of_enrollments,
    write_evidence,
)


@member_required
@require_safe
def of_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.all(), pk=pk)
    return _answer(request, evidence_of_campaign(campaign), f"evidence-campaign-{campaign.pk}.zip")


@member_required
@require_safe
def of_enrollments(request: HttpRequest) -> HttpResponse:
    rows = Enrollment.objects.all()
    chosen = EnrollmentFilter(request.GET, queryset=rows, request=request)
    found = evidence_of_enrollments(chosen.qs, in_words(chosen))
    return _answer(request, found, "evidence-enrolments.zip")


def _answer(request: HttpRequest, evidence: Evidence, filename: str) -> HttpResponse:
    user = request.user
    pack = write_evidence(
        evidence=evidence,
        account=request.account.name,
        made_by=f"{user.name} <{user.email}>" if user.name else user.email,
        made_at=timezone.now(),
    )
    after = {"about": evidence.title, **pack.counts}
    audit.record(account=request.account, kind="EXPORTED", subject=filename, after=after)
    return FileResponse(pack.file, as_attachment=True, filename=filename)
