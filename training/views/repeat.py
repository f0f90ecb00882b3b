from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import administrator_required, member_required
from accounts.lists import page_of
from integrations.models import Course
from training.forms import RepeatRuleForm, initial_of_rule
from training.models import RepeatRule
from training.services.repeat import delete_rule, save_rule

PAGE = 50


@member_required
@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    rows = RepeatRule.objects.prefetch_related("courses", "groups").order_by("name", "pk")
    context = {"page": page_of(request, rows, size=PAGE), "has_courses": Course.objects.exists()}
    return render(request, "training/repeat_rules.html", context)


@administrator_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new one without `pk`."""
    rule = RepeatRule(account=request.account)
    if pk is not None:
        rule = get_object_or_404(RepeatRule.objects.all(), pk=pk)
    form = RepeatRuleForm(request.POST or None, rule=rule, initial=initial_of_rule(rule))
    if form.is_valid():
        save_rule(rule=rule, chosen=form.cleaned_data)
        messages.success(request, f"The rule {rule.name} is saved.")
        return redirect("training:repeat_rules")
    return render(request, "training/repeat_rule_form.html", {"form": form, "rule": rule})


@administrator_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first; the answer is the POST."""
    rule = get_object_or_404(RepeatRule.objects.all(), pk=pk)
    if request.method != "POST":
        return render(request, "training/delete_repeat_rule.html", {"rule": rule})
    name = rule.name
    delete_rule(rule=rule)
    messages.success(request, f"The rule {name} is deleted. Enrolments that came of it stay.")
    return redirect("training:repeat_rules")
