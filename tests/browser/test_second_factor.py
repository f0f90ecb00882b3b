"""An authenticator app and a passkey, from setting up to logging in with them, in a real browser."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import log_in
from tests.browser.test_pages import PHONE, faults, overflow
from tests.logging_in import code

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SHOTS = os.environ.get("SHOTS")
NEW = "quite another strange one 5"
DARK_PHONE = {"color_scheme": "dark", "viewport": PHONE}


@pytest.fixture
def somebody(portal):
    """An Administrator of an account of their own, whom no other test logs in."""

    def make(name: str) -> str:
        email = f"{name}@initech.example"
        words = ("--admin-email", email, "--password", NEW)
        portal.manage("create_account", "--name", f"Initech {name}", *words)
        return email

    return make


class Looks:
    """What is wrong with the pages on the way, looked at one by one."""

    def __init__(self, tab: Page, kind: str) -> None:
        self.tab, self.kind, self.found = tab, kind, []

    def at(self, name: str) -> None:
        if SHOTS:
            self.tab.screenshot(path=f"{SHOTS}/{name}-{self.kind}.png", full_page=True)
        self.found += faults(self.tab)
        if overflow(self.tab) > 0:
            self.found.append(f"{name} is too wide")


def enter(tab: Page, email: str) -> None:
    tab.goto("/login/")
    tab.get_by_role("textbox", name="Email").fill(email)
    tab.get_by_label("Password").fill(NEW)
    tab.get_by_role("button", name="Log in", exact=True).click()


def leave(tab: Page) -> None:
    tab.goto("/logout/")
    tab.get_by_role("button", name="Log out").last.click()
    expect(tab.get_by_role("heading", name="Log in")).to_be_visible()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="wide"),
        pytest.param(DARK_PHONE, id="phone", marks=pytest.mark.thorough),
    ],
)
def test_an_app_is_set_up_and_its_code_logs_in(open_tab, somebody, options):
    tab, kind = open_tab(**options), "phone" if options else "wide"
    email, looks = somebody(f"app-{kind}"), Looks(tab, kind)
    enter(tab, email)
    expect(tab.get_by_role("heading", name="Dashboard")).to_be_visible()
    tab.goto("/account/")
    looks.at("own")
    tab.get_by_role("link", name="Set up an app").click()
    looks.at("app")
    secret = tab.get_by_label("Secret, for an app that can't scan").inner_text()
    assert tab.get_by_role("img", name="A QR code").evaluate("image => image.naturalWidth") > 0
    tab.get_by_label("Code").fill(code(secret))
    tab.get_by_role("button", name="Turn on").click()
    expect(tab.get_by_text("The authenticator app is set up.")).to_be_visible()
    looks.at("codes")
    recovery = tab.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(recovery).to_have_count(10)
    spare = recovery.first.inner_text()
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download").click()
    assert spare in download.value.path().read_text()

    leave(tab)
    enter(tab, email)
    expect(tab.get_by_role("heading", name="Second factor")).to_be_visible()
    looks.at("second-factor")
    tab.get_by_label("Code").fill(code(secret, later=1))
    tab.get_by_role("button", name="Log in", exact=True).click()
    expect(tab.get_by_role("heading", name="Dashboard")).to_be_visible()
    leave(tab)
    enter(tab, email)
    tab.get_by_label("Code").fill(spare)
    tab.get_by_role("button", name="Log in", exact=True).click()
    tab.goto("/account/")
    expect(tab.get_by_text("9 left.")).to_be_visible()
    looks.at("own-on")
    tab.goto("/administration/account/security/")
    looks.at("security")
    tab.get_by_label("Administrators need a second factor").check()
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("The settings are saved.")).to_be_visible()
    assert looks.found == []


@pytest.fixture
def key(portal):
    """Gives a tab at a name, which passkeys need, an authenticator of its own."""

    def attach(tab: Page) -> None:
        session = tab.context.new_cdp_session(tab)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    return attach


def test_a_passkey_is_added_and_logs_in(chromium, portal, somebody, key):
    address = portal.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    tab, heard = context.new_page(), []
    tab.on("console", lambda message: heard.append(message.text))
    try:
        use_a_passkey(tab, somebody("passkey"), key)
    finally:
        context.close()
    assert heard == []


def use_a_passkey(tab: Page, email: str, attach) -> None:
    looks = Looks(tab, "wide")
    attach(tab)
    enter(tab, email)
    tab.goto("/account/")
    tab.get_by_role("link", name="Add a passkey").click()
    looks.at("passkey")
    tab.get_by_label("Name").fill("Laptop")
    tab.get_by_role("button", name="Add the passkey").click()
    expect(tab.get_by_text("The passkey is added.")).to_be_visible()
    tab.goto("/account/")
    expect(tab.get_by_text("Laptop, added")).to_be_visible()
    looks.at("own-passkey")

    leave(tab)
    enter(tab, email)
    expect(tab.get_by_role("heading", name="Second factor")).to_be_visible()
    looks.at("second-factor-passkey")
    tab.get_by_role("button", name="Use a passkey").click()
    expect(tab.get_by_role("heading", name="Dashboard")).to_be_visible()

    leave(tab)
    looks.at("log-in")
    tab.get_by_role("button", name="Use a passkey").click()
    expect(tab.get_by_role("heading", name="Dashboard")).to_be_visible()

    tab.goto("/account/second-factor/passkeys/confirm/?next=/account/")
    looks.at("passkey-confirm")
    tab.get_by_role("button", name="Use a passkey").click()
    expect(tab.get_by_role("heading", name="Your account")).to_be_visible()
    tab.get_by_role("link", name="Rename Laptop").click()
    tab.get_by_label("Name").fill("Old laptop")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("link", name="Remove Old laptop").click()
    looks.at("passkey-remove")
    tab.get_by_role("button", name="Remove the passkey").click()
    expect(tab.get_by_text("The passkey is removed.")).to_be_visible()
    assert looks.found == []


def test_a_browser_without_the_passkey_is_told(chromium, portal):
    context = chromium.new_context(base_url=portal.url.replace("127.0.0.1", "localhost"))
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("WebAuthn.enable")
    try:
        tab.goto("/login/")
        tab.evaluate(
            "() => { navigator.credentials.get = () => Promise.reject(new Error('none')) }"
        )
        tab.get_by_role("button", name="Use a passkey").click()
        expect(tab.get_by_text("The browser did not give a passkey.")).to_be_visible()
    finally:
        context.close()


def test_other_sessions_are_ended_from_the_list(open_tab, portal):
    here, there = open_tab(), open_tab()
    for tab in (here, there):
        log_in(tab)
    here.goto("/account/")
    expect(here.get_by_text("This one")).to_have_count(1)
    here.get_by_role("button", name="End all others").click()
    expect(here.get_by_text("You are logged out everywhere but here.")).to_be_visible()
    there.goto("/targets/")
    expect(there.get_by_role("button", name="Log in", exact=True)).to_be_visible()


def test_without_scripts_there_is_no_button_for_passkeys(open_tab):
    tab = open_tab(java_script_enabled=False)
    tab.goto("/login/")
    expect(tab.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    expect(tab.get_by_role("button", name="Use a passkey")).to_have_count(0)
