"""A click in GoPhish becomes a course at Litmos, and the Portal learns when it is completed."""

import json
import re
import sys
from subprocess import run
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.steps import log_in
from tests.meta.files import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SENT = '{"accepted": 1, "known": 0, "enrolled": 1}'


def test_from_the_click_to_the_completed_course(portal, tab):
    log_in(tab)
    set_lms(tab)
    hook, secret = start_campaign(tab)
    ann, bo = two_people(portal)
    for email in (ann, bo):
        assert SENT in phish(hook, secret, email)
    assert "unknown" not in phish(hook, "guessed", ann)
    assert phish(hook, "guessed", ann).startswith(f"{ann} 401")

    expect_states(tab, {"Assigned": 2})
    tenant = portal.sandbox.tenant
    complete(tenant, ann)
    expect_states(tab, {"Assigned": 1, "Completed": 1})
    tell(tab, tenant, bo)
    expect_states(tab, {"Completed": 2})

    tab.get_by_role("link", name=re.compile(".")).and_(tab.locator("th a")).last.click()
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
    tab.get_by_label("Name").fill("Autumn")
    groups = tab.get_by_label("Groups")
    groups.select_option(groups.locator("option").evaluate_all("all => all.map(o => o.value)"))
    tab.get_by_label("Courses").select_option(index=0)
    tab.get_by_label("Waiting time in minutes").fill("0")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("button", name="Start").click()
    expect(tab.get_by_text("Running", exact=True)).to_be_visible()
    tab.get_by_role("button", name="Make a secret").click()
    secret = tab.get_by_role("status").locator("code").inner_text()
    return tab.locator("code", has_text="/hooks/gophish/").inner_text(), secret


def two_people(portal) -> list[str]:
    """Active members of Acme's groups who have no course yet."""
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
    def found() -> dict[str, int]:
        tab.goto("/enrollments/")
        return {state: tab.get_by_text(state, exact=True).count() - 1 for state in wanted}

    for _ in range(300):
        if found() == wanted:
            return
    raise AssertionError(f"{found()}, not {wanted}")


def complete(tenant, email: str) -> tuple[str, str]:
    user = next(key for key, row in tenant.users.items() if row["Email"] == email)
    (course,) = tenant.assignments(user)
    tenant.complete(user, course)
    return user, course


def tell(tab, tenant, email: str) -> None:
    """As Litmos' webhook does: the course itself stays open there, so polling finds nothing."""
    tab.goto("/enrollments/completions/")
    tab.get_by_role("button", name="Make an address").click()
    address = tab.get_by_role("status").locator("code").inner_text()
    user = next(key for key, row in tenant.users.items() if row["Email"] == email)
    (course,) = tenant.assignments(user)
    data = {"userId": user, "courseId": course, "achievementDate": "2026-11-24T10:00:00.000"}
    body = json.dumps({"id": 1, "type": "achievement.earned", "object": "event", "data": data})
    with urlopen(Request(address, body.encode(), {"Content-Type": "application/json"})) as answer:
        assert json.load(answer) == {"completed": 1}
