"""The tenant's verbs, and the made-up company."""

import json
import re
import threading
from collections import Counter
from datetime import UTC, datetime

import pytest

from integrations.providers.litmos.sandbox.fields import USER_FIELDS


def picture(tenant):
    return (
        dict(tenant.users),
        tenant.teams,
        {team: tenant.members(team) for team in tenant.teams},
        tenant.courses,
        list(tenant.all_assignments()),
    )


def test_same_seed_same_tenant(make):
    later = datetime(2031, 1, 1, tzinfo=UTC)
    one, same, other = make(seed=3), make(seed=3, now=lambda: later), make(seed=4)
    assert picture(one.tenant) == picture(same.tenant)
    assert (one.api_key, one.learner_key) == (same.api_key, same.learner_key)
    assert picture(one.tenant) != picture(other.tenant)
    assert len({one.api_key, one.learner_key, other.api_key, other.learner_key}) == 4
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one.api_key)


def test_verbs_change_the_same_seed_the_same_way(make):
    def changed():
        tenant = make(users=3, teams=1).tenant
        tenant.recreate(tenant.add_user(FirstName="Ada", Email="ada@x.example"))
        tenant.add_team("New")
        return picture(tenant)

    assert changed() == changed()


@pytest.mark.parametrize("wanted", [0, 1.2, 3])
def test_teams_of_a_person_on_average(make, wanted):
    tenant = make(users=2000, teams=100, teams_each=wanted).tenant
    places = sum(len(tenant.members(team)) for team in tenant.teams)
    assert places / 2000 == pytest.approx(max(wanted, 1), rel=0.05)


def test_the_made_up_company(make):
    tenant = make(users=40, teams=5, courses=6).tenant
    people = list(tenant.users.values())
    assert [list(person) for person in people] == [list(USER_FIELDS)] * 40
    assert all(re.fullmatch(r"[\w-]{11}1|[\w-]{22}2", person["Id"]) for person in people)
    assert {len(person["Id"]) for person in people} == {12, 23}
    assert {"-", "_"} <= {person["Id"][0] for person in people}
    assert len({person["UserName"].casefold() for person in people}) == 40
    emails = Counter(person["Email"] for person in people)
    assert (emails[""], emails["reception@acme.example"]) == (2, 2)
    assert [person["Active"] for person in people].count(False) == 2
    assert [not tenant.teams_of(person["Id"]) for person in people].count(True) == 2
    assert all(tenant.members(team) for team in tenant.teams)
    parents = [team["ParentTeamId"] for team in tenant.teams.values()]
    assert sum(map(bool, parents)) == 1
    assert set(parents) - {""} <= set(tenant.teams)
    managed = [person for person in people if person["ManagerId"] != "0"]
    assert all(person["ManagerName"] for person in managed)
    assert len(managed) == 39
    assert [course["Active"] for course in tenant.courses.values()].count(False) == 1


@pytest.mark.parametrize("size", [0, 1, 2, 300])
def test_any_size(make, size):
    tenant = make(users=size, teams=size, courses=size).tenant
    assert (len(tenant.users), len(tenant.teams), len(tenant.courses)) == (size, size, size)
    names = [team["Name"] for team in tenant.teams.values()]
    assert len(set(names)) == size


def test_adding_and_changing_people(empty):
    tenant = empty.tenant
    ada = tenant.add_user(FirstName="Ada", LastName="L", Email="ada@x.example")
    twin = tenant.add_user(FirstName="Ada", LastName="M", Email="ada@x.example")
    assert [user["UserName"] for user in tenant.users.values()] == [
        "ada@x.example",
        "2.ada@x.example",
    ]
    before = tenant.users[ada]
    tenant.update_user(ada, LastName="King", UserName="countess")
    assert tenant.users[ada] == {
        **before,
        "LastName": "King",
        "FullName": "Ada King",
        "UserName": "countess",
    }
    assert (tenant.user_id("COUNTESS"), tenant.user_id("ada@x.example")) == (ada, None)
    tenant.update_user(ada, FullName="A. King")
    tenant.deactivate(ada)
    assert tenant.users[ada]["FullName"] == "A. King"
    assert tenant.users[ada]["Active"] is False
    tenant.reactivate(ada)
    assert tenant.users[ada]["Active"] is True
    with pytest.raises(ValueError, match="UserName already exists"):
        tenant.update_user(twin, UserName="Countess")
    assert tenant.users[twin]["UserName"] == "2.ada@x.example"
    for call in (tenant.add_user, lambda **fields: tenant.update_user(ada, **fields)):
        with pytest.raises(TypeError, match="Not fields of a Litmos user: Phone"):
            call(Phone="1")
    with pytest.raises(KeyError):
        tenant.update_user("nobody", City="Rome")


