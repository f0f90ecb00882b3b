"""What an address names, or 404; and the way back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from integrations import registry
from integrations.contract.provider import Provider
from integrations.models import Connection, SyncRun
from integrations.selectors import connection_of


def provider_or_404(key: str) -> Provider:
    if key not in registry.PROVIDERS:
        raise Http404
    return registry.get(key)


def connection_or_404(key: str) -> Connection:
    connection = connection_of(provider_or_404(key).key)
    if connection is None:
        raise Http404
    return connection


def set_up_or_404(key: str) -> Connection:
    """One with a key: not one that was removed."""
    connection = connection_or_404(key)
    if not connection.api_key_sealed:
        raise Http404
    return connection


def run_or_404(provider: str, pk: int) -> SyncRun:
    runs = SyncRun.objects.select_related("connection", "requested_by", "group", "account")
    return get_object_or_404(runs, pk=pk, connection__provider=provider_or_404(provider).key)


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Send the whole page on, also when only a part of it was asked for."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def go_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    origin = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        origin, {request.get_host()}, require_https=request.is_secure()
    )
    return go(request, origin if is_ours else otherwise)
