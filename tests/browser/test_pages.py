"""Every page, and what a page can look like: axe finds nothing, and all fits, light, dark and on a phone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import WIDE
from tests.browser.steps import (
    SETUP,
    STORE,
    card_of,
    choose,
    choose_entry,
    enter_account,
    log_in,
    try_key,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

RUNS = f"{STORE}litmos/runs/"
LISTS = (
    "/",
    "/groups/",
    "/groups/new/",
    "/targets/",
    "/targets/new/",
    "/targets/import/",
    "/targets/erased/",
    "/targets/left/",
    "/courses/",
    "/campaigns/",
    "/campaigns/new/",
    "/campaigns/repeat-offenders/",
    "/campaigns/repeat-offenders/new/",
    "/enrollments/",
    "/enrollments/insights/",
    "/enrollments/lms/",
    STORE,
    SETUP,
    RUNS,
    "/administration/account/",
    "/administration/account/notifications/",
    "/administration/account/security/",
    "/account/",
    "/account/second-factor/app/",
    "/account/second-factor/passkeys/new/",
    "/administration/account/notifications/integration_sync_finished/",
    "/administration/account/notifications/integration_sync_finished/preview/?ending=FAILED",
    "/administration/account/notifications/integration_sync_finished/reset/",
    "/administration/account/notifications/integration_drift_report/preview/",
    "/administration/mails/",
    "/accounts/password/change/",
    "/administration/audit/",
    "/administration/users/",
    "/administration/users/invite/",
    "/administration/api/",
    "/administration/api/new/",
    "/administration/api/calls/",
    "/administration/api/webhooks/",
    "/administration/api/webhooks/new/",
    "/administration/api/webhooks/1/",
    "/administration/api/webhooks/1/change/",
    "/administration/api/webhooks/1/secret/",
    "/administration/api/webhooks/1/remove/",
    f"{STORE}litmos/turn-off/",
    f"{STORE}litmos/remove/",
    f"{STORE}litmos/limits/",
    f"{STORE}litmos/fields/",
    f"{STORE}litmos/drift/",
    f"{STORE}litmos/why/?q=an",
)
NOTHING_MATCHES = (
    "/groups/?q=zzz",
    "/targets/?q=zzz",
    "/campaigns/1/actions/?q=zzz",
    "/enrollments/?q=zzz",
    f"{RUNS}last/?q=zzz",
)
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="package")
def pages(portal) -> list[str]:
    """Acme has one group that drifts, one run that held something and one that failed; then every
    address there is."""
    portal.execute("UPDATE groups_group SET auto_sync = false WHERE id = 1")
    tenant = portal.sandbox.tenant
    active = [key for key, user in tenant.users.items() if user["Active"]]
    for key in active[:25]:
        tenant.deactivate(key)
    assert portal.sync_once() == "HELD"
    for key in active[:25]:
        tenant.reactivate(key)
    portal.sandbox.faults.set("401")
    assert portal.sync_once() == "FAILED"
    portal.sandbox.faults.clear()
    _remediate(portal)
    _tell_webhooks(portal)
    return [*LISTS, *NOTHING_MATCHES, *_details(portal)]


REMEDIATION = """
from django.utils.timezone import now
from django_scopes import scope
from accounts.models import Account
from integrations.models import Course
from targets.models import GroupMembership
from training.models import Campaign, Enrollment, RepeatRule, State
from training.services.campaigns import start_campaign
from training.services.taking import NewAction, take_actions

with scope(account=Account.objects.get(name="Acme")):
    active = GroupMembership.objects.filter(is_active=True, target__is_active=True)
    one = active.filter(group__is_archived=False).order_by("pk")[0]
    made = Campaign.objects.create(account=one.account, name="Spring")
    made.groups.add(one.group)
    made.courses.add(Course.objects.order_by("pk")[0])
    start_campaign(campaign=made)
    made.refresh_from_db()
    acts = [NewAction("CLICKED", each, now()) for each in (one.target.email, "x@y.example")]
    take_actions(campaign=made, actions=acts, door="GOPHISH")
    rule = RepeatRule.objects.create(account=one.account, name="Thrice", failures=3, days=365)
    rule.courses.add(*made.courses.all())
    bot = NewAction("CLICKED", one.target.email, now(), key="bot", is_bot=True)
    take_actions(campaign=made, actions=[bot], door="API")
    waiting = Enrollment.objects.filter(campaign=made)
    waiting.update(state=State.ASSIGNED, asked_at=now(), action=made.actions.get(is_bot=True))
"""


def _remediate(portal) -> None:
    """A running campaign with an action and an enrolment."""
    portal.manage("shell", "-v0", "-c", REMEDIATION)


WEBHOOKS = """
from django_scopes import scope
from accounts.models import Account
from webhooks.models import Delivery, Endpoint
from webhooks.services import emit, make_endpoint, send_test

acme = Account.objects.get(name="Acme")
with scope(account=acme):
    made, _ = make_endpoint(
        account=acme, address="https://hooks.example.com/in", description="", events=["run.failed"]
    )
    emit(account=acme, type="run.failed", body={"run": 1, "counts": {"PERSON.CREATE.APPLIED": 3}})
    Delivery.objects.update(state="GIVEN_UP", attempts=7, status_code=500, answer="Not today")
    send_test(endpoint=made)
