"""The people who log in to the account, for its Administrators."""

from __future__ import annotations

from collections.abc import Container

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, invitations, people, second_factor
from accounts.access import administrator_required, fresh_log_in_required
from accounts.csv_export import csv_response
from accounts.forms import InvitationForm, RoleForm
from accounts.lists import Column, headings, in_order, page_of
from accounts.models import Membership, Role
from accounts.user_filter import UserFilter

SIZE = 50
COLUMNS = (
    Column("E-mail", "email", ("user__email",)),
    Column("Name", "name", ("shown_name", "user__email")),
    Column("Role", "role", ("role", "user__email")),
    Column("Second factor"),
    Column("Last log-in", "seen", ("seen_at", "user__email"), is_nullable=True),
)
EXPORTED = ("E-mail", "Name", "Role", "Second factor", "State", "Last log-in")
LAST = (
    "Nothing was changed: {user} is the only Administrator of {account}. "
    "Make somebody else an Administrator first."
)
SWITCHED_OFF = "The operator of the Portal has switched this log-in off. Ask them to switch it on."
ALREADY = (
    "This person belongs to {account} already, or is invited: then press Send again under Users."
)
GONE = "Nothing was changed: somebody else has removed this user in the meantime."
NOT_SENT = (
    "{user} is invited to {account} now, but the e-mail could not be sent. "
    "Have the operator look at the mail server, then press Send again."
)

OTHERS_TOO = (
    "Nothing was changed: {user} does not belong to {account} alone. "
    "The operator of the Portal can help."
)


@administrator_required
@require_safe
def user_list(request: HttpRequest) -> HttpResponse:
    chosen, rows = _chosen(request)
    page = page_of(request, rows, size=SIZE)
    context = {
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, request.GET.get("sort", "")),
        "factors": second_factor.with_factor(each.user_id for each in page),
    }
    return render(request, "accounts/users.html", context)


@administrator_required
@require_safe
def users_csv(request: HttpRequest) -> HttpResponse:
    _filter, rows = _chosen(request)
    audit.record(account=request.account, kind="EXPORTED", subject="users.csv")
    factors = second_factor.with_factor(rows.values_list("user_id", flat=True))
    return csv_response("users.csv", EXPORTED, (_cells(each, factors) for each in rows.iterator()))


def _chosen(request: HttpRequest) -> tuple[UserFilter, QuerySet[Membership]]:
    """The people who are asked for, sorted as asked."""
    found = _everyone(request)
    chosen = UserFilter(request.GET, queryset=found)
    return chosen, in_order(chosen.qs, COLUMNS, request.GET.get("sort", ""))


def _everyone(request: HttpRequest) -> QuerySet[Membership]:
    """With `shown_name` and `seen_at`, which whoever has not accepted keeps to themselves."""
    has_accepted = Q(pending_since=None)
    return (
        Membership.everyone.filter(account=request.account)
        .select_related("user")
        .annotate(
            shown_name=Case(When(has_accepted, then=F("user__name")), default=Value("")),
            seen_at=Case(When(has_accepted, then=F("user__last_login"))),
        )
    )


def _cells(shown: Membership, factors: Container[int]) -> tuple[object, ...]:
    user = shown.user
    seen = shown.seen_at.isoformat(timespec="seconds") if shown.seen_at else ""
    role = shown.get_role_display()
    if shown.is_pending:
        return user.email, "", role, "", "Invited", ""
    factor = "yes" if shown.user_id in factors else "no"
    state = "Switched off" if not user.is_active else "Active" if seen else "Invited"
    return user.email, user.name, role, factor, state, seen


@administrator_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        return _invite(request, form)
    return render(request, "accounts/user_invite.html", {"form": form})


@fresh_log_in_required
def _invite(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    try:
        invited = people.invite(account=request.account, **form.cleaned_data)
    except people.AlreadyThere:
        return _refused(request, form, ALREADY.format(account=request.account))
    except people.SwitchedOff:
        return _refused(request, form, SWITCHED_OFF)
    _send(request, invited.membership, "{user} is invited, and has been sent an e-mail.")
    return redirect("accounts:users")


def _refused(request: HttpRequest, form: InvitationForm, why: str) -> HttpResponse:
    form.add_error("email", why)
    return render(request, "accounts/user_invite.html", {"form": form})


@administrator_required
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """To whom has not accepted or not logged in yet."""
    membership = _of_account(request, pk)
    if membership.user.last_login and not membership.is_pending:
        messages.info(request, f"{membership.shown_as} has logged in already.")
    else:
        _send(request, membership, "{user} has been sent the invitation again.")
    return redirect("accounts:users")


@administrator_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _of_account(request, pk)
    form = RoleForm(request.POST or None, initial={"role": membership.role})
    if form.is_valid():
        return _change(request, membership, form.cleaned_data["role"])
    return render(request, "accounts/user_role.html", {"form": form, "shown": membership})


@fresh_log_in_required
def _change(request: HttpRequest, membership: Membership, role: str) -> HttpResponse:
    try:
        people.change_role(membership=membership, role=role, session=request.session.session_key)
    except people.LastAdministrator:
        messages.error(request, LAST.format(user=membership.user, account=request.account))
    except people.Gone:
        messages.error(request, GONE)
    else:
        messages.success(request, f"{membership.shown_as} is now {_as(role)}.")
    return redirect("accounts:users")


def _as(role: str) -> str:
    return "an Administrator" if role == Role.ADMINISTRATOR else "a Viewer"


@administrator_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _of_account(request, pk)
    if request.method == "POST":
        return _remove(request, membership)
    return render(request, "accounts/user_remove.html", {"shown": membership})


@fresh_log_in_required
def _remove(request: HttpRequest, membership: Membership) -> HttpResponse:
    told = f"{membership.shown_as} does not belong to {request.account} any more."
    if membership.is_pending:
        told = f"{membership.shown_as} is not invited to {request.account} any more."
    try:
        people.remove(membership=membership, session=request.session.session_key)
    except people.LastAdministrator:
        messages.error(request, LAST.format(user=membership.user, account=request.account))
    except people.Gone:
        messages.error(request, GONE)
    else:
        messages.success(request, told)
    return redirect("portal:dashboard" if membership.user == request.user else "accounts:users")


@administrator_required
@require_http_methods(["GET", "POST"])
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _of_account(request, pk)
    if membership.is_pending:
        raise Http404
    if membership.user == request.user:
        return redirect("accounts:own")
    if request.method == "POST":
        return _reset_factor(request, membership)
    context = {"shown": membership, "is_able": second_factor.may_be_reset(membership)}
    return render(request, "accounts/user_factor.html", context)


@fresh_log_in_required
def _reset_factor(request: HttpRequest, membership: Membership) -> HttpResponse:
    user = membership.user
    try:
        second_factor.reset_for_account(membership=membership)
    except second_factor.BelongsElsewhere:
        messages.error(request, OTHERS_TOO.format(user=user, account=request.account))
    else:
        get_adapter().send_notification_mail("account/email/second_factor_reset", user)
        messages.success(request, f"{user} logs in with the password alone until they set one up.")
    return redirect("accounts:users")


def _of_account(request: HttpRequest, pk: int) -> Membership:
    mine = Membership.everyone.select_related("user", "account").filter(account=request.account)
    return get_object_or_404(mine, pk=pk)


def _send(request: HttpRequest, membership: Membership, sentence: str) -> None:
    if invitations.send(membership=membership, invited_by=request.user):
        messages.success(request, sentence.format(user=membership.shown_as))
    else:
        sentence = NOT_SENT.format(user=membership.shown_as, account=request.account)
        messages.warning(request, sentence)
