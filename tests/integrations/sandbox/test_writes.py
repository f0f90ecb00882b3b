"""POST, PUT and DELETE, in JSON and XML."""

import json

import pytest


def send(ask, method, target, content=None, **headers):
    body = json.dumps(content).encode() if content is not None else b""
    return ask(target, method, body, **headers)


def nothing(response):
    return (response.body, response.content_type) == (b"", "")


def problem(response):
    return response.status, json.loads(response.body)["Detail"]


NEW = {"Id": "", "UserName": "ada@x.example", "FirstName": "Ada", "LastName": "L", "Email": ""}


def test_adding_changing_and_removing_a_user(empty, ask):
    added = send(ask, "POST", "users?sendmessage=true", NEW)
    record = json.loads(added.body)
    person = record["Id"]
    assert added.status == 201
    assert record == empty.tenant.users[person]
    assert {name: record[name] for name in ("UserName", "FullName", "Culture")} == {
        "UserName": "ada@x.example",
        "FullName": "Ada L",
        "Culture": "en-US",
    }
    assert empty.tenant.mails == [(person, "Welcome")]

    changed = send(
        ask, "PUT", f"users/{person}", {**NEW, "Id": person, "City": "Rome", "Active": True}
    )
    assert (changed.status, nothing(changed)) == (200, True)
    assert empty.tenant.users[person] == {**record, "City": "Rome", "Culture": "en-US"}
    send(ask, "PUT", f"users/{person}", {**NEW, "Id": person})
    assert empty.tenant.users[person] == {**record, "Active": False}

    removed = send(ask, "DELETE", f"users/{person}")
    assert (removed.status, nothing(removed)) == (200, True)
    assert dict(empty.tenant.users) == {}
    assert problem(send(ask, "DELETE", f"users/{person}")) == (404, "User not found")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"UserName": "ADA@x.example"}, (409, "UserName already exists")),
        ({"UserName": "abc"}, (409, "UserName must be longer than 3 characters")),
        (
            {"UserName": "abcd"},
            (409, "UserName must be an Email unless IsCustomUsername is set"),
        ),
        ({"UserName": "b@x.example", "Email": "b@@x"}, (409, "Invalid Email")),
        ({"UserName": "b@x.example", "Culture": "english!"}, (409, "Invalid Culture")),
        (
            {"UserName": "b@x.example", "EnableTextNotification": True},
            (400, "A mobile number like +15554443333 is needed for text notifications"),
        ),
    ],
)
def test_user_refusals(empty, ask, fields, expected):
    send(ask, "POST", "users", NEW)
    assert problem(send(ask, "POST", "users", {**NEW, **fields})) == expected
    assert len(empty.tenant.users) == 1


def test_put_needs_the_same_id_in_body_and_address(empty, ask):
    person = empty.tenant.add_user(FirstName="Ada", Email="ada@x.example")
    body = {**NEW, "Id": person}
    assert send(ask, "PUT", f"users/{person}", {**NEW, "Id": "other"}).status == 404
    assert problem(send(ask, "PUT", f"users/{person}", {**body, "ManagerId": "zzz"})) == (
        404,
        "Invalid ManagerId",
    )


def test_xml_elements_out_of_order_are_lost(empty, ask):
    body = (
        b'<User xmlns="urn:x"><Id/><UserName>ada@x.example</UserName><LastName>L</LastName>'
        b"<FirstName>Lost</FirstName><Email>ada@x.example</Email><Active>true</Active></User>"
    )
    added = ask("users", "POST", body, content_type="application/xml", accept="text/xml")
    (record,) = empty.tenant.users.values()
    assert added.status == 201
    assert (record["FirstName"], record["LastName"], record["Active"]) == ("", "L", True)
    doctype = b'<!DOCTYPE a [<!ENTITY b "c">]><User/>'
    assert ask("users", "POST", doctype, content_type="text/xml").status == 400


