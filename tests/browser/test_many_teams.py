"""Up to 250 teams are a list; from 251 on they are searched."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import choose, log_in, open_store, try_key

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def form(portal, tab, globex):
    log_in(tab, globex)
    open_store(tab).get_by_role("link", name="Setup").click()
    form = tab.get_by_role("dialog")
    try_key(form, portal.crowded.api_key, "Crowded")
    choose(form, "Sync All Groups", "No")
    return form


def test_251_are_searched_and_250_listed(portal, form):
    box = form.get_by_role("searchbox", name="Search 251 groups")
    found = form.get_by_role("group", name="Groups found").get_by_role("checkbox")
    chips = form.get_by_role("group", name="Chosen groups").get_by_role("checkbox")
    expect(form.get_by_role("checkbox", name="Legal")).to_have_count(0)

    box.fill("berl")
    expect(found).not_to_have_count(0)
    form.get_by_role("checkbox", name="Berlin Sales").check()
    box.fill("lagos field")
    expect(found).to_have_count(1)
    expect(chips).to_have_count(1)
    form.get_by_role("checkbox", name="Lagos Field Service").check()
    box.fill("in")
    expect(form.get_by_text("more: type on to narrow down")).to_be_visible()
    expect(found).to_have_count(50)
    expect(chips).to_have_count(2)
    box.fill("zzz")
    expect(form.get_by_text("No other group has this in its name.")).to_be_visible()
    expect(form.get_by_role("checkbox", name="Berlin Sales")).to_be_checked()

    extra = next(iter(portal.crowded.tenant.teams))
    removed = portal.crowded.tenant.teams[extra]["Name"]
    portal.crowded.tenant.delete_team(extra)
    try:
        form.get_by_role("button", name="Test", exact=True).click()
        teams = form.get_by_role("group", name="Groups to sync").get_by_role("checkbox")
        expect(teams).to_have_count(250)
        expect(box).to_have_count(0)
        checked = form.get_by_role("group", name="Groups to sync").get_by_role(
            "checkbox", checked=True
        )
        expect(checked).to_have_count(2)
    finally:
        portal.crowded.tenant.add_team(removed)
