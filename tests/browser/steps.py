"""What a person does on the pages, by role and name alone."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.portal import EMAIL, PASSWORD

STORE = "/administration/integrations/"
SETUP = f"{STORE}litmos/setup/"


def log_in(page: Page, account: str = "") -> None:
    """Straight to the dashboard. The pages on the way are for tests that are about them."""
    _post(page, "/login/", login=EMAIL, password=PASSWORD)
    page.goto("/")
    if account:
        enter_account(page, account)


def enter_account(page: Page, account: str) -> None:
    """On any width, with scripts or without."""
    name = re.compile(rf"^\s*{re.escape(account)}\s*$")
    button = page.locator("button[name=account]").filter(has_text=name)
    _post(page, "/account/switch/", account=button.get_attribute("value") or "")
    page.goto("/")
    expect(page.get_by_label(f"Account: {account}.")).to_have_count(1)


def _post(page: Page, address: str, **fields: str) -> None:
    """What the page's own form sends."""
    session = page.context.request
    session.get("/login/")
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    answer = session.post(address, form=fields | {"csrfmiddlewaretoken": cookies["csrf"]})
    assert answer.ok, f"{address}: {answer.status}"


def fill_in_log_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_role("textbox", name="Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def switch_to(page: Page, account: str) -> None:
    page.get_by_label("Switch account").click()
    page.get_by_role("button", name=account, exact=True).click()
    expect(page.get_by_text(f"You are now in {account}.")).to_be_visible()


def open_store(page: Page) -> Locator:
    """Returns the card of Litmos."""
    page.get_by_role("link", name="Integration Store", exact=True).first.click()
    return card_of(page)


def card_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Litmos")


def choose_entry(card: Locator, name: str) -> None:
    """An entry of the card's drop-down."""
    card.get_by_text("Actions for Litmos").click()
    card.get_by_role("link", name=name).or_(card.get_by_role("button", name=name)).click()


def try_key(form: Page | Locator, key: str, region: str = "Rehearsal") -> None:
    form.get_by_label("API key").fill(key)
    form.get_by_label("Region").select_option(region)
    form.get_by_role("button", name="Test", exact=True).click()


def choose(form: Page | Locator, question: str, answer: str) -> None:
    group = form.get_by_role("group", name=question)
    group.get_by_role("radio", name=answer, exact=True).check()
