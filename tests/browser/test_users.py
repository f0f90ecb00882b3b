"""A colleague is invited as Viewer, who finds Administration closed; then she is removed."""

import os
import re
from email import message_from_string

import pytest
from playwright.sync_api import expect

from tests.browser.steps import log_in
from tests.browser.test_pages import PHONE, faults, overflow

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SHOTS = os.environ.get("SHOTS")
PASSWORD = "quite another strange one 5"


def link_to(portal, email: str) -> str:
    """From the newest e-mail to this address."""
    files = sorted(
        (portal.folder / "var" / "mail").iterdir(), key=lambda file: file.stat().st_mtime
    )
    texts = [file.read_text() for file in files]
    sent = next(text for text in reversed(texts) if f"To: {email}" in text)
    body = message_from_string(sent.partition("-" * 79)[0]).get_payload(decode=True).decode()
    return re.search(r"http\S+/reset/key/\S+", body)[0]


def shot(tab, name):
    if SHOTS:
        tab.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize(
    "options",
    [{}, pytest.param({"color_scheme": "dark", "viewport": PHONE}, marks=pytest.mark.thorough)],
)
def test_a_colleague_is_invited_sees_and_is_removed(open_tab, portal, globex, options):
    tab = open_tab(**options)
    log_in(tab, "" if options else globex)
    tab.goto("/administration/users/")
    kind = "phone" if options else "wide"
    shot(tab, f"users-{kind}")
    found, widest = faults(tab), overflow(tab)
    tab.get_by_role("link", name="Invite somebody").click()
    shot(tab, f"invite-{kind}")
    email = f"{kind}@globex.example"
    tab.get_by_label("E-mail").fill(email)
    expect(tab.get_by_role("radio", name=re.compile("^Viewer"))).to_be_checked()
    tab.get_by_role("button", name="Invite").click()
    expect(tab.get_by_text(f"{email} is invited, and has been sent an e-mail.")).to_be_visible()
    found += faults(tab)
    widest = max(widest, overflow(tab))
    shot(tab, f"invited-{kind}")

    hers = open_tab(**options)
    hers.goto(link_to(portal, email))
    hers.get_by_label("New Password", exact=True).fill(PASSWORD)
    hers.get_by_label("New Password (again)").fill(PASSWORD)
    hers.get_by_role("button", name="Save the new password").click()
    hers.goto("/login/")
    hers.get_by_role("textbox", name="Email").fill(email)
    hers.get_by_label("Password").fill(PASSWORD)
    hers.get_by_role("button", name="Log in").click()
    expect(hers.get_by_role("heading", name="Dashboard")).to_be_visible()
    expect(hers.get_by_role("link", name="Integration Store", include_hidden=True)).to_have_count(0)

    tab.reload()
    tab.get_by_role("link", name=f"Remove {email}").click()
    found += faults(tab)
    shot(tab, f"remove-{kind}")
    tab.get_by_role("button", name="Remove this user").click()
    expect(tab.get_by_text(f"{email} does not belong to")).to_be_visible()
    hers.goto("/targets/")
    expect(hers.get_by_role("button", name="Log in")).to_be_visible()
    assert (found, widest <= 0) == ([], True)
