"""From the log-in page to a working connection: by few clicks, and with nothing read elsewhere."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.portal import EMAIL, PASSWORD
from tests.browser.steps import card_of, switch_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

MOST = 10
#: The mouse alone: a field that is tabbed to and a button pressed by Enter have no `detail`.
COUNT = """addEventListener('click', event => {
    if (event.isTrusted && event.detail) localStorage.clicks = Number(localStorage.clicks || 0) + 1
}, true)"""


def clicks(page: Page) -> int:
    return int(page.evaluate("localStorage.clicks || 0"))


def walk(page: Page, account: str, key: str) -> int:
    """Returns how many clicks it took. Fields are clicked into, one by one."""
    page.add_init_script(COUNT)
    page.goto("/")
    for label, text in (("Email", EMAIL), ("Password", PASSWORD)):
        page.get_by_label(label, exact=True).click()
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    switch_to(page, account)
    page.get_by_role("main").get_by_role("link", name="Open the Integration Store").click()
    card_of(page).get_by_role("link", name="Setup").click()
    form = page.get_by_role("dialog", name="Set up Litmos")
    expect(form).to_be_visible()
    page.keyboard.type(key)
    expect(form.get_by_label("API key")).to_have_value(key)
    form.get_by_label("Region").click()
    form.get_by_label("Region").select_option("Rehearsal")
    form.get_by_role("button", name="Test", exact=True).click()
    expect(form.get_by_text("Passed:")).to_have_count(5)
    form.get_by_role("button", name="Save").click()
    state = card_of(page).get_by_role("status")
    expect(state.get_by_text("Synced", exact=True)).to_be_visible(timeout=60_000)
    return clicks(page)


def test_few_clicks_to_a_working_connection(portal, tab, globex):
    assert walk(tab, globex, portal.sandbox.api_key) <= MOST, "too many clicks"
