from django.contrib import messages
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.access import administrator_required, any_member_required, fresh_log_in_required
from accounts.forms import GeneralForm, NotificationsForm, SecurityForm
from accounts.middleware import SESSION_KEY
from accounts.models import Account

#: Who changes one of these is asked for the password again: where the system e-mails go, and who gets in.
WEIGHTY = {"account_manager_email", "is_mfa_required"}


@administrator_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    return _edit(request, GeneralForm, "accounts:settings")


@administrator_required
@require_http_methods(["GET", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    return _edit(request, NotificationsForm, "accounts:notifications")


@administrator_required
@require_http_methods(["GET", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    return _edit(request, SecurityForm, "accounts:security", user=request.user)


def _edit(
    request: HttpRequest, form_class: type[ModelForm], here: str, **more: object
) -> HttpResponse:
    # A copy of its own: a refused form has already written on its instance.
    account = Account.objects.get(pk=request.account.pk)
    sent = request.POST if request.method == "POST" else None
    form = form_class(sent, instance=account, **more)
    if request.method == "POST" and form.is_valid():
        save = _save if WEIGHTY.isdisjoint(form.changed_data) else fresh_log_in_required(_save)
        return save(request, form, here)
    return render(request, "accounts/settings.html", {"form": form, "here": here})


def _save(request: HttpRequest, form: ModelForm, here: str) -> HttpResponse:
    services.update_account(account=form.instance, **form.cleaned_data)
    messages.success(request, "The settings are saved.")
    return redirect(here)


@any_member_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    mine = request.user.memberships.select_related("account")
    chosen = [each for each in mine if str(each.account_id) == request.POST.get("account")]
    if not chosen:
        raise Http404
    [membership] = chosen
    request.session.cycle_key()
    request.session[SESSION_KEY] = membership.account_id
    messages.success(request, f"You are now in {membership.account.name}.")
    return redirect("/")
