from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required, fresh_log_in_required, is_stale
from integrations import selectors, services, tasks, vault
from integrations.contract.provider import Provider
from integrations.forms import NO_TEAM, SetupForm, initial_of
from integrations.models import Connection, Probe
from integrations.views.finding import go, provider_or_404
from integrations.views.setup_page import NOT_TESTED, SetupPage, find_probe, teams_source

NOT_FRESH = "Confirm who you are, then type the new API key. It was kept nowhere in the meantime."
GOES_ON = "Saved. The integration is off. What goes on all the same is listed here."
KEY_WANTED = "Type the API key, then press Test."
TEST_AGAIN = (
    "Press Test first. Save needs a test that has passed for this key and region within the last "
    "30 minutes. Nothing was stored."
)
TOO_MANY = (
    "That were many tests in a minute. Type the key again and press Test in {seconds} seconds."
)


@administrator_required
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, provider: str) -> HttpResponse:
    found = provider_or_404(provider)
    connection = selectors.connection_of(found.key)
    if request.method != "POST":
        form = SetupForm(provider=found, initial=_initial(connection))
        return _show(request, SetupPage(found, form, connection))
    if request.POST.get("api_key") and is_stale(request):
        return _ask_to_confirm(request, found)
    probe = find_probe(request.POST.get("probe", ""), found.key)
    match _asked_for(request):
        case "save":
            is_new_key = probe is not None and probe.api_key_sealed
            save = fresh_log_in_required(_save) if is_new_key else _save
            return save(request, found, connection, probe)
        case "search":
            return _show(request, _typed(request, found, connection, probe))
    return _show(request, _test(request, _typed(request, found, connection, probe)))


def _ask_to_confirm(request: HttpRequest, provider: Provider) -> HttpResponse:
    """What was typed is dropped: a request that waits would leave the key in the session."""
    messages.warning(request, NOT_FRESH)
    here = reverse("integrations:setup", args=[provider.key])
    return go(request, f"{reverse('account_reauthenticate')}?{urlencode({'next': here})}")


def _initial(connection: Connection | None) -> dict[str, Any]:
    chosen = connection.chosen_teams.values_list("integration_id", flat=True) if connection else []
    return {**initial_of(connection), "teams": list(chosen)}


def _asked_for(request: HttpRequest) -> str:
    """Enter means Search while there is text in the search box, else Test."""
    action = request.POST.get("action", "")
    if action == "enter" and request.POST.get("team_search", "").strip():
        return "search"
    return action


def _typed(
    request: HttpRequest, provider: Provider, connection: Connection | None, probe: Probe | None
) -> SetupPage:
    form = SetupForm(request.POST, provider=provider)
    query = request.POST.get("team_search", "").strip()
    return SetupPage(provider, form, connection, probe, query)


def _test(request: HttpRequest, page: SetupPage) -> SetupPage:
    """Run the connection test of what was typed; a key that is typed nowhere else is kept in it."""
    if not page.form.is_valid():
        return page
    typed = page.form.cleaned_data
    if not (typed["api_key"] or page.stored_key or (page.probe and page.probe.api_key_sealed)):
        page.form.add_error("api_key", KEY_WANTED)
        return page
    try:
        page.probe = services.run_probe(
            account=request.account,
            user=request.user,
            provider=page.provider.key,
            region=typed["region"],
            api_key=typed["api_key"],
            earlier=page.probe,
        )
        page.is_just_tested = True
    except services.TooManyProbes as refusal:
        page.refusal = TOO_MANY.format(seconds=refusal.seconds)
    return page


def _save(
    request: HttpRequest, provider: Provider, connection: Connection | None, probe: Probe | None
) -> HttpResponse:
    known = selectors.known_teams(teams_source(probe, connection), connection)
    form = SetupForm(request.POST, provider=provider, known_teams=known, is_saving=True)
    query = request.POST.get("team_search", "").strip()
    page = SetupPage(provider, form, connection, probe, query)
    if connection and form.is_valid():
        page.let_go = services.groups_let_go(connection, form.settings())
    if page.let_go and request.POST.get("let_go") != page.let_go_seen:
        return _show(request, page)
    saved = _store(request, provider, form, probe) if form.is_valid() else None
    if saved is None:
        return _show(request, page)
    if saved.run is None and services.going_on(saved.connection).is_anything:
        messages.success(request, GOES_ON)
        return go(request, reverse("integrations:turn_off", args=[provider.key]))
    _tell(request, saved)
    return go(request, reverse("integrations:store"))


def _store(
    request: HttpRequest, provider: Provider, form: SetupForm, probe: Probe | None
) -> services.Saved | None:
    try:
        return services.save_connection(
            account=request.account,
            user=request.user,
            provider=provider.key,
            chosen=form.settings(),
            probe=probe,
            api_key=form.cleaned_data["api_key"],
        )
    except (services.ProbeRequired, vault.KeyUnreadable):
        form.add_error(None, TEST_AGAIN)
    except services.NothingChosen:
        form.add_error("teams", NO_TEAM)
    return None


def _tell(request: HttpRequest, saved: services.Saved) -> None:
    if saved.run is None:
        told = "Saved. The integration is off: nothing runs until you choose Run Sync."
    elif saved.is_run_already_open:
        told = "Saved. A sync is already running; the new settings apply from the next one."
    else:
        tasks.wake(saved.run.pk)
        told = "Saved. Sync Queued."
    messages.success(request, told)


def _show(request: HttpRequest, page: SetupPage) -> HttpResponse:
    """The page, or with htmx the pop-up when it opens and the form alone when it was sent."""
    template = "setup"
    if request.htmx:
        template = "setup_form" if request.method == "POST" else "setup_dialog"
    context = {"page": page, "provider": page.provider, "not_tested": NOT_TESTED}
    return render(request, f"integrations/{template}.html", context)
