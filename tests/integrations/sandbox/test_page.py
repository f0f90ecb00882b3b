"""The page at the root of the server, and its forms."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from integrations.providers.litmos.sandbox.exchange import Request

HOST = {"host": "127.0.0.1:8090"}


@pytest.fixture
def press(empty):
    """Sends a form and gives back what the page says afterwards."""

    def press(path, headers=HOST, **form):
        request = Request.read("POST", path, headers, urlencode(form).encode())
        answer = empty.respond(request)
        assert answer.status == 303, answer.body
        return parse_qs(urlsplit(answer.headers["Location"]).query)["said"][0]

    return press


def look(sandbox, target="/", headers=HOST):
    answer = sandbox.respond(Request.read("GET", target, headers))
    return answer.status, answer.body.decode()


def test_page_shows_counts_calls_and_escapes(empty, ask):
    empty.tenant.add_team("<b>Sales")
    ask("teams?search=<i>")
    status, page = look(empty, "/?said=<script>")
    assert status == 200
    assert "0 people (0 active), 1 teams, 0 courses, 1 calls so far." in page
    assert "<code>http://127.0.0.1:8090/v1.svc</code>" in page
    assert empty.api_key in page
    assert "&lt;b&gt;Sales" in page
    assert not [bad for bad in ("<b>", "<i>", "<script>") if bad in page]
    assert len(empty.calls) == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"host": "evil.example"}, {**HOST, "origin": "http://evil.example"}, {"host": "1.2.3.4"}],
)
def test_other_sites_see_and_do_nothing(empty, headers):
    assert look(empty, headers=headers)[0] == 403
    request = Request.read("POST", "/faults", headers, b"faults=500")
    assert (empty.respond(request).status, empty.faults.text) == (403, "")


def test_unknown_places(empty):
    assert look(empty, "/faults") == (404, '{"Detail":"The API is at \\/v1.svc"}')


def test_people_forms(empty, press):
    tenant = empty.tenant
    team = tenant.add_team("Sales")
    added = press("/person", first="Ada", last="L", email="ada@x.example", team=team)
    (ada,) = tenant.users
    assert (added, tenant.members(team)) == ("Ada L was added.", {ada})
    tenant.update_user(ada, UserName="countess")
    assert press("/people", person="ADA@x.example", do="deactivate") == "Ada L: done."
    assert tenant.users[ada]["Active"] is False
    press("/people", person="Countess", do="reactivate")
    assert tenant.users[ada]["Active"] is True
    press("/people", person=ada, do="leave", team=team)
    assert tenant.members(team) == set()
    press("/people", person=ada, do="join", team=team)
    assert tenant.members(team) == {ada}
    assert press("/people", person=ada, do="join") == "Choose a team."
    assert press("/people", person=ada, do="rows") == "Choose a team."
    assert press("/people", person="nobody", do="recreate") == "Nobody is called nobody."
    tenant.assign(ada, tenant.add_course(Name="Hooks"))
    said = [press("/people", person=ada, do="complete") for _ in range(2)]
    assert said == ["Ada L completed 1 courses.", "Ada L completed 0 courses."]
    press("/people", person=ada, do="recreate")
    assert ada not in tenant.users
    press("/people", person="countess", do="delete_user")
    assert dict(tenant.users) == {}


def test_team_and_fault_forms(empty, press):
    tenant = empty.tenant
    assert press("/teams", do="save", name="Sales") == "Sales: done."
    (team,) = tenant.teams
    press("/teams", do="save", team=team, name="Sellers")
    assert tenant.teams[team]["Name"] == "Sellers"
    assert press("/teams", do="save", team=team) == "Give a team or a name."
    assert press("/teams", do="delete_team", team=team) == "The team was deleted."
    assert tenant.teams == {}
    assert press("/faults", faults="503@2") == "Faults: 503@2."
    assert press("/faults", faults="x").startswith("There is no fault 'x'.")
    assert press("/faults") == "Faults: none."


def test_many_people_leave_at_once(empty, press):
    tenant = empty.tenant
    people = [tenant.add_user(FirstName=f"N{n}", LastName="L", Email="") for n in range(10)]
    before = len(people)

    assert press("/leavers", share="90", do="deactivate") == "9 of 10 people were deactivated."
    assert sum(tenant.users[key]["Active"] for key in people) == 1
    assert press("/leavers", share="100", do="delete_user") == "1 of 1 people were deleted."
    assert len(tenant.users) == before - 1
    for share, verb in (("0", "deactivate"), ("x", "deactivate"), ("5", "rename")):
        assert press("/leavers", share=share, do=verb) == "Say how many per cent, from 1 to 100."
