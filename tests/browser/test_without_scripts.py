"""Every main action with JavaScript switched off: whole pages instead of pop-ups."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import (
    SETUP,
    STORE,
    card_of,
    choose,
    choose_entry,
    log_in,
    open_store,
    try_key,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def plain(open_tab, globex):
    page = open_tab(java_script_enabled=False)
    log_in(page, globex)
    return page


def test_set_up_sync_and_bulk_action(portal, plain):
    open_store(plain).get_by_role("link", name="Setup").click()
    expect(plain).to_have_url(f"{portal.url}{SETUP}")
    expect(plain.get_by_role("button", name="Save")).to_be_disabled()
    try_key(plain, portal.sandbox.api_key)
    expect(plain.get_by_role("listitem").filter(has_text="Passed:")).to_have_count(5)
    plain.get_by_role("checkbox", name="Active").uncheck()
    choose(plain, "Sync All Groups", "No")
    plain.get_by_role("group", name="Groups to sync").get_by_role("checkbox").first.check()
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_text("The integration is off")).to_be_visible()
    expect(card_of(plain).get_by_role("status")).to_have_text("Off")

    choose_entry(card_of(plain), "Run Sync")
    expect(plain.get_by_text("automatic updates stay off")).to_be_visible()
    plain.get_by_role("button", name="Run Sync").click()
    expect(plain.get_by_text("Sync Queued", exact=True).first).to_be_visible()
    assert portal.wait_for_the_end()["status"] == "SYNCED"
    plain.goto(STORE)
    expect(card_of(plain).get_by_text("Synced", exact=True)).to_be_visible()

    plain.get_by_role("link", name="Manage Groups").click()
    group = plain.get_by_role("row").filter(has=plain.get_by_role("rowheader"))
    expect(group.get_by_text("Auto-Sync", exact=True)).to_have_count(1)
    group.get_by_role("checkbox").check()
    plain.get_by_label("Action").select_option("Turn Auto-Sync off")
    plain.get_by_role("button", name="Apply").click()
    expect(group).to_have_count(1)
    expect(group.get_by_text("Auto-Sync", exact=True)).to_have_count(0)


def test_251_teams_are_searched(portal, plain):
    plain.goto(SETUP)
    try_key(plain, portal.crowded.api_key, "Crowded")
    choose(plain, "Sync All Groups", "No")
    first = chosen_by_search(plain, "berlin")
    second = chosen_by_search(plain, "lagos")
    chips = plain.get_by_role("group", name="Chosen groups").get_by_role("checkbox")
    plain.get_by_role("searchbox").press("Enter")
    expect(chips).to_have_count(2)
    assert {chips.nth(n).get_attribute("value") for n in (0, 1)} == {first, second}


def chosen_by_search(page, text):
    page.get_by_role("searchbox", name="Search 251 groups").fill(text)
    page.get_by_role("button", name="Search").click()
    found = page.get_by_role("group", name="Groups found").get_by_role("checkbox").first
    found.check()
    return found.get_attribute("value")
