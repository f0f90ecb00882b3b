"""A token is made on the page, used by another program, and revoked."""

import json
import re
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.steps import log_in
from tests.browser.test_pages import PHONE, faults, overflow

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_a_token_from_the_page_to_the_program_and_back(open_tab, portal, globex, theme):
    tab = open_tab(color_scheme=theme)
    log_in(tab, globex)
    tab.get_by_role("link", name="API", exact=True).click()
    expect(tab.get_by_text("There are no tokens yet")).to_be_visible()
    found = faults(tab)
    value = make(tab)
    found += faults(tab)
    assert send(portal, value) == (404, "unknown_campaign")

    tab.get_by_role("link", name="API", exact=True).click()
    expect(tab.get_by_text(value)).to_have_count(0)
    row = tab.get_by_role("row", name=re.compile("Our SIEM"))
    expect(row.get_by_role("cell", name="Works")).to_be_visible()
    expect(row.get_by_text("never")).to_have_count(0)
    row.get_by_role("link", name="Revoke").click()
    found += faults(tab)
    tab.get_by_role("button", name="Revoke this token").click()
    expect(tab.get_by_text("It no longer works.")).to_be_visible()
    assert send(portal, value) == (401, "invalid_token")
    assert found == []


def test_the_pages_of_a_token_fit_a_phone(open_tab, portal, globex):
    tab = open_tab(viewport=PHONE)
    log_in(tab)
    tab.goto("/administration/api/")
    assert overflow(tab) <= 0
    make(tab)
    assert overflow(tab) <= 0
    tab.get_by_role("link", name="Revoke").first.click()
    expect(tab.get_by_role("button", name="Revoke this token")).to_be_visible()
    assert overflow(tab) <= 0


def make(tab) -> str:
    tab.get_by_role("link", name="New token").first.click()
    tab.get_by_label("Name").fill("Our SIEM")
    expect(tab.get_by_role("checkbox", name="Send actions")).to_be_checked()
    tab.get_by_label("Expires").select_option("In 90 days")
    tab.get_by_role("button", name="Make the token").click()
    expect(tab.get_by_role("heading", name="shown this once")).to_be_visible()
    return tab.get_by_text(re.compile("^ptl_")).inner_text()


def send(portal, value) -> tuple[int, str]:
    """As another program does: curl."""
    words = ["curl", "--silent", "--header", f"Authorization: Bearer {value}"]
    words += [
        "--header",
        "Content-Type: application/json",
        "--data",
        '{"campaign": 0, "actions": []}',
    ]
    ended = subprocess.run(
        [*words, f"{portal.url}/api/v1/actions"], capture_output=True, check=True, text=True
    )
    told = json.loads(ended.stdout)
    return told["status"], told["code"]
