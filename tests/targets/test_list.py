import pytest
from django_scopes import scope

from accounts import keyset
from targets import tallies
from targets.services import set_active
from tests.factories import ConnectionFactory, GroupFactory, GroupMembershipFactory, TargetFactory

HOSTILE = '"><svg/onload=alert(1)>{{7*7}}'


def names_in(answer) -> list[str]:
    return [row.target.name for row in answer.context["rows"]]


@pytest.fixture
def people(acme):
    sales = GroupFactory(account=acme, name="Sales")
    board = GroupFactory(account=acme, name="Board")
    made = {
        "Ann": TargetFactory(account=acme, name="Ann", email="a@x.example", source="litmos"),
        "Ben": TargetFactory(account=acme, name="Ben", email="Z@x.example"),
        "Cem": TargetFactory(account=acme, name="Cem", email="c@x.example", is_active=False),
        "Dee": TargetFactory(account=acme, name="Dee Reed", email="d@x.example"),
    }
    GroupMembershipFactory(group=sales, target=made["Ann"])
    GroupMembershipFactory(group=board, target=made["Ann"], is_active=False)
    GroupMembershipFactory(group=sales, target=made["Ben"], is_active=False)
    GroupMembershipFactory(group=sales, target=made["Cem"])
    return {"Sales": sales, **made}


def test_who_opens_targets(client, as_alice, as_bob, as_charlie, people):
    everybody = ["Ann", "Ben", "Cem", "Dee Reed"]
    assert client.get("/targets/")["Location"] == "/login/?next=/targets/"
    assert names_in(as_alice.get("/targets/")) == everybody
    assert names_in(as_bob.get("/targets/")) == everybody
    assert names_in(as_charlie.get("/targets/")) == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=ann", ["Ann"]),
        ("q=an", ["Ann"]),
        ("q=nn", []),
        ("q=Z", ["Ben"]),
        ("q=RE", ["Dee Reed"]),
        ("q=Z%40X", ["Ben"]),
        ("q=_", []),
        ("status=active", ["Ann"]),
        ("status=inactive", ["Ben", "Cem", "Dee Reed"]),
        ("source=litmos", ["Ann"]),
        ("source=-", ["Ben", "Cem", "Dee Reed"]),
        ("group={Sales}", ["Ann", "Ben", "Cem"]),
        ("group={Sales}&status=inactive&q=x.example", ["Ben", "Cem"]),
        ("group=10000000000000000000000000000000", ["Ann", "Ben", "Cem", "Dee Reed"]),
        ("sort=email", ["Ann", "Cem", "Dee Reed", "Ben"]),
        ("sort=-name", ["Dee Reed", "Cem", "Ben", "Ann"]),
        ("sort=links__fingerprint", ["Ann", "Ben", "Cem", "Dee Reed"]),
        ("page=-1", ["Ann", "Ben", "Cem", "Dee Reed"]),
    ],
)
def test_search_filters_and_order(as_alice, people, query, names):
    query = query.format(Sales=people["Sales"].pk)
    assert names_in(as_alice.get(f"/targets/?{query}")) == names


def test_another_account_s_group_is_no_filter(as_charlie, people):
    page = as_charlie.get(f"/targets/?group={people['Sales'].pk}").text
    assert "There are no targets yet" in page
    assert "Sales" not in page


def test_the_chosen_group_stays_chosen_and_its_name_inert(as_alice, acme, people):
    board = GroupFactory(account=acme, name=HOSTILE)
    page = as_alice.get(f"/targets/?group={board.pk}").text
    assert page.count(" selected>") == 3
    assert f'<option value="{board.pk}" selected>&quot;&gt;&lt;svg/onload' in page
    assert f'<option value="{people["Sales"].pk}">Sales</option>' in page
    assert '<option value="">Any</option>' in page


def test_a_row_counts_groups(as_alice, people):
    rows = {row.target.name: row for row in as_alice.get("/targets/").context["rows"]}
    counts = {name: (row.active, row.inactive, row.is_active) for name, row in rows.items()}
    assert counts == {
        "Ann": (1, 1, True),
        "Ben": (0, 1, False),
        "Cem": (1, 0, False),
        "Dee Reed": (0, 0, False),
    }


