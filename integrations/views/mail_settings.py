"""The system e-mails of the account: each one's switch, recipients and words."""

from __future__ import annotations

from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import administrator_required
from integrations import services
from integrations.mail import setting_of
from integrations.mail_examples import ENDINGS
from integrations.mail_form import MailForm
from integrations.mail_words import FIELDS
from integrations.models import MailKind, MailSetting, Status
from integrations.views.mails import drawn_in_a_frame

TOO_MANY = "No test was sent: at most 5 a minute. Try again in {seconds} seconds."


@administrator_required
@require_http_methods(["GET", "POST"])
def mail_setting(request: HttpRequest, kind: str) -> HttpResponse:
    setting = _setting_or_404(request, kind)
    form = MailForm(request.POST or None, setting=setting)
    shown = None
    if form.is_valid():
        if "preview" not in request.POST:
            services.save_mail_setting(account=request.account, kind=kind, **form.cleaned_data)
            messages.success(request, f"“{setting.get_kind_display()}” is saved.")
            return redirect("integrations:mail_setting", kind=kind)
        shown = _preview_of_typed(setting, form)
    context = {"setting": setting, "form": form, "shown": shown, "fields": _fields()}
    return render(request, "mails/setting.html", context)


def _preview_of_typed(setting: MailSetting, form: MailForm) -> object:
    setting.subject, setting.text = form.cleaned_data["subject"], form.cleaned_data["text"]
    return services.preview_of(setting)


def _fields() -> list[tuple[str, str]]:
    return [(f"[[{name}]]", told) for name, told in FIELDS.items()]


def _setting_or_404(request: HttpRequest, kind: str) -> MailSetting:
    if kind not in MailKind.values:
        raise Http404
    return setting_of(request.account, kind)


@administrator_required
@require_safe
@csp_update({"frame-src": ["'self'"]})
def mail_preview(request: HttpRequest, kind: str) -> HttpResponse:
    setting, ending = _setting_or_404(request, kind), _ending(request)
    context = {
        "setting": setting,
        "shown": services.preview_of(setting, ending),
        "ending": ending,
        "endings": _endings() if kind == MailKind.SYNC_FINISHED else [],
    }
    return render(request, "mails/preview.html", context)


@administrator_required
@require_safe
@drawn_in_a_frame
def mail_preview_html(request: HttpRequest, kind: str) -> HttpResponse:
    shown = services.preview_of(_setting_or_404(request, kind), _ending(request))
    return HttpResponse(shown.html)


def _ending(request: HttpRequest) -> str:
    asked = request.GET.get("ending", "")
    return asked if asked in ENDINGS else Status.SYNCED


def _endings() -> list[tuple[str, str]]:
    return [(status, Status(status).label) for status in ENDINGS]


@administrator_required
@require_POST
def send_test(request: HttpRequest, kind: str) -> HttpResponse:
    setting = _setting_or_404(request, kind)
    try:
        mail = services.send_test_mail(account=request.account, kind=kind, user=request.user)
    except services.TooManyTests as refused:
        messages.error(request, TOO_MANY.format(seconds=refused.seconds))
    else:
        if mail.error:
            messages.error(request, f"The test could not be sent to {mail.recipient}: {mail.error}")
        else:
            messages.success(request, f"A test was sent to you, at {mail.recipient}.")
    return redirect("integrations:mail_setting", kind=setting.kind)


@administrator_required
@require_http_methods(["GET", "POST"])
def reset_words(request: HttpRequest, kind: str) -> HttpResponse:
    setting = _setting_or_404(request, kind)
    if request.method == "POST":
        services.reset_mail_words(account=request.account, kind=kind)
        messages.success(request, f"“{setting.get_kind_display()}” has the standard words again.")
        return redirect("integrations:mail_setting", kind=kind)
    return render(request, "mails/reset.html", {"setting": setting})
