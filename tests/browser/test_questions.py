"""Pages that only a form leads to: what is asked before harm, and what is shown once."""

import os

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WIDE
from tests.browser.portal import PASSWORD
from tests.browser.steps import log_in
from tests.browser.test_pages import PHONE, faults_at

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SHOTS = os.environ.get("SHOTS")
LEFT = """
from datetime import timedelta
from django.utils.timezone import now
from django_scopes import scope
from accounts.models import Account
from targets.models import Target

acme = Account.objects.get(name="Acme")
with scope(account=acme):
    for name in ("Lea Left", "Leo Left"):
        email = f"{name[:3].lower()}@left.example"
        values = {"name": name, "email": email, "left_source_at": now() - timedelta(days=45)}
        Target.objects.get_or_create(account=acme, email_key=email, defaults=values)
"""


class Look:
    def __init__(self, page, theme: str, sizes) -> None:
        self.page, self.theme, self.sizes, self.faults = page, theme, sizes, []

    def __call__(self, name: str) -> None:
        self.faults += [f"{name}: {fault}" for fault in faults_at(self.page, self.sizes)]
        for size in (WIDE, PHONE):
            self.page.set_viewport_size(size)
            if SHOTS:
                path = f"{SHOTS}/{name}-{self.theme}-{size['width']}.png"
                self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size(WIDE)


@pytest.mark.parametrize(
    ("theme", "sizes"),
    [("light", (WIDE,)), pytest.param("dark", (WIDE, PHONE), marks=pytest.mark.thorough)],
)
def test_axe_finds_nothing_in_questions(open_tab, portal, theme, sizes):
    portal.manage("shell", "-v0", "-c", LEFT)
    page = open_tab(color_scheme=theme)
    look = Look(page, theme, sizes)
    log_in(page)
    switch_off(page, look)
    archive(page, look)
    erase_leavers(page, look)
    make_token(page, look)
    make_webhook(page, look)
    find_nobody(page, look)
    assert look.faults == []


def switch_off(page, look) -> None:
    page.goto("/targets/")
    for box in page.get_by_role("row").get_by_role("checkbox").all()[1:4]:
        box.check()
    page.get_by_label("Action", exact=True).select_option("Switch off everywhere")
    look("targets-ticked")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="Switch 3 people off everywhere?")).to_be_visible()
    look("targets-switch-off")
    page.get_by_role("link", name="Keep as is").click()
    expect(page.get_by_role("heading", name="Targets", exact=True)).to_be_visible()


def archive(page, look) -> None:
    page.goto("/groups/")
    page.get_by_role("row").get_by_role("checkbox").nth(1).check()
    page.get_by_label("Action", exact=True).select_option("Archive")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="Archive")).to_be_visible()
    look("groups-archive")


def erase_leavers(page, look) -> None:
    page.goto("/targets/left/")
    expect(page.get_by_text("2 people have left and are active in no group.")).to_be_visible()
    page.get_by_label("Erase them 30 days after they left").check()
    look("leavers")
    page.get_by_role("button", name="Save").click()
    confirm(page)
    expect(page.get_by_role("heading", name="Erase 2 people who have left?")).to_be_visible()
    look("leavers-question")
    page.get_by_role("link", name="Keep as is").click()
    expect(page.get_by_label("Keep them for good")).to_be_checked()


def make_token(page, look) -> None:
    page.goto("/administration/api/new/")
    page.get_by_label("Name").fill("Nightly")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Make the token").click()
    confirm(page)
    expect(page.get_by_text("shown this once")).to_be_visible()
    look("token-made")


def make_webhook(page, look) -> None:
    page.goto("/administration/api/webhooks/new/")
    page.get_by_role("textbox", name="Address").fill("https://hooks.example.com/in")
    page.get_by_role("button", name="Make the webhook").click()
    confirm(page)
    expect(page.get_by_text("whsec_")).to_be_visible()
    look("webhook-secret")


def find_nobody(page, look) -> None:
    for name, address in (
        ("users-nobody", "/administration/users/?q=zzz"),
        ("tokens-none", "/administration/api/?q=zzz"),
        ("audit-none", "/administration/audit/?q=zzz"),
    ):
        page.goto(address)
        look(name)


def confirm(page) -> None:
    """Where the log-in is too old for what weighs much."""
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
