"""One person's data: all of it to take along, and all of it gone."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.access import administrator_required
from integrations.services.erasing import RunOpen, Traces
from targets.emails import email_key
from targets.models import Suppression, Target
from targets.suppression import lift
from training.models import Action, Enrollment
from training.services.erasing import all_about, erase_person

OPEN = "A sync is open. Wait until it has ended, or cancel it, then erase."


class EraseForm(forms.Form):
    email = forms.CharField(label="Type the e-mail address to confirm", max_length=255)

    def __init__(self, *args, target: Target, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.target = target

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip()
        if email_key(email) != self.target.email_key:
            raise forms.ValidationError(f"This is not the address of {self.target}.")
        return email


class LiftForm(forms.Form):
    email = forms.CharField(label="E-mail address of whom to let back", max_length=255)


@administrator_required
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.select_related("account"), pk=pk)
    form = EraseForm(request.POST or None, target=target)
    if form.is_valid():
        return _erase(request, target)
    context = {
        "target": target,
        "form": form,
        "changes": Traces.of(target).changes().count(),
        "enrollments": Enrollment.objects.filter(target=target).count(),
        "actions": Action.objects.filter(target=target).count(),
    }
    return render(request, "targets/erase.html", context)


@reauthentication_required
def _erase(request: HttpRequest, target: Target) -> HttpResponse:
    try:
        erase_person(target=target, user=request.user)
    except RunOpen:
        messages.error(request, OPEN)
        return redirect("training:erase", pk=target.pk)
    messages.success(request, "The person is erased, and stays out.")
    return redirect("targets:list")


@administrator_required
@require_http_methods(["GET", "POST"])
def erased(request: HttpRequest) -> HttpResponse:
    form = LiftForm(request.POST or None)
    if form.is_valid():
        if lift(account=request.account, email=form.cleaned_data["email"].strip()):
            audit.record(account=request.account, kind="ERASURE_LIFTED", subject="one person")
            messages.success(request, "They may come back: the next sync or import brings them.")
            return redirect("training:erased")
        form.add_error("email", "Nobody of this address was erased here.")
    number = Suppression.objects.values("person").distinct().count()
    return render(request, "targets/erased.html", {"form": form, "number": number})


@administrator_required
@require_safe
def export_person(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.select_related("account"), pk=pk)
    audit.record(
        account=request.account,
        kind="TARGET_EXPORTED",
        subject=str(target),
        after={"target_id": target.pk},
    )
    answer = JsonResponse(all_about(target), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="person-{target.pk}.json"'
    return answer
