"""Every list: addresses that ask for what nobody offers change nothing and break nothing."""

import pytest
from django_scopes import scope

from integrations.models import SentMail
from tests.factories import (
    ConnectionFactory,
    CourseFactory,
    GroupFactory,
    GroupMembershipFactory,
    SyncRunFactory,
    TargetFactory,
)
from tests.portal.rows import link
from training.models import Campaign

STORE = "/administration/integrations/litmos/"
PAGES = (
    "/",
    "/groups/",
    "/groups/{group}/",
    "/targets/",
    "/targets/{target}/",
    "/targets/{target}/history/",
    "/targets/{target}/remediation/",
    "/courses/",
    "/campaigns/",
    "/campaigns/{campaign}/actions/",
    "/campaigns/repeat-offenders/",
    "/enrollments/",
    "/enrollments/insights/",
    "/enrollments/lms/",
    f"{STORE}runs/",
    f"{STORE}runs/{{run}}/",
    f"{STORE}runs/{{run}}/held/",
    f"{STORE}drift/",
    "/administration/mails/",
    "/administration/audit/",
    "/administration/users/",
    "/administration/api/",
)
FILES = (
    "/groups/export.csv",
    "/courses/courses.csv",
    "/campaigns/campaigns.csv",
    "/campaigns/{campaign}/actions.csv",
    "/enrollments/enrolments.csv",
    f"{STORE}runs/syncs.csv",
    f"{STORE}runs/{{run}}/log.csv",
    "/administration/mails/e-mails.csv",
    "/administration/users/users.csv",
)
NOT_OFFERED = (
    "sort=api_key_sealed",
    "sort=-account__connections__api_key_sealed",
    "account__secret__startswith=a",
    "connection__api_key_sealed__startswith=g",
    "order_by=account__name",
    "o=api_key_sealed",
)
ODD = (
    "page=1&page=2",
    "page[]=1",
    "page=abc&page=-1",
    "page=999999999999999999999999",
    "q[]=a",
    "q=a&q=b",
    "sort=name&sort=-name",
    "sort[]=name",
    "after=1-1&after=zzz",
    "state=a&state=b&status[x]=1",
    "campaign=1&campaign=x&group=9&course[]=2",
    "user=1&user=abc&kind[]=1&since=0001-01-01&until=9999-12-31",
    "until=2026-02-30&since=abc",
)


@pytest.fixture
def ids(acme) -> dict[str, int]:
    connection = ConnectionFactory(account=acme, api_key_sealed="sealed")
    with scope(account=acme):
        CourseFactory.create_batch(3, connection=connection)
        groups = GroupFactory.create_batch(3, account=acme, source="litmos")
        target = TargetFactory(account=acme)
        GroupMembershipFactory(group=groups[0], target=target)
        link(connection, groups[0], joining=1)
        runs = SyncRunFactory.create_batch(3, connection=connection, counts={"GROUP.SKIP.HELD": 1})
        campaigns = [Campaign.objects.create(account=acme, name=name) for name in "BA"]
        for run in runs:
            SentMail.objects.create(
                account=acme, run=run, template="integration_sync_finished", subject=f"Mail {run}",
                occasion=f"test:{run.pk}", recipient="boss@acme.example", text="", html="",
            )  # fmt: skip
    return {
        "group": groups[0].pk,
        "target": target.pk,
        "run": runs[0].pk,
        "campaign": campaigns[0].pk,
    }


def told(client, address: str) -> object:
    """Status, and the rows of the page or the file's own text."""
    answer = client.get(address)
    if answer.streaming:
        return answer.status_code, answer.getvalue()
    page = (answer.context or {}).get("page")
    rows = getattr(page, "rows", page) or []
    return answer.status_code, [getattr(row, "pk", row) for row in rows]


@pytest.mark.parametrize("shown", (*PAGES, *FILES))
def test_row_07_no_list_is_sorted_or_filtered_by_what_is_not_offered(as_alice, ids, shown):
    address = shown.format(**ids)
    usual = told(as_alice, address)
    assert usual[0] == 200
    for query in NOT_OFFERED:
        assert (query, told(as_alice, f"{address}?{query}")) == (query, usual)