def test_empty_lists_say_what_to_do(as_alice, as_bob, acme):
    assert 'href="/administration/integrations/"' in as_alice.get("/targets/").text
    assert "An Administrator sets up an integration" in as_bob.get("/targets/").text
    TargetFactory(account=acme)
    assert "No target matches" in as_alice.get("/targets/?q=nobody").text


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow(as_alice, acme, count, django_assert_max_num_queries):
    group = GroupFactory(account=acme)
    GroupMembershipFactory.create_batch(count, group=group)
    with django_assert_max_num_queries(11):
        as_alice.get(f"/targets/?status=active&group={group.pk}&sort=-email")


@pytest.mark.parametrize("sort", ["name", "-name", "email", "-email"])
def test_a_page_has_100_rows_and_the_next_goes_on_after_it(as_alice, acme, sort):
    for number in range(205):
        email = f"{number * 7 % 205:03}@x.example"
        TargetFactory(account=acme, name=f"Name {number % 3}", email=email)
    pages, after = [], ""
    for _ in range(3):
        page = as_alice.get(f"/targets/?sort={sort}&after={after}").context["page"]
        pages.append(page)
        after = page.following
    assert [(page.first, page.last, page.total) for page in pages] == [
        (1, 100, 205),
        (101, 200, 205),
        (201, 205, 205),
    ]
    assert after == ""
    key = sort.removeprefix("-")
    seen = [(getattr(row, key), row.pk) for page in pages for row in page.rows]
    assert seen == sorted(seen, reverse=sort.startswith("-"))
    assert len(set(seen)) == 205


def test_the_next_page_keeps_its_filter_and_its_place_when_a_row_changes(as_alice, acme):
    group = GroupFactory(account=acme)
    targets = [TargetFactory(account=acme, name=f"Name {n:03}") for n in range(102)]
    for target in targets:
        GroupMembershipFactory(group=group, target=target)
    page = as_alice.get("/targets/?status=active")
    following = page.context["page"].following
    assert f"?status=active&amp;after={following}" in page.text
    with scope(account=acme):
        set_active(target=targets[99], is_active=False)
    rows = names_in(as_alice.get(f"/targets/?status=active&after={following}"))
    assert rows == ["Name 100", "Name 101"]


@pytest.mark.parametrize("after", ["x", "-1", "0-0", f"{'9' * 18}-5", "1", "1-2-3", "١-١"])
def test_a_place_that_is_none_is_the_first_page(as_alice, people, after):
    page = as_alice.get("/targets/", {"after": after}).context["page"]
    assert (page.first, [row.name for row in page.rows][0]) == (1, "Ann")


def test_a_place_in_another_account_s_list_is_none(as_charlie, globex, people):
    mine = TargetFactory(account=globex)
    page = as_charlie.get("/targets/", {"after": f"{people['Ann'].pk}-100"}).context["page"]
    assert (page.first, page.rows) == (1, [mine])


def test_nothing_is_counted_beyond_what_anybody_leafs_through(as_alice, acme, monkeypatch):
    monkeypatch.setattr(keyset, "MOST_COUNTED", 3)
    TargetFactory.create_batch(3, account=acme)
    assert "1–3 of 3" in as_alice.get("/targets/?q=example").text
    TargetFactory.create_batch(2, account=acme)
    assert "1–5 of more than 3" in as_alice.get("/targets/?q=example").text
    with scope(account=acme):
        tallies.recount(acme)
    assert "1–5 of 5" in as_alice.get("/targets/").text


def test_what_no_database_holds_is_refused(as_alice):
    assert as_alice.get("/targets/?q=%00").status_code == 400
    assert as_alice.get("/targets/?q=" + "x" * 5000).status_code == 200


def test_names_are_inert(as_alice, acme):
    target = TargetFactory(account=acme, name=HOSTILE, city=HOSTILE, source="litmos")
    GroupMembershipFactory(group=GroupFactory(account=acme, name=HOSTILE), target=target)
    ConnectionFactory(account=acme)
    for address in ("/targets/", f"/targets/{target.pk}/"):
        page = as_alice.get(address).text
        assert "<svg/onload" not in page
        assert "&lt;svg/onload=alert(1)&gt;{{7*7}}" in page
