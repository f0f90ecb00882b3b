"""Where the values of a target came from, and what changed it, sync by sync."""

import pytest

from integrations.models import Change, GroupLink, Status
from tests.factories import (
    ConnectionFactory,
    GroupFactory,
    SyncRunFactory,
    TargetFactory,
)


@pytest.fixture
def connection(acme):
    return ConnectionFactory(account=acme)


@pytest.fixture
def ann(acme):
    return TargetFactory(
        account=acme, name="Ann Lee", email="ann@acme.example", title="Boss", city="Bern",
        source="litmos",
    )  # fmt: skip


def change(connection, target, after=None, before=None, run=None, **values) -> Change:
    run = run or SyncRunFactory(connection=connection)
    values = {"kind": "PERSON", "action": "UPDATE", "outcome": "APPLIED", **values}
    row = Change(
        account=connection.account, run=run, label=target.name, target_id=target.pk,
        before=before or {}, after=after or {}, **values,
    )  # fmt: skip
    row.save_base()
    return row


def came_with(answer) -> dict[str, tuple[int, bool]]:
    origins = answer.context["came_from"]
    return {field: (each.run.pk, each.is_changed_since) for field, each in origins.items()}


def test_each_value_tells_the_sync_that_wrote_it_last(as_alice, connection, ann):
    created = change(
        connection, ann, {"name": "Ann", "title": "Clerk", "email": ann.email}, action="CREATE"
    )
    married = change(connection, ann, {"name": "Ann Lee"}, {"name": "Ann"})
    change(connection, ann, {"city": "Rome"}, outcome="HELD")
    change(connection, ann, {"city": "Oslo"}, kind="MEMBERSHIP")
    other = TargetFactory(account=connection.account)
    change(connection, other, {"city": "Lima"})
    preview = SyncRunFactory(connection=connection, status=Status.PREVIEWED, is_preview=True)
    change(connection, ann, {"city": "Bonn"}, run=preview)

    answer = as_alice.get(f"/targets/{ann.pk}/")
    assert came_with(answer) == {
        "name": (married.run_id, False),
        "title": (created.run_id, True),
        "email": (created.run_id, False),
    }
    text = " ".join(answer.text.split())
    link = f'<a href="/administration/integrations/litmos/runs/{created.run_id}/">'
    assert text.count(f"{link}Sync {created.run_id}</a>") == 2
    assert text.count(", changed since</div>") == 1
    assert text.count("Before the log begins") == 1
    assert f'href="/targets/{ann.pk}/history/"' in text


@pytest.mark.parametrize("name", ["finished_at", "created_at"])
def test_a_value_came_when_its_sync_ended_or_else_began(as_alice, connection, ann, name):
    run = SyncRunFactory(connection=connection, **({"finished_at": None} if "cr" in name else {}))
    change(connection, ann, {"title": "Boss"}, run=run)
    answer = as_alice.get(f"/targets/{ann.pk}/")
    assert answer.context["came_from"]["title"].at == getattr(run, name)


def test_a_viewer_is_told_without_links_to_the_log(as_bob, connection, ann):
    run = change(connection, ann, {"name": "Ann Lee"}).run
    page = as_bob.get(f"/targets/{ann.pk}/").text
    history = as_bob.get(f"/targets/{ann.pk}/history/").text
    assert f"Sync {run.pk}" in page
    assert f"Sync {run.pk}" in history
    assert "/administration/integrations/" not in page + history


def test_who_opens_the_history(client, as_alice, as_charlie, ann):
    address = f"/targets/{ann.pk}/history/"
    assert client.get(address)["Location"] == f"/login/?next={address}"
    assert "No sync has changed this person" in as_alice.get(address).text
    assert as_charlie.get(address).status_code == 404


def test_the_history_names_groups_values_and_reasons(as_alice, acme, connection, ann):
    sales, support = (GroupFactory(account=acme, name=name) for name in ("Sales", "Support"))
    GroupLink(account=acme, connection=connection, group=sales, integration_id="T1").save_base()
    change(connection, ann, {"title": "Boss"}, {"title": "Clerk"}, team_ids=["T1", "T2"])
    left = {"kind": "MEMBERSHIP", "action": "DEACTIVATE", "reason": "LEFT_TEAM"}
    change(
        connection, ann, group_id=support.pk, reason_args={"group": "Support"}, outcome="HELD",
        hold_reason="group_removals", **left,
    )  # fmt: skip

    lines = as_alice.get(f"/targets/{ann.pk}/history/").context["lines"]
    assert [(each.groups, each.line.reason) for each in lines] == [
        (["Support"], "No longer in the team “Support”. Held: more than half of a group at once."),
        (["Sales"], ""),
    ]
    assert [(value.before, value.after) for value in lines[1].line.values] == [("Clerk", "Boss")]


@pytest.mark.parametrize("asked", ["x", "²", "-4", "9" * 30])
def test_an_address_that_is_none_is_the_newest_page(as_alice, connection, ann, asked):
    change(connection, ann, {"title": "Boss"})
    answer = as_alice.get(f"/targets/{ann.pk}/history/", {"before": asked})
    assert len(answer.context["lines"]) == 1


def test_pages_go_back_in_time(as_alice, connection, ann, django_assert_max_num_queries):
    run = SyncRunFactory(connection=connection)
    rows = [change(connection, ann, {"title": str(n)}, run=run).pk for n in range(51)]
    address = f"/targets/{ann.pk}/history/"
    with django_assert_max_num_queries(12):
        first = as_alice.get(address)
    assert first.context["page"].following == rows[1]
    older = as_alice.get(address, {"before": rows[1]})
    assert [each.line.change.pk for each in older.context["lines"]] == [rows[0]]
    assert "Newest" in older.text
    assert "Older" not in older.text
