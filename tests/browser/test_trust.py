"""Litmos loses nine of ten people: nobody is removed unseen, some are let go by hand, and all of it is
undone."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import card_of, choose, choose_entry, log_in, open_store, try_key

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_mass_removal_is_held_decided_and_undone(portal, tab, globex):
    set_up_from_a_preview(portal, tab, globex)
    tenant = portal.emptied.tenant
    people = sorted(key for key, row in tenant.users.items() if row["Active"])
    for key in people[: len(people) * 9 // 10]:
        tenant.deactivate(key)
    team = next(iter(tenant.teams))
    new = tenant.add_user(
        FirstName="Nora", LastName="New", FullName="Nora New", Email="nora@new.example"
    )
    tenant.join(team, new)
    before = active(portal, globex)

    open_store(tab)
    choose_entry(card_of(tab), "Run Sync")
    tab.get_by_role("dialog").get_by_role("button", name="Run Sync").click()
    state = card_of(tab).get_by_role("status")
    expect(state.get_by_text("Changes held", exact=True)).to_be_visible(timeout=30_000)
    assert active(portal, globex) == before | {"nora@new.example"}

    gone = approve_three(tab)
    assert active(portal, globex) == (before | {"nora@new.example"}) - gone
    keep_the_rest(tab)
    assert active(portal, globex) == (before | {"nora@new.example"}) - gone
    check_the_mails(tab)
    undo(tab)
    assert active(portal, globex) == before


def set_up_from_a_preview(portal, tab, account):
    log_in(tab, account)
    open_store(tab).get_by_role("link", name="Setup").click()
    form = tab.get_by_role("dialog", name="Set up Litmos")
    try_key(form, portal.emptied.api_key, "Emptied")
    form.get_by_role("checkbox", name="Active").uncheck()
    choose(form, "Sync All Groups", "Yes")
    form.get_by_role("button", name="Save").click()

    choose_entry(card_of(tab), "Preview changes")
    expect(tab.get_by_role("heading", name="Preview of changes")).to_be_visible()
    expect(tab.get_by_text("Preview ready")).to_be_visible(timeout=30_000)
    assert active(portal, account) == set()
    tab.get_by_role("button", name="Apply these changes").click()
    expect(tab.get_by_text("Synced", exact=True)).to_be_visible(timeout=30_000)
    assert len(active(portal, account)) > 20


def active(portal, account) -> set[str]:
    rows = portal.query(
        "SELECT DISTINCT t.email FROM targets_groupmembership m"
        " JOIN targets_target t ON t.id = m.target_id"
        " JOIN accounts_account a ON a.id = t.account_id"
        f" WHERE m.is_active AND a.name = '{account}'"
    )
    return {email for (email,) in rows}


def approve_three(tab) -> set[str]:
    card_of(tab).get_by_role("link", name="See the log").click()
    tab.get_by_role("link", name="Decide on held changes").click()
    rows = tab.get_by_role("row").filter(has=tab.get_by_role("rowheader"))
    chosen = [rows.nth(number) for number in (0, 2, 4)]
    emails = {row.get_by_role("rowheader").inner_text().split()[-1] for row in chosen}
    for row in chosen:
        row.get_by_role("checkbox").check()
    tab.get_by_role("button", name="Approve selected").click()
    tab.get_by_label("Reason").fill("They left in May.")
    tab.get_by_role("button", name="Approve selected").click()
    expect(tab.get_by_text("3 held changes approved and carried out.")).to_be_visible()
    return emails


def keep_the_rest(tab):
    tab.get_by_role("checkbox", name="that match").check()
    tab.get_by_label("Reason").fill("Contractors, not in Litmos any more.")
    tab.get_by_role("button", name="Keep people").click()
    expect(tab.get_by_text("what they would take away is kept.")).to_be_visible()
    expect(tab.get_by_text("Synced", exact=True)).to_be_visible()
    tab.get_by_label("Outcome").select_option("Kept")
    tab.get_by_role("button", name="Filter").click()
    expect(tab.get_by_role("row").nth(5)).to_contain_text("Kept by alice@acme.example: Contractors")


def check_the_mails(tab):
    log = tab.url
    tab.get_by_role("link", name="System e-mails").click()
    mails = tab.get_by_role("row").filter(has=tab.get_by_role("rowheader"))
    expect(mails.nth(0)).to_contain_text("held changes kept as they were")
    expect(mails.nth(1)).to_contain_text("3 held changes approved")
    expect(mails.nth(2)).to_contain_text("Changes held")
    tab.goto(log.partition("?")[0])


def undo(tab):
    tab.get_by_role("button", name="Undo this sync").click()
    expect(tab.get_by_text("Preview ready")).to_be_visible(timeout=30_000)
    tab.get_by_role("button", name="Undo these changes").click()
    expect(tab.get_by_text("Undone", exact=True)).to_be_visible(timeout=30_000)