@pytest.mark.parametrize("shown", (*PAGES, *FILES, "/administration/audit/audit.csv"))
def test_row_08_repeated_and_odd_parameters_break_no_list(as_alice, ids, shown):
    for query in ODD:
        assert (query, told(as_alice, f"{shown.format(**ids)}?{query}")[0]) == (query, 200)


HOSTILE = {
    "q=%00": 400,
    "%00=a": 400,
    "q=%FF%FE": 200,
    "q=%ED%A0%80": 200,
    f"q={'9' * 60}": 200,
    f"group={10**30}&campaign={10**30}&course={10**30}&user={10**30}": 200,
    f"page={10**30}&after={10**17}-1": 200,
    f"q={'a' * 60_000}": 200,
    "q=%25%5F%5C%27%22%3B--": 200,
    "q=%E2%80%AE%F0%9F%92%A9": 200,
}


@pytest.mark.parametrize("shown", (*PAGES, *FILES))
def test_row_45_whatever_is_asked_for_is_answered(as_alice, ids, shown):
    for query, status in HOSTILE.items():
        answer = told(as_alice, f"{shown.format(**ids)}?{query}")
        assert (query[:40], answer[0]) == (query[:40], status)


@pytest.mark.parametrize(
    ("file", "first"),
    [
        ("/courses/courses.csv?q=zzz", '"Name","Code","State","Provider","Id there","Since"'),
        ("/campaigns/campaigns.csv?state=ENDED", '"Name","State","People who failed"'),
        (f"{STORE}runs/syncs.csv?status=FAILED", '"Sync","Status","Started by"'),
        ("/administration/mails/e-mails.csv?state=sent", '"Subject","Recipient","Kind"'),
    ],
)
def test_a_file_holds_what_the_filter_finds(as_alice, ids, file, first):
    all_of_it = as_alice.get(file.partition("?")[0]).getvalue().decode().splitlines()
    filtered = as_alice.get(file).getvalue().decode().splitlines()
    assert filtered[0].startswith(f"\ufeff{first}")
    assert (len(filtered), len(all_of_it) > 2) == (1, True)


@pytest.mark.parametrize(
    ("shown", "names"),
    [
        ("/campaigns/", ["A", "B"]),
        ("/campaigns/?sort=name", ["A", "B"]),
        ("/campaigns/?sort=-name", ["B", "A"]),
        ("/campaigns/?q=b", ["B"]),
        ("/campaigns/?state=RUNNING", []),
    ],
)
def test_campaigns_are_found_and_sorted(as_bob, ids, shown, names):
    assert [each.name for each in as_bob.get(shown).context["page"]] == names


def test_mails_are_sorted_and_filtered_by_their_kind(as_alice, ids):
    def subjects(query: str) -> list[str]:
        page = as_alice.get(f"/administration/mails/{query}").context["page"]
        return [each.subject for each in page]

    newest = subjects("")
    assert newest == sorted(newest, reverse=True)
    assert subjects("?sort=subject") == newest[::-1]
    assert subjects("?template=integration_drift_report") == []
    assert len(subjects("?template=integration_sync_finished")) == 3


def test_syncs_are_filtered_and_say_so_when_none_is_left(as_alice, ids):
    def found(query: str) -> int:
        return len(as_alice.get(f"{STORE}runs/{query}").context["lines"])

    assert (found(""), found("?status=SYNCED&preview=no"), found("?preview=yes")) == (3, 3, 0)
    assert "No sync matches" in as_alice.get(f"{STORE}runs/?status=FAILED").text


@pytest.mark.parametrize("file", FILES)
def test_files_of_other_accounts_are_not_there(as_charlie, ids, file):
    answer = as_charlie.get(file.format(**ids))
    if "{" in file or STORE in file:
        assert answer.status_code == 404
    else:
        lines = answer.getvalue().decode().splitlines()[1:]
        assert [line for line in lines if "charlie@globex.example" not in line] == []
