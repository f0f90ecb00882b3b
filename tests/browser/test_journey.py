"""The whole of the help article, as a new administrator does it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.portal import go_on, stop
from tests.browser.steps import (
    card_of,
    choose,
    choose_entry,
    fill_in_log_in,
    open_store,
    switch_to,
    try_key,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_from_log_in_to_the_log_and_the_mail(portal, tab, globex):
    fill_in_log_in(tab)
    switch_to(tab, globex)
    open_store(tab).get_by_role("link", name="Setup").click()

    form = tab.get_by_role("dialog", name="Set up Litmos")
    expect(form.get_by_role("button", name="Save")).to_be_disabled()
    try_key(form, portal.sandbox.api_key)
    expect(form.get_by_role("listitem")).to_have_text(
        [
            "Passed: Litmos can be reached",
            "Passed: The key is accepted",
            "Passed: The key belongs to an Account Owner",
            "Passed: There is at least one team",
            "Passed: People, teams and courses are counted: 40 people, 6 teams, 5 courses",
        ],
        use_inner_text=True,
    )
    choose(form, "Sync Content Option", "Courses & Users")
    choose(form, "Sync All Groups", "No")
    teams = form.get_by_role("group", name="Groups to sync").get_by_role("checkbox")
    expect(teams).to_have_count(6)
    chosen = [teams.nth(1), teams.nth(4)]
    for team in chosen:
        team.check()

    stop(portal.work)
    try:
        form.get_by_role("button", name="Save").click()
        state = card_of(tab).get_by_role("status")
        expect(state).to_have_text("Sync Queued")
        tab.evaluate("window.isTheSamePage = true")
        portal.sandbox.latency = 0.7
    finally:
        go_on(portal.work)
    expect(state).to_have_text("Syncing", timeout=30_000)
    portal.sandbox.latency = 0
    expect(state.get_by_text("Synced", exact=True)).to_be_visible(timeout=30_000)
    assert tab.evaluate("window.isTheSamePage") is True

    check_the_log(tab)
    check_the_groups(tab)
    check_the_mail(tab)


def check_the_log(tab):
    choose_entry(card_of(tab), "Last Sync Logs")
    rows = tab.get_by_role("table").last.get_by_role("row")
    expect(rows.filter(has_text="New")).not_to_have_count(0)
    tab.get_by_label("Outcome").select_option("Skipped")
    tab.get_by_role("button", name="Filter").click()
    expect(tab).to_have_url(re.compile("outcome=SKIPPED"))
    skipped = rows.filter(has=tab.get_by_role("rowheader"))
    expect(skipped).not_to_have_count(0)
    assert {text.split()[0] for text in skipped.all_inner_texts()} == {"Skipped"}


def check_the_groups(tab):
    tab.get_by_role("link", name="Manage Groups").click()
    groups = tab.get_by_role("row").filter(has=tab.get_by_role("rowheader"))
    expect(groups).to_have_count(2)
    expect(groups.get_by_text("Auto-Sync", exact=True)).to_have_count(2)

    tab.get_by_role("checkbox", name="Select every group on this page").check()
    expect(tab.get_by_text("2 selected")).to_be_visible()
    tab.get_by_label("Action").select_option("Turn Auto-Sync off")
    tab.get_by_role("button", name="Apply").click()
    expect(tab.get_by_role("status").filter(has_text="Auto-Sync")).to_be_visible()
    expect(groups.get_by_text("Auto-Sync", exact=True)).to_have_count(0)


def check_the_mail(tab):
    tab.get_by_role("link", name="System e-mails").click()
    mails = tab.get_by_role("row").filter(has=tab.get_by_role("rowheader"))
    expect(mails).to_have_count(1)
    expect(mails).to_contain_text("boss@globex.example")
    mails.get_by_role("link").click()
    preview = tab.frame_locator("iframe")
    expect(preview.get_by_role("heading")).to_contain_text("Synced")