def test_team_life(empty, ask):
    tenant = empty.tenant
    added = send(ask, "POST", "teams", {"Id": "", "Name": "Sales", "Description": "d"})
    team = json.loads(added.body)["Id"]
    assert added.status == 201
    assert json.loads(added.body) == {"Id": team, "Name": "Sales", "Description": "d"}
    assert problem(send(ask, "POST", "teams", {"Name": "SALES"})) == (
        409,
        "Team name already exists",
    )
    below = json.loads(send(ask, "POST", f"teams/{team}/teams", {"Name": "EMEA"}).body)["Id"]
    assert tenant.teams[below]["ParentTeamId"] == team

    one, two = tenant.add_user(FirstName="A"), tenant.add_user(FirstName="B")
    joined = send(ask, "POST", f"teams/{team}/users", [{"Id": one}, {"Id": two}, {"Id": "no"}])
    assert (joined.status, nothing(joined)) == (201, True)
    assert tenant.members(team) == {one, two}
    assert send(ask, "POST", f"teams/{team}/users", []).status == 404

    assert send(ask, "PUT", f"teams/{team}/leaders/{one}").status == 200
    assert [row["Id"] for row in json.loads(ask(f"teams/{team}/leaders").body)] == [one]
    assert send(ask, "DELETE", f"teams/{team}/leaders/{one}").status == 200
    assert json.loads(ask(f"teams/{team}/leaders").body) == []
    assert send(ask, "PUT", f"teams/{below}/admins/{one}").status == 404

    left = send(ask, "DELETE", f"teams/{team}/users/{one}")
    assert (left.status, nothing(left), tenant.members(team)) == (200, True, {two})
    assert [row["Id"] for row in json.loads(ask(f"teams/{team}/users").body)] == [two]
    assert send(ask, "DELETE", f"teams/{team}/users/{one}").status == 404

    assert send(ask, "PUT", f"teams/{team}", {"Name": "Sellers"}).status == 200
    assert tenant.teams[team]["Name"] == "Sellers"
    assert send(ask, "DELETE", f"teams/{team}").status == 200
    assert list(tenant.teams) == [below]
    assert tenant.teams[below]["ParentTeamId"] == ""


def test_teams_of_a_user(empty, ask):
    tenant = empty.tenant
    person, team = tenant.add_user(FirstName="A"), tenant.add_team("Sales")
    assert send(ask, "POST", f"users/{person}/teams", [{"Id": team}]).status == 201
    assert send(ask, "POST", f"users/{person}/teams", [{"Id": team}]).status == 409
    assert send(ask, "POST", f"users/{person}/teams", [{"Id": "x"}]).status == 404
    assert send(ask, "DELETE", f"users/{person}/teams").status == 200
    assert tenant.teams_of(person) == []


def test_assigning_ignores_unknown_courses_and_mails_unless_told_not_to(empty, ask):
    tenant = empty.tenant
    person = tenant.add_user(FirstName="A")
    one, two = tenant.add_course(Name="One"), tenant.add_course(Name="Two")
    assigned = send(ask, "POST", f"users/{person}/courses", [{"Id": one}, {"Id": "none"}])
    assert (assigned.status, nothing(assigned)) == (200, True)
    send(ask, "POST", f"users/{person}/courses?sendmessage=false", [{"Id": one}, {"Id": two}])
    assert set(tenant.assignments(person)) == {one, two}
    tenant.complete(person, one)
    done = tenant.assignments(person)
    send(ask, "POST", f"users/{person}/courses", [{"Id": one}])
    assert tenant.assignments(person) == done
    assert tenant.mails == [(person, "Course assigned")]
    assert send(ask, "DELETE", f"users/{person}/courses/{one}").status == 200
    assert send(ask, "DELETE", f"users/{person}/courses/{one}").status == 404
    assert ask(f"users/{person}/courses/{one}").status == 404
    assert json.loads(ask(f"users/{person}/courses/{two}").body)["Complete"] is False
    assert send(ask, "DELETE", f"courses/{two}").status == 200
    assert tenant.assignments(person) == {}
