"""A click in GoPhish becomes a course at Litmos, and the Portal learns when it is completed."""

import json
import re
import sys
from subprocess import run
from time import monotonic
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.steps import log_in
from tests.meta.files import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SENT = '{"accepted": 1, "known": 0, "enrolled": 1}'
#: The key may make 100 calls a minute: after other tests the lane may have to wait for one.
PATIENCE_SECONDS = 90


def test_from_the_click_to_the_completed_course(portal, tab):
    log_in(tab)
    set_lms(tab)
    hook, secret = start_campaign(tab)
    ann, bo = two_people(portal)
    for email in (ann, bo):
        assert SENT in phish(hook, secret, email)
    assert phish(hook, "guessed", ann).startswith(f"{ann} 401")

    expect_states(tab, {"Assigned": 2})
    tenant = portal.sandbox.tenant
    complete(tenant, ann)
    expect_states(tab, {"Assigned": 1, "Completed": 1})
    tell(tab, tenant, bo)
    expect_states(tab, {"Completed": 2})

    tab.get_by_role("rowheader").get_by_role("link").first.click()
    for step in ("Acted", "Bot check", "Waiting", "Asked", "Verified", "Completed"):
        expect(tab.get_by_role("rowheader", name=step, exact=True)).to_be_visible()


def set_lms(tab):
    tab.goto("/groups/")
    tab.get_by_label("Select every group on this page").check()
    tab.get_by_role("button", name="Set LMS").click()
    tab.get_by_role("radio", name="Litmos").check()
    tab.get_by_role("button", name="Set LMS").click()
    expect(tab.get_by_text(re.compile("The LMS of .* is set"))).to_be_visible()


def start_campaign(tab) -> tuple[str, str]:
    tab.goto("/campaigns/")
    tab.get_by_role("link", name="New campaign").first.click()
    tab.get_by_label("Name").fill("From the click on")
    pick(tab, "Groups", every=True)
    pick(tab, "Courses")
    tab.get_by_label("Waiting time in minutes").fill("0")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("button", name="Start").click()
    expect(tab.get_by_text("Running", exact=True)).to_be_visible()
    tab.get_by_role("button", name="Make a secret").click()
    secret = tab.get_by_role("status").locator("code").inner_text()
    return tab.locator("code", has_text="/hooks/gophish/").inner_text(), secret


def pick(tab, label: str, *, every: bool = False) -> None:
    field = tab.get_by_role("combobox", name=label)
    field.click()
    options = tab.get_by_role("option").filter(visible=True)
    expect(options).not_to_have_count(0)
    for at in range(options.count() if every else 1):
        options.nth(at).click()
    field.press("Escape")


def two_people(portal) -> list[str]:
    """Active members of Acme's groups who have no course yet, by the record of Litmos."""
    active = portal.query(
        "SELECT DISTINCT t.email FROM targets_target t"
        " JOIN targets_groupmembership m ON m.target_id = t.id AND m.is_active"
        " WHERE t.is_active ORDER BY t.email"
    )
    tenant = portal.sandbox.tenant
    free = {row["Email"] for key, row in tenant.users.items() if not tenant.assignments(key)}
    return [email for (email,) in active if email in free][:2]


def phish(hook: str, secret: str, email: str) -> str:
    script = (sys.executable, str(ROOT / "scripts" / "phish"), hook, secret, email)
    return run(script, capture_output=True, text=True, check=True, timeout=30).stdout


def expect_states(tab, wanted: dict[str, int]) -> None:
    """Of this campaign's enrolments."""

    def found() -> dict[str, int]:
        tab.goto("/enrollments/?q=")
        tab.get_by_label("Campaign").select_option("From the click on")
        tab.get_by_role("button", name="Filter").click()
        rows = tab.get_by_role("row").filter(has=tab.get_by_role("rowheader"))
        return {
            state: rows.filter(has=tab.get_by_text(state, exact=True)).count() for state in wanted
        }

    until = monotonic() + PATIENCE_SECONDS
    while (states := found()) != wanted:
        assert monotonic() < until, f"{states}, not {wanted}"


def complete(tenant, email: str) -> tuple[str, str]:
    user = next(key for key, row in tenant.users.items() if row["Email"] == email)
    (course,) = tenant.assignments(user)
    tenant.complete(user, course)
    return user, course


def tell(tab, tenant, email: str) -> None:
    """As Litmos' webhook does: the course itself stays open there, so polling finds nothing."""
    tab.goto("/enrollments/lms/")
    tab.get_by_role("button", name="Make an address").click()
    address = tab.get_by_role("status").locator("code").inner_text()
    user = next(key for key, row in tenant.users.items() if row["Email"] == email)
    (course,) = tenant.assignments(user)
    data = {"userId": user, "courseId": course, "achievementDate": "2026-11-24T10:00:00.000"}
    body = json.dumps({"id": 1, "type": "achievement.earned", "object": "event", "data": data})
    with urlopen(Request(address, body.encode(), {"Content-Type": "application/json"})) as answer:
        assert (answer.status, json.load(answer)) == (202, {"accepted": 1})
