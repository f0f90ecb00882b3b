from __future__ import annotations

from csp.decorators import csp, csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import View, administrator_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, order_asked, page_of
from integrations.filters import MailFilter
from integrations.mail import deliver
from integrations.models import SentMail
from integrations.selectors.mails import mails as sent_mails

PAGE = 50
NEWEST = "-written"
COLUMNS = (
    Column("Subject", "subject", ("subject",)),
    Column("Recipient", "recipient", ("recipient",)),
    Column("State"),
    Column("Written", "written", ("created_at",)),
)
EXPORTED = ("Subject", "Recipient", "Kind", "Written", "Sent", "Attempts", "Error")


@administrator_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    chosen = MailFilter(request.GET, queryset=sent_mails())
    asked = order_asked(request, COLUMNS, NEWEST)
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=PAGE)
    context = {
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "has_mails": bool(page.object_list) or sent_mails().exists(),
    }
    return render(request, "mails/list.html", context)


@administrator_required
@require_safe
def mails_csv(request: HttpRequest) -> HttpResponse:
    chosen = MailFilter(request.GET, queryset=sent_mails())
    rows = in_order(chosen.qs, COLUMNS, order_asked(request, COLUMNS, NEWEST))
    audit.record(account=request.account, kind="EXPORTED", subject="e-mails.csv")
    return csv_response("e-mails.csv", EXPORTED, (_cells(mail) for mail in rows.iterator()))


def _cells(mail: SentMail) -> tuple[object, ...]:
    sent = mail.sent_at.isoformat(timespec="seconds") if mail.sent_at else ""
    written = mail.created_at.isoformat(timespec="seconds")
    return mail.subject, mail.recipient, mail.template, written, sent, mail.attempts, mail.error


@administrator_required
@require_safe
@csp_update({"frame-src": ["'self'"]})
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SentMail.objects.select_related("run__connection"), pk=pk)
    return render(request, "mails/detail.html", {"mail": found})


def drawn_in_a_frame(view: View) -> View:
    """For the HTML of an e-mail in the frame of a page: it may draw itself and nothing else."""
    policy = {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "frame-ancestors": ["'self'"],
        "sandbox": True,
    }
    return xframe_options_sameorigin(csp(policy)(view))


@administrator_required
@require_safe
@drawn_in_a_frame
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part as it was sent."""
    return HttpResponse(get_object_or_404(SentMail.objects.all(), pk=pk).html)


@administrator_required
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SentMail.objects.all(), pk=pk)
    audit.record(account=request.account, kind="MAIL_SENT_AGAIN", subject=found.subject)
    if deliver(found):
        messages.success(request, f"Sent again to {found.recipient}.")
    else:
        messages.error(request, f"It could not be sent to {found.recipient}: {found.error}")
    return redirect("integrations:mail", pk=pk)
