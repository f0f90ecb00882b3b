"""What an Administrator does around the sync: a token and a sync by it, a thousand people from a file, one
erased for good; and the audit log that tells of all of it."""

import json
import os
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.portal import PASSWORD
from tests.browser.steps import log_in
from tests.browser.test_pages import PHONE, faults, overflow

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SHOTS = os.environ.get("SHOTS")
ROWS = [f"n{number}@new.example,Nia,Number {number},Bern,Newcomers" for number in range(980)]
BAD = [f"nobody {number},No,Body,," for number in range(20)]
FILE = "\n".join(["E-mail,First name,Surname,Town,Teams", *ROWS, *BAD])


@pytest.fixture
def connected(portal, globex) -> str:
    words = ("--account", globex, "--provider", "litmos", "--region", "rehearsal")
    choice = ("--content", "users", "--groups", "all", "--wait")
    portal.manage("connect", *words, *choice, stdin=portal.sandbox.api_key)
    return globex


class Walk:
    def __init__(self, tab, kind: str) -> None:
        self.tab, self.kind, self.faults = tab, kind, []

    def look(self, name: str) -> None:
        if SHOTS:
            self.tab.screenshot(path=f"{SHOTS}/{name}-{self.kind}.png", full_page=True)
        self.faults += faults(self.tab)
        if overflow(self.tab) > 0:
            self.faults.append(f"{name} is too wide")

    def confirm(self) -> None:
        """Where the log-in is too old for what weighs much."""
        if "reauthenticate" in self.tab.url:
            self.tab.get_by_label("Password").fill(PASSWORD)
            self.tab.get_by_role("button", name="Confirm").click()


def test_a_day_of_an_administrator(open_tab, portal, connected):
    kind = os.environ.get("SHOTS_KIND", "wide")
    options = {"viewport": PHONE, "color_scheme": "dark"} if kind == "phone" else {}
    tab = open_tab(**options)
    walk = Walk(tab, kind)
    log_in(tab)
    tab.goto("/")
    if kind == "phone":
        tab.get_by_role("link", name="Open the menu").click()
    tab.get_by_label("Switch account").click()
    tab.get_by_role("button", name=connected, exact=True).click()

    token = make_token(walk)
    run = call(portal, token, "connections/{}/runs", connection_of(portal, token), body={})["run"]
    ended = wait(portal, token, run["id"])
    assert ended["status"] in ("SYNCED", "WARNINGS")

    import_people(walk)
    email = erase_one(walk, portal, token)
    run = call(portal, token, "connections/{}/runs", connection_of(portal, token), body={})["run"]
    wait(portal, token, run["id"])
    assert call(portal, token, f"targets?email={email}")["items"] == []

    tab.goto("/administration/audit/")
    walk.look("audit")
    for told in ("Made an API token", "Started a sync", "Imported targets", "Erased a person"):
        expect(tab.get_by_role("rowheader", name=told).first).to_be_visible()
    assert email not in tab.content()
    assert walk.faults == []


def make_token(walk: Walk) -> str:
    tab = walk.tab
    tab.goto("/administration/api/new/")
    tab.get_by_label("Name").fill("Nightly")
    for box in tab.get_by_role("checkbox").all():
        box.check()
    walk.look("token")
    tab.get_by_role("button", name="Make the token").click()
    walk.confirm()
    expect(tab.get_by_text("shown this once")).to_be_visible()
    return tab.locator("code", has_text="ptl_").inner_text()


def call(portal, token, path, *names, body=None):
    request = urllib.request.Request(
        f"{portal.url}/api/v1/{path.format(*names)}",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def connection_of(portal, token) -> int:
    return call(portal, token, "connections")["items"][0]["id"]


def wait(portal, token, run_id) -> dict:
    portal.wait_until(
        lambda: call(portal, token, f"runs/{run_id}")["finished_at"], "the end of the sync"
    )
    return call(portal, token, f"runs/{run_id}")


def import_people(walk: Walk) -> None:
    tab = walk.tab
    tab.goto("/targets/import/")
    walk.look("import")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    tab.get_by_label("CSV file").set_input_files(file)
    tab.get_by_role("button", name="Read the file").click()
    expect(tab.get_by_text("people.csv has 1,000 rows.")).to_be_visible()
    tab.get_by_label("Make groups").check()
    walk.look("columns")
    tab.get_by_role("button", name="Look at it first").click()
    expect(tab.get_by_text("980 new targets")).to_be_visible()
    expect(tab.get_by_text("20 left out because")).to_be_visible()
    walk.look("preview")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Rows to mend").click()
    assert len(download.value.path().read_text().splitlines()) == 21
    tab.get_by_role("button", name="Import 980 rows").click()
    expect(tab.get_by_text("980 people are new")).to_be_visible()
    walk.look("imported")


def erase_one(walk: Walk, portal, token) -> str:
    """Somebody whom the sync has brought."""
    tab = walk.tab
    people = call(portal, token, "targets?limit=200&is_reachable=true")["items"]
    target = next(one for one in people if one["source"] == "litmos")
    tab.goto(f"/targets/{target['id']}/")
    walk.look("target")
    tab.get_by_role("link", name="Erase this person").click()
    tab.get_by_label("Type the e-mail address to confirm").fill(target["email"])
    walk.look("erase")
    tab.get_by_role("button", name="Erase for ever").click()
    walk.confirm()
    expect(tab.get_by_text("The person is erased, and stays out.")).to_be_visible()
    return target["email"]
