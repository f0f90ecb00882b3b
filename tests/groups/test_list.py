import csv
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tests.factories import GroupFactory, GroupMembershipFactory

HOSTILE = '"><img src=x onerror=alert(1)>{{7*7}}'


def names_in(answer) -> list[str]:
    return [group.name for group in answer.context["page"]]


def test_who_opens_manage_groups(client, as_alice, as_bob, as_charlie, acme):
    GroupFactory(account=acme, name="Sales")
    assert client.get("/groups/")["Location"] == "/login/?next=/groups/"
    assert names_in(as_alice.get("/groups/")) == ["Sales"]
    assert names_in(as_bob.get("/groups/")) == ["Sales"]
    assert names_in(as_charlie.get("/groups/")) == []


def test_an_empty_account_is_told_what_to_do(as_alice, as_bob):
    page = as_alice.get("/groups/").text
    assert "There are no groups yet" in page
    assert 'href="/administration/integrations/"' in page
    assert "An Administrator sets up an integration" in as_bob.get("/groups/").text


def test_a_filter_without_matches_can_be_cleared(as_alice, acme):
    GroupFactory(account=acme, name="Sales")
    page = as_alice.get("/groups/?q=none").text
    assert "No group matches" in page
    assert "Clear the filter" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Alphä", "Beta", "gamma"]),
        ("q=PHÄ", ["Alphä"]),
        ("q=alpha%CC%88", ["Alphä"]),
        ("q=%25", []),
        ("source=litmos", ["Beta"]),
        ("source=-", ["Alphä", "gamma"]),
        ("source=unknown", ["Alphä", "Beta", "gamma"]),
        ("auto_sync=on", ["Beta"]),
        ("auto_sync=off", ["Alphä", "gamma"]),
        ("smart_sync=on", ["gamma"]),
        ("locked=on", ["gamma"]),
        ("status=archived", ["Old"]),
        ("status=all", ["Alphä", "Beta", "gamma", "Old"]),
        ("status=all&locked=off&q=l", ["Alphä", "Old"]),
        ("sort=-name", ["gamma", "Beta", "Alphä"]),
        ("sort=people", ["Beta", "Alphä", "gamma"]),
        ("sort=-synced", ["Beta", "gamma", "Alphä"]),
        ("sort=account__name", ["Alphä", "Beta", "gamma"]),
        ("page=99999999999999999999999", ["Alphä", "Beta", "gamma"]),
        ("q=a&q=beta&page=x", ["Beta"]),
    ],
)
def test_search_filters_and_order(as_alice, acme, query, names):
    GroupMembershipFactory(group=GroupFactory(account=acme, name="Alphä"))
    synced = datetime(2026, 11, 23, tzinfo=UTC)
    GroupFactory(account=acme, name="Beta", source="litmos", auto_sync=True, last_synced_at=synced)
    gamma = GroupFactory(account=acme, name="gamma", smart_sync=True, locked=True)
    GroupMembershipFactory.create_batch(2, group=gamma)
    GroupFactory(account=acme, name="Old", is_archived=True)
    assert names_in(as_alice.get(f"/groups/?{query}")) == names


def test_a_row_shows_people_source_marks_and_when(as_alice, acme):
    acme.time_zone = "Europe/Berlin"
    acme.save()
    synced = datetime(2026, 1, 2, 23, 30, tzinfo=UTC)
    group = GroupFactory(
        account=acme,
        name="Sales",
        source="litmos",
        auto_sync=True,
        smart_sync=True,
        last_synced_at=synced,
    )
    GroupMembershipFactory.create_batch(2, group=group)
    GroupMembershipFactory(group=group, is_active=False)
    page = as_alice.get("/groups/").text
    assert "<td>2</td>" in page
    assert "Litmos" in page
    assert f'formaction="{reverse("integrations:sync_group", args=[group.pk])}"' in page
    assert 'title="3 Jan 2026, 00:30 (Europe/Berlin)"' in page
    assert page.count('<span class="badge bg-green-lt">Auto-Sync</span>') == 1
    assert page.count('<span class="badge bg-azure-lt">Smart-Sync</span>') == 1
    assert '<span class="badge bg-orange-lt">Lock</span>' not in page


@pytest.mark.parametrize("barred", [{"locked": True}, {"source": ""}, {"is_archived": True}])
def test_a_group_that_nothing_syncs_has_no_sync_button(as_alice, acme, barred):
    GroupFactory(account=acme, **{"source": "litmos", **barred})
    assert "Sync this group now" not in as_alice.get("/groups/?status=all").text


def test_a_viewer_has_no_controls_that_change(as_bob, acme):
    GroupFactory(account=acme, source="litmos")
    page = as_bob.get("/groups/").text
    assert "Sync this group now" not in page
    assert 'name="action"' not in page
    assert "New group" not in page


def test_names_are_inert(as_alice, acme):
    group = GroupFactory(account=acme, name=HOSTILE)
    for address in ("/groups/", f"/groups/{group.pk}/", f"/groups/{group.pk}/rename/"):
        page = as_alice.get(address).text
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page


def test_a_character_that_no_database_holds_is_refused(as_alice):
    assert as_alice.get("/groups/?q=%00").status_code == 400
    assert as_alice.get("/groups/?q=%ff%fe").status_code == 200


def test_a_page_has_50_rows(as_alice, acme):
    GroupFactory.create_batch(51, account=acme)
    answer = as_alice.get("/groups/")
    assert len(names_in(answer)) == 50
    assert "Select all 51 groups that match" in answer.text
    assert len(names_in(as_alice.get("/groups/?page=2"))) == 1


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow(as_alice, acme, count, django_assert_max_num_queries):
    for group in GroupFactory.create_batch(count, account=acme, source="litmos"):
        GroupMembershipFactory(group=group)
    with django_assert_max_num_queries(10):
        as_alice.get("/groups/?status=all&source=litmos&sort=-people")


def test_the_export_has_what_the_filter_shows_and_no_formula(as_alice, as_charlie, acme):
    synced = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    GroupMembershipFactory(group=GroupFactory(account=acme, name="=cmd|' /C calc'!A0"))
    GroupFactory(account=acme, name="Sales", source="litmos", auto_sync=True, last_synced_at=synced)
    GroupFactory(account=acme, name="Old", is_archived=True)
    header = [
        "Name",
        "People",
        "Source",
        "Auto-Sync",
        "Smart-Sync",
        "Lock",
        "Archived",
        "Last sync",
    ]
    assert rows_of(as_alice.get("/groups/export.csv")) == [
        header,
        ["'=cmd|' /C calc'!A0", "1", "Made by hand", "no", "no", "no", "no", ""],
        ["Sales", "0", "Litmos", "yes", "no", "no", "no", "2026-11-23T01:02:03+00:00"],
    ]
    assert rows_of(as_alice.get("/groups/export.csv?status=archived"))[1][0] == "Old"
    assert rows_of(as_charlie.get("/groups/export.csv")) == [header]


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))
