"""Your account: name, password, second factor, passkeys and sessions of whoever is logged in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import people, second_factor, sessions
from accounts.forms import NameForm
from accounts.middleware import SESSION_KEY
from accounts.models import Membership, User
from accounts.services import rename_user
from accounts.signals import tell

GONE = "This session had ended already."
WITHDRAWN = "This invitation was withdrawn, or answered already."


@dataclass
class Factors:
    """What a user has set up; `codes` are the recovery codes that are left."""

    app: Authenticator | None = None
    passkeys: list[Authenticator] = field(default_factory=list)
    codes: int | None = None

    @property
    def is_on(self) -> bool:
        return bool(self.app or self.passkeys)

    @classmethod
    def of(cls, user: User) -> Factors:
        made = cls()
        for each in Authenticator.objects.filter(user=user).order_by("pk"):
            if each.type == Authenticator.Type.TOTP:
                made.app = each
            elif each.type == Authenticator.Type.WEBAUTHN:
                made.passkeys.append(each)
            else:
                made.codes = len(each.wrap().get_unused_codes())
        return made


@login_required
@require_http_methods(["GET", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    user = User.objects.get(pk=request.user.pk)
    form = NameForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        rename_user(user=user, name=form.cleaned_data["name"])
        messages.success(request, "Your name is saved.")
        return redirect("accounts:own")
    return render(request, "accounts/own.html", _context(request, form))


def _context(request: HttpRequest, form: NameForm) -> dict[str, Any]:
    return {
        "form": form,
        "factors": Factors.of(request.user),
        "invitations": Membership.everyone.select_related("account")
        .filter(user=request.user)
        .exclude(pending_since=None)
        .order_by("account__name"),
        "is_lacking": second_factor.is_lacking(request.membership),
        "sessions": sessions.of_user(request.user),
        "current": request.session.session_key,
    }


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    if sessions.end_one(request.user, pk):
        tell(request.user, "SESSIONS_ENDED", "1")
        messages.success(request, "The session has ended.")
    else:
        messages.info(request, GONE)
    return redirect("accounts:own")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    count = sessions.end_all(request.user, but=request.session.session_key)
    if count:
        tell(request.user, "SESSIONS_ENDED", str(count))
    messages.success(request, "You are logged out everywhere but here.")
    return redirect("accounts:own")


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        membership = people.accept(user=request.user, pk=pk)
    except people.Gone:
        messages.info(request, WITHDRAWN)
        return redirect("accounts:own")
    request.session.cycle_key()
    request.session[SESSION_KEY] = membership.account_id
    messages.success(request, f"You belong to {membership.account} now.")
    return redirect("portal:dashboard")


@login_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        account = people.decline(user=request.user, pk=pk)
    except people.Gone:
        messages.info(request, WITHDRAWN)
    else:
        messages.success(request, f"You have declined the invitation to {account}.")
    return redirect("accounts:own")