"""


def _tell_webhooks(portal) -> None:
    """An endpoint, an event that was given up, and one that waits."""
    portal.manage("shell", "-v0", "-c", WEBHOOKS)


def _details(portal) -> list[str]:
    runs = portal.numbers(
        "SELECT id FROM integrations_syncrun"
        " WHERE connection_id = (SELECT min(id) FROM integrations_connection)"
    )
    firsts = {
        "/groups/": "groups_group",
        "/targets/": "targets_target",
        "/administration/mails/": "integrations_sentmail",
        "/campaigns/": "training_campaign",
        "/enrollments/": "training_enrollment",
    }
    single = [
        f"{prefix}{number}/"
        for prefix, table in firsts.items()
        for number in portal.numbers(f"SELECT id FROM {table} ORDER BY id LIMIT 1")
    ]
    history = [f"{single[1]}history/", f"{single[1]}remediation/"]
    course = portal.numbers("SELECT course_id FROM training_campaign_courses ORDER BY id")[0]
    rule = "/campaigns/repeat-offenders/1/"
    more = ["/campaigns/1/import/", rule, f"{rule}delete/", f"/courses/{course}/replace/"]
    acted = portal.numbers("SELECT target_id FROM training_enrollment ORDER BY id")[0]
    more += ["/campaigns/1/actions/", f"/targets/{acted}/", f"/targets/{acted}/remediation/"]
    return [*single, *history, *more, *(f"{RUNS}{run}/" for run in runs)]


@pytest.mark.parametrize(
    ("theme", "sizes", "is_sample"),
    [
        ("light", (WIDE,), False),
        ("light", (PHONE,), True),
        ("dark", (WIDE, PHONE), True),
        pytest.param("light", (PHONE,), False, marks=pytest.mark.thorough),
        pytest.param("dark", (WIDE, PHONE), False, marks=pytest.mark.thorough),
    ],
)
def test_axe_finds_nothing_and_all_fits(open_tab, pages, theme, sizes, is_sample):
    page = open_tab(color_scheme=theme)
    page.goto("/login/")
    found = faults_at(page, sizes)
    log_in(page)
    for address in of_each_type(pages) if is_sample else pages:
        page.goto(address)
        found += faults_at(page, sizes)
    assert found == []


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_axe_finds_nothing_in_pop_ups(open_tab, portal, globex, theme):
    page = open_tab(color_scheme=theme)
    log_in(page)
    found = []
    for dialog in each_dialog(page, portal, globex):
        expect(dialog).to_be_visible()
        found += faults_at(page)
        page.set_viewport_size(WIDE)
    assert found == []


def test_pop_ups_fit_a_phone(open_tab, portal, globex):
    page = open_tab(viewport=PHONE)
    log_in(page)
    for dialog in each_dialog(page, portal, globex):
        expect(dialog).to_be_visible()
        assert dialog.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
        assert dialog.bounding_box()["width"] <= PHONE["width"]


def each_dialog(page, portal, globex):
    """Settings, Test connection, and the form with teams, with what is wrong, and refused."""
    dialog = page.get_by_role("dialog")
    for entry in ("Settings", "Test connection"):
        page.goto(STORE)
        choose_entry(card_of(page), entry)
        yield dialog
    enter_account(page, globex)
    page.goto(STORE)
    card_of(page).get_by_role("link", name="Setup").click()
    try_key(dialog, "wrong-key")
    expect(dialog.get_by_text("Failed:")).to_be_visible()
    yield dialog
    try_key(dialog, portal.sandbox.api_key)
    expect(dialog.get_by_text("Passed:")).to_have_count(5)
    choose(dialog, "Sync All Groups", "No")
    yield dialog
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Choose at least one group")).to_be_in_viewport()
    yield dialog
    try_key(dialog, portal.crowded.api_key, "Crowded")
    dialog.get_by_role("searchbox").fill("berlin")
    expect(dialog.get_by_role("group", name="Groups found")).to_be_visible()
    yield dialog


def of_each_type(pages: list[str]) -> list[str]:
    """One page of each type: figures, table, form, card, log, charts, settings, timeline, search that finds
    nothing."""
    details = [address for address in pages if address.endswith("/remediation/")]
    types = ("/", "/targets/", "/campaigns/new/", STORE, "/enrollments/insights/", "/account/")
    return [*types, f"{RUNS}last/", "/groups/?q=zzz", *details[:1]]


def faults_at(page: Page, sizes: Iterable[ViewportSize] = (WIDE, PHONE)) -> list[str]:
    """What axe finds at these sizes, and what is wider than the page on a large screen or on a phone."""
    found = []
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        if size in sizes:
            found += [f"{size['width']}: {fault}" for fault in faults(page)]
        if (pixels := overflow(page)) > 0:
            found.append(f"{page.url} is {pixels} pixels wider than {size['width']}")
    return found


def faults(page: Page) -> list[str]:
    return [
        f"{page.url} {fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in Axe().run(page).response["violations"]
        for node in fault["nodes"][:2]
    ]


def overflow(page: Page) -> int:
    """How many pixels wider than the window, once all has taken its place."""
    return page.evaluate(
        """() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() =>
            resolve(document.documentElement.scrollWidth - window.innerWidth))))"""
    )
