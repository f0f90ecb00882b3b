"""Reading by the API: what each list shows, page by page, and to whom."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Scope
from accounts.tokens import make_token
from tests.factories import GroupFactory, TargetFactory
from tests.world import KEY, make_world

LISTS = {
    "groups": "READ",
    "targets": "PEOPLE_READ",
    "courses": "READ",
    "campaigns": "READ",
    "connections": "READ",
    "runs": "READ",
    "runs/{held}/changes": "PEOPLE_READ",
    "actions": "PEOPLE_READ",
    "enrollments": "PEOPLE_READ",
}
SINGLES = {
    "groups/{group}": "READ",
    "targets/{target}": "PEOPLE_READ",
    "connections/{connection}": "READ",
    "runs/{held}": "READ",
    "enrollments/{enrollment}": "PEOPLE_READ",
}


@pytest.fixture
def world(acme):
    with scope(account=acme):
        return make_world(acme)


def address(template, world) -> str:
    names = ("held", "group", "target", "connection", "enrollment")
    return "/api/v1/" + template.format(**{name: getattr(world, name).pk for name in names})


@pytest.fixture
def bearer():
    def bearer(account, user, *scopes):
        with scope(account=account):
            made = make_token(
                account=account, user=user, name="T", scopes=scopes or list(Scope.values)
            )
        return {"Authorization": f"Bearer {made[1]}"}

    return bearer


@pytest.fixture
def read(client, acme, alice, bearer):
    headers = bearer(acme, alice)
    return lambda path, **asked: client.get(f"/api/v1/{path}", asked, headers=headers)


def test_each_thing_has_an_address(world, read, acme):
    shown = {path: read(path).json()["items"] for path in ("groups", "courses", "campaigns")}
    assert shown == {
        "groups": [
            {
                "id": world.group.pk,
                "name": "Sales",
                "source": "litmos",
                "auto_sync": False,
                "smart_sync": False,
                "locked": False,
                "is_archived": False,
                "people": 0,
                "last_synced_at": None,
            }
        ],
        "courses": [
            {
                "id": world.course.pk,
                "integration_id": "C1",
                "name": "Phishing, the basics",
                "code": "",
                "is_active": True,
                "gone_at": None,
                "connection": world.connection.pk,
            }
        ],
        "campaigns": [
            {
                "id": world.campaign.pk,
                "name": "Autumn",
                "state": "DRAFT",
                "failing": ["CLICKED", "SUBMITTED", "ATTACHMENT", "REPLIED"],
                "started_at": None,
                "ended_at": None,
            }
        ],
    }
    whole = read(f"targets/{world.target.pk}").json()
    assert (whole["email"], whole["integration_ids"]) == ("ann@acme.example", ["P1"])
    assert whole["groups"] == [{"group": world.group.pk, "is_active": True, "set_by": "PERSON"}]
    assert whole["fields"]["name"] == "Ann Lee"
    (change,) = read(f"runs/{world.held.pk}/changes").json()["items"]
    assert (change["label"], change["outcome"], change["reason"]) == ("Ann Lee", "HELD", "GONE")
    whole = read(f"enrollments/{world.enrollment.pk}").json()
    assert [step["step"] for step in whole["timeline"]] == ["WAITING"]


@pytest.mark.parametrize("template", [*LISTS, *SINGLES])
def test_what_is_not_the_tokens_is_not_there(template, world, client, bearer, globex, charlie):
    answer = client.get(address(template, world), headers=bearer(globex, charlie))
    if "{" in template:
        assert answer.status_code == 404
    else:
        assert answer.json() == {"items": [], "next": None}


@pytest.mark.parametrize(("template", "needed"), [*LISTS.items(), *SINGLES.items()])
def test_each_needs_its_scope(template, needed, world, client, bearer, acme, alice):
    path = address(template, world)
    others = [scope for scope in Scope.values if scope != needed]
    answer = client.get(path, headers=bearer(acme, alice, *others))
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert client.get(path, headers=bearer(acme, alice, needed)).status_code == 200
    assert client.get(path).status_code == 401


def test_no_answer_has_the_key(world, read):
    told = read("connections").text + read(f"connections/{world.connection.pk}").text
    assert KEY not in told
    assert KEY[-4:] not in told
    assert world.connection.api_key_sealed not in told


@pytest.mark.parametrize(
    ("path", "factory"), [("groups", GroupFactory), ("targets", TargetFactory)]
)
def test_pages_follow_each_other_at_the_same_cost(path, factory, acme, globex, read):
    with scope(account=acme):
        made = {one.pk for one in factory.create_batch(7, account=acme)}
    with scope(account=globex):
        factory.create_batch(3, account=globex)
    found, cursor, costs = [], "", set()
    while cursor is not None:
        with CaptureQueriesContext(database) as queries:
            page = read(path, cursor=cursor, limit=3).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        costs.add(len(queries))
    assert (len(found), set(found)) == (7, made)
    assert max(costs) <= 4


def test_filters(world, read, acme):
    with scope(account=acme):
        GroupFactory(account=acme, name="By hand")
    names = [one["name"] for one in read("groups", source="").json()["items"]]
    assert names == ["By hand"]
    assert read("targets", email="ANN@acme.example").json()["items"][0]["name"] == "Ann Lee"
    assert read("targets", email="bo@acme.example").json()["items"] == []
    assert len(read("targets", group=world.group.pk).json()["items"]) == 1
    assert read("targets", group=world.group.pk + 1).json()["items"] == []
    assert [one["id"] for one in read("runs", status="HELD").json()["items"]] == [world.held.pk]


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("groups", {"cursor": "AAAA"}, 404, "unknown_page"),
        ("groups", {"cursor": "InRleHQi"}, 404, "unknown_page"),
        ("groups", {"limit": "201"}, 422, "not_as_described"),
        ("groups", {"sort": "account__name"}, 422, "not_as_described"),
        ("targets", {"account": "1"}, 422, "not_as_described"),
        ("targets", {"group": "99999999999999999999"}, 422, "not_as_described"),
        ("runs", {"status": "DANCED"}, 422, "not_as_described"),
        ("groups", {"is_archived": ["false", "true"]}, 422, "not_as_described"),
        ("groups", {"source": "\x00"}, 400, "unstorable"),
        ("nothing", {}, 404, "not_found"),
    ],
)
def test_what_cannot_be_asked(path, asked, status, code, read):
    answer = read(path, **asked)
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("path", "asked", "fields"),
    [
        ("groups", {"limit": "abc"}, ["limit"]),
        ("actions", {"campaign": "x", "is_bot": "7"}, ["campaign", "is_bot"]),
        ("groups", {"sort": "name"}, ["sort"]),
        ("groups/x", {}, ["group_id"]),
    ],
)
def test_what_is_wrong_is_called_by_its_name(path, asked, fields, read):
    problem = read(path, **asked).json()
    assert [one["field"] for one in problem["errors"]] == fields
    assert problem["detail"].startswith(f"“{fields[0]}”: ")


def test_another_method_is_told_as_a_problem(client, acme, alice, bearer):
    answer = client.delete("/api/v1/groups", headers=bearer(acme, alice))
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert answer.json()["code"] == "method_not_allowed"


def test_too_many_calls_have_to_wait(read, settings, world):
    settings.API_RATE = (2, 60)
    answers = [read("groups") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too_many_calls"
    assert 0 < int(answers[2]["Retry-After"]) <= 60


def test_the_guide_shows_every_call_to_administrators(as_alice, as_bob):
    page = as_alice.get("/administration/api/calls/").text
    assert "/api/v1/runs/{run_id}/decisions" in page
    assert "approve carries the changes out" in page
    assert as_bob.get("/administration/api/calls/").status_code == 403