def test_recreated_people_keep_fields_and_teams(empty):
    tenant = empty.tenant
    team, other = tenant.add_team("Sales"), tenant.add_team("Finance")
    old = tenant.add_user(FirstName="Ada", Email="ada@x.example", City="Rome")
    tenant.join(team, old)
    tenant.join(other, old)
    tenant.leave(other, old)
    before = tenant.users[old]
    new = tenant.recreate(old)
    after = tenant.users[new]
    assert list(tenant.users) == [new]
    assert new != old
    changed = {name for name in USER_FIELDS if before[name] != after[name]}
    assert changed == {"Id", "OriginalId", "LoginKey"}
    assert (tenant.members(team), tenant.members(other)) == ({new}, set())


def test_teams_come_and_go(empty):
    tenant = empty.tenant
    top = tenant.add_team("Sales")
    middle = tenant.add_team("Sales EMEA", top)
    bottom = tenant.add_team("Sales Spain", middle)
    person = tenant.add_user(FirstName="Ada")
    tenant.join(middle, person)
    tenant.join(middle, person)
    tenant.rename_team(middle, "Europe")
    assert tenant.teams[middle]["TeamCodeForBulkImport"].endswith("-Europe")
    tenant.delete_team(middle)
    assert tenant.teams[bottom]["ParentTeamId"] == top
    assert list(tenant.users) == [person]
    tenant.join(top, person)
    tenant.delete_user(person)
    assert tenant.members(top) == set()
    with pytest.raises(KeyError):
        tenant.join(top, person)
    with pytest.raises(KeyError):
        tenant.members(middle)


def test_courses_come_and_go(empty):
    tenant = empty.tenant
    course = tenant.add_course(Name="One", Code="ONE")
    number = tenant.courses[course]["OriginalId"]
    assert tenant.courses[course]["CourseCodeForBulkImport"] == f"{number}-ONE"
    tenant.update_course(course, Active=False, Name="Uno")
    assert (tenant.courses[course]["Active"], tenant.courses[course]["Name"]) == (False, "Uno")
    with pytest.raises(TypeError, match="Not fields of a Litmos course: Title"):
        tenant.update_course(course, Title="x")
    tenant.delete_course(course)
    assert tenant.courses == {}


def test_what_the_readers_give_is_a_copy(empty):
    tenant = empty.tenant
    person, team = tenant.add_user(FirstName="Ada"), tenant.add_team("Sales")
    course = tenant.add_course(Name="One")
    before = picture(tenant)
    tenant.users[person]["FirstName"] = tenant.teams[team]["Name"] = "x"
    tenant.courses[course]["Name"] = "x"
    tenant.members(team).add("x")
    assert picture(tenant) == before


def test_reading_while_others_write(make, ask):
    ask.sandbox = sandbox = make(users=50, teams=2)
    team = next(iter(sandbox.tenant.teams))
    answers = []

    def write(name):
        for number in range(40):
            person = sandbox.tenant.add_user(FirstName=f"{name}{number}")
            sandbox.tenant.join(team, person)
            sandbox.tenant.delete_user(person)

    def read():
        for _ in range(40):
            answers.append(ask("users/details?limit=1000"))
            answers.append(ask(f"teams/{team}/users"))

    threads = [threading.Thread(target=write, args=("a",)), threading.Thread(target=read)]
    threads.append(threading.Thread(target=write, args=("b",)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answer.status for answer in answers) == {200: 80}
    assert len(sandbox.tenant.users) == 50
    assert all(isinstance(json.loads(answer.body), list) for answer in answers)
