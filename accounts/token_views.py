"""The API tokens of the account, for its Administrators."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import administrator_required, fresh_log_in_required
from accounts.forms import TokenForm
from accounts.lists import Column, headings, in_order, order_asked, page_of
from accounts.models import ApiToken, Scope
from accounts.token_filter import TokenFilter
from accounts.tokens import REFUSALS, make_token, refusal_of, revoke_token, with_rights

SIZE = 50
COLUMNS = (
    Column("Name", "name", ("name",)),
    Column("State", "state", ("revoked_at",), is_nullable=True),
    Column("May"),
    Column("Made by", "by", ("made_by__email",), is_nullable=True),
    Column("Last used", "used", ("last_used_at",), is_nullable=True),
    Column("Expires", "expires", ("expires_at",), is_nullable=True),
)


@dataclass(frozen=True, slots=True)
class Line:
    """`refusal` is a code of REFUSALS, '' for a token that works."""

    token: ApiToken
    scopes: list[str]
    refusal: str

    @property
    def why(self) -> str:
        return REFUSALS.get(self.refusal, "")


@administrator_required
@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    return _list(request)


@administrator_required
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """The token itself is on the page that answers a POST, and nowhere after."""
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/token_form.html", {"form": form})
    return _make(request, form)


@fresh_log_in_required
def _make(request: HttpRequest, form: TokenForm) -> HttpResponse:
    made, value = make_token(
        account=request.account,
        user=request.user,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=form.expires_at,
    )
    return _list(request, {"made": made, "value": value})


@administrator_required
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.filter(revoked_at=None), pk=pk)
    if request.method == "GET":
        return render(request, "accounts/token_revoke.html", {"token": token})
    revoke_token(token=token)
    messages.success(request, f"The token {token} is revoked. It no longer works.")
    return redirect("accounts:api")


def _list(request: HttpRequest, more: dict[str, object] | None = None) -> HttpResponse:
    now = timezone.now()
    chosen = TokenFilter(request.GET, queryset=with_rights())
    asked = order_asked(request, COLUMNS, "state")
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=SIZE)
    labels = dict(Scope.choices)
    lines = [
        Line(token, [labels.get(one, one) for one in token.scopes], refusal_of(token, now))
        for token in page
    ]
    context = {
        "filter": chosen,
        "headings": headings(COLUMNS, asked),
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "page": page,
        "lines": lines,
        "address": request.build_absolute_uri(reverse("api:send_actions")),
    }
    return render(request, "accounts/tokens.html", context | (more or {}))
