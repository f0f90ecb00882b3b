"""Where the account wants to be told what happened, for its Administrators."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import administrator_required
from webhooks import services
from webhooks.forms import EndpointForm, shown_of
from webhooks.models import Endpoint
from webhooks.selectors import endpoints_with_last

TOO_MANY = "The account has 20 webhooks, and more are not possible. Remove one first."


@administrator_required
@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    return render(request, "webhooks/list.html", {"lines": endpoints_with_last()})


@administrator_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The secret is on the page that answers a POST, and nowhere after."""
    form = EndpointForm(request.POST or None)
    if form.is_valid():
        return _add(request, form)
    return render(request, "webhooks/form.html", {"form": form})


@reauthentication_required
def _add(request: HttpRequest, form: EndpointForm) -> HttpResponse:
    try:
        made, secret = services.make_endpoint(account=request.account, **form.cleaned_data)
    except services.TooMany:
        form.add_error(None, TOO_MANY)
        return render(request, "webhooks/form.html", {"form": form})
    return _with_secret(request, made, secret)


def _with_secret(request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
    context = {"lines": endpoints_with_last(), "made": endpoint, "secret": secret}
    return render(request, "webhooks/list.html", context)


@administrator_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects, pk=pk)
    form = EndpointForm(request.POST or None, initial=shown_of(endpoint))
    if form.is_valid():
        return _change(request, endpoint, form)
    return render(request, "webhooks/form.html", {"form": form, "endpoint": endpoint})


@reauthentication_required
def _change(request: HttpRequest, endpoint: Endpoint, form: EndpointForm) -> HttpResponse:
    services.change_endpoint(endpoint=endpoint, **form.cleaned_data)
    messages.success(request, "The webhook is saved.")
    return redirect("webhooks:list")


@administrator_required
@require_http_methods(["GET", "POST"])
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects.select_related("account"), pk=pk)
    if request.method == "POST":
        return _renew(request, endpoint)
    return render(request, "webhooks/secret.html", {"endpoint": endpoint})


@reauthentication_required
def _renew(request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
    return _with_secret(request, endpoint, services.renew_secret(endpoint=endpoint))


@administrator_required
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On where it says so, else off: pressing twice is the same as once."""
    endpoint = get_object_or_404(Endpoint.objects.select_related("account"), pk=pk)
    if request.POST.get("to") == "on":
        services.switch_on(endpoint=endpoint)
        messages.success(request, f"{endpoint} is switched on.")
    else:
        services.switch_off(endpoint=endpoint)
        messages.success(request, f"{endpoint} is switched off: nothing is sent there.")
    return redirect("webhooks:list")


@administrator_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects.select_related("account"), pk=pk)
    if request.method == "POST":
        told = f"{endpoint} is removed."
        services.remove_endpoint(endpoint=endpoint)
        messages.success(request, told)
        return redirect("webhooks:list")
    return render(request, "webhooks/remove.html", {"endpoint": endpoint})
