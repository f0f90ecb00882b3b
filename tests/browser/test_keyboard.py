"""Without a mouse: pop-up, drop-down and menu open, move the focus, close and give it back."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import card_of, log_in, open_store

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_setup_opens_by_enter_and_closes_by_escape(tab, globex):
    log_in(tab, globex)
    setup = open_store(tab).get_by_role("link", name="Setup")
    setup.focus()
    tab.keyboard.press("Enter")
    dialog = tab.get_by_role("dialog", name="Set up Litmos")
    expect(dialog.get_by_label("API key")).to_be_focused()
    tab.keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    tab.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(setup).to_be_focused()

    tab.keyboard.press("Enter")
    expect(dialog.get_by_label("API key")).to_be_focused()
    tab.keyboard.type("no-such-key")
    tab.keyboard.press("Tab")
    expect(dialog.get_by_label("Region")).to_be_focused()
    tab.keyboard.type("Reh")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    refused = dialog.get_by_role("listitem").filter(has_text="Failed:")
    expect(refused).to_contain_text("refused the API key")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_role("link", name="Cancel").press("Enter")
    expect(dialog).to_have_count(0)


def test_drop_down(tab):
    log_in(tab)
    open_store(tab)
    menu = card_of(tab).get_by_text("Actions for Litmos")
    settings = card_of(tab).get_by_role("link", name="Settings")
    menu.focus()
    tab.keyboard.press("Enter")
    expect(settings).to_be_visible()
    tab.keyboard.press("Tab")
    expect(settings).to_be_focused()
    tab.keyboard.press("ArrowDown")
    expect(card_of(tab).get_by_role("link", name="Limits")).to_be_focused()
    tab.keyboard.press("ArrowUp")
    expect(settings).to_be_focused()
    tab.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    expect(menu).to_be_focused()

    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("dialog", name="Settings of Litmos")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    expect(menu).to_be_focused()


def test_skip_link_leads_to_the_content(tab):
    log_in(tab)
    tab.goto("/groups/")
    tab.keyboard.press("Tab")
    skip = tab.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("main")).to_be_focused()
