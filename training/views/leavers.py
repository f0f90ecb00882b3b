"""How long people are kept who have left, and who would be erased."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required, fresh_log_in_required
from accounts.services import update_account
from training.services.forgetting import due_leavers
from training.services.forgetting import leavers as people_who_left

SHOWN = 10
KEPT = {
    "": "Keep them for good",
    "30": "Erase them 30 days after they left",
    "90": "Erase them 90 days after they left",
    "365": "Erase them a year after they left",
}


class LeaversForm(forms.Form):
    days = forms.ChoiceField(
        label="People who have left",
        required=False,
        choices=tuple(KEPT.items()),
        widget=forms.RadioSelect,
    )

    def clean_days(self) -> int | None:
        chosen = self.cleaned_data["days"]
        return int(chosen) if chosen else None


@administrator_required
@require_http_methods(["GET", "POST"])
def leavers(request: HttpRequest) -> HttpResponse:
    kept = request.account.leavers_kept_days
    form = LeaversForm(request.POST or None, initial={"days": str(kept or "")})
    if request.method == "POST" and form.is_valid():
        return _save(request, form.cleaned_data["days"])
    context = {
        "form": form,
        "number": people_who_left().count(),
        "due": due_leavers(request.account, days=kept).count(),
    }
    return render(request, "targets/leavers.html", context)


@fresh_log_in_required
def _save(request: HttpRequest, days: int | None) -> HttpResponse:
    due = due_leavers(request.account, days=days)
    total = due.count()
    if total and "confirmed" not in request.POST:
        context = {
            "days": days,
            "total": total,
            "shown": due[:SHOWN],
            "more": max(total - SHOWN, 0),
        }
        return render(request, "targets/leavers_confirm.html", context)
    update_account(account=request.account, leavers_kept_days=days)
    messages.success(request, "It is saved." if days else "It is saved. Nobody is erased by time.")
    return redirect("training:leavers")
