"""Whole answers, byte for byte."""

import json

NAMESPACE = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"


def seen(response):
    return response.status, response.content_type, response.body.decode()


def jo(tenant, **fields):
    return tenant.add_user(
        Id="ZUhjzXUqmTo1",
        OriginalId=5090886,
        FirstName="Jo",
        LastName="Bâba",
        Email="jo@example.net",
        LoginKey="https://tenant.litmos.com/login.aspx?loginkey=0000",
        **fields,
    )


def test_full_record(empty, ask):
    jo(empty.tenant, PhoneMobile="+15554443333", CreatedDate="2016-12-20T11:41:31Z")
    assert seen(ask("users/details")) == (
        200,
        JSON,
        '[{"Id":"ZUhjzXUqmTo1","UserName":"jo@example.net","FirstName":"Jo","LastName":"Bâba",'
        '"FullName":"Jo Bâba","Email":"jo@example.net","AccessLevel":"Learner",'
        '"DisableMessages":false,"Active":true,"Skype":"","PhoneWork":"",'
        '"PhoneMobile":"+15554443333","LastLogin":"",'
        '"LoginKey":"https:\\/\\/tenant.litmos.com\\/login.aspx?loginkey=0000",'
        '"IsCustomUsername":false,"Password":"","SkipFirstLogin":false,"TimeZone":"UTC",'
        '"SalesforceId":null,"OriginalId":5090886,"Street1":"","Street2":"","City":"",'
        '"State":"","PostalCode":"","Country":"","CompanyName":"","JobTitle":"",'
        '"CustomField1":"","CustomField2":"","CustomField3":"","CustomField4":"",'
        '"CustomField5":"","CustomField6":"","CustomField7":"","CustomField8":"",'
        '"CustomField9":"","CustomField10":"","Culture":"en-US","SalesforceContactId":null,'
        '"SalesforceAccountId":null,"CreatedDate":"2016-12-20T11:41:31Z","Points":0.0,'
        '"Brand":"Default","ManagerId":"0","ManagerName":"","EnableTextNotification":false,'
        '"Website":"","Twitter":"","ExpirationDate":"","JobRole":"","ExternalEmployeeId":"",'
        '"ProfileType":null}]',
    )


def test_one_user_by_id_and_by_name_in_any_case(empty, ask):
    jo(empty.tenant)
    listed = json.loads(ask("users/details").body)[0]
    assert json.loads(ask("users/ZUhjzXUqmTo1").body) == listed
    assert json.loads(ask("Users/JO%40example.net").body) == listed
    assert seen(ask("users/zuhjzxuqmto1")) == (
        404,
        "application/json",
        '{"Detail":"User not found"}',
    )


def test_short_record_in_both_formats(empty, ask):
    jo(empty.tenant, Brand=None)
    assert seen(ask("users")) == (
        200,
        JSON,
        '[{"Id":"ZUhjzXUqmTo1","UserName":"jo@example.net","FirstName":"Jo","LastName":"Bâba",'
        '"Active":true,"Email":"jo@example.net","AccessLevel":"Learner","Brand":null}]',
    )
    assert seen(ask("users", accept="*/*")) == (
        200,
        XML,
        f"<Users {NAMESPACE}><User><Id>ZUhjzXUqmTo1</Id><UserName>jo@example.net</UserName>"
        "<FirstName>Jo</FirstName><LastName>Bâba</LastName><Active>true</Active>"
        "<Email>jo@example.net</Email><AccessLevel>Learner</AccessLevel>"
        '<Brand i:nil="true"/></User></Users>',
    )


def test_format_asked_for_wins_over_accept(ask):
    assert seen(ask("users?format=xml")) == (200, XML, f"<Users {NAMESPACE}/>")
    assert seen(ask("users?format=json", accept="text/xml")) == (200, JSON, "[]")
    assert seen(ask("users")) == (200, JSON, "[]")
    assert seen(ask("users", accept="")) == (200, XML, f"<Users {NAMESPACE}/>")


def test_paginated_envelope(empty, ask):
    jo(empty.tenant)
    short = ask("users").body.decode()
    assert seen(ask("users/paginated?limit=7")) == (
        200,
        JSON,
        '{"Pagination":{"BatchParam":"Limit","BatchSize":7,"Start":0,"TotalCount":1},'
        f'"Items":{short}}}',
    )
    assert ask("users/paginated?start=1&format=xml").body.decode() == (
        f"<UserCollection {NAMESPACE}><Pagination><BatchParam>Limit</BatchParam>"
        "<BatchSize>100</BatchSize><Start>1</Start><TotalCount>1</TotalCount></Pagination>"
        "<Items/></UserCollection>"
    )


def test_teams(empty, ask):
    top = empty.tenant.add_team("O'Neill & Sons", description="Family")
    below = empty.tenant.add_team("Accounts", top)
    numbers = {key: team["OriginalId"] for key, team in empty.tenant.teams.items()}
    above_row = {
        "Id": top,
        "Name": "O'Neill & Sons",
        "TeamCodeForBulkImport": f"{numbers[top]}-ONeill&Sons",
        "ParentTeamId": "",
    }
    below_row = {
        "Id": below,
        "Name": "Accounts",
        "TeamCodeForBulkImport": f"{numbers[below]}-Accounts",
        "ParentTeamId": top,
    }
    assert json.loads(ask("teams").body) == [above_row, below_row]
    assert json.loads(ask(f"teams/{top}/teams").body) == [below_row]
    assert json.loads(ask(f"teams/{top}").body) == {**above_row, "Description": "Family"}
    assert ask(f"teams/{top}?format=xml").body.decode() == (
        f"<Team {NAMESPACE}><Id>{top}</Id><Name>O'Neill &amp; Sons</Name>"
        "<Description>Family</Description><ParentTeamId/>"
        f"<TeamCodeForBulkImport>{numbers[top]}-ONeill&amp;Sons</TeamCodeForBulkImport></Team>"
    )


def test_team_members_are_the_active_ones(empty, ask):
    tenant = empty.tenant
    team = tenant.add_team("Sales")
    jo_id, away = jo(tenant), tenant.add_user(FirstName="Al", Active=False)
    tenant.join(team, jo_id)
    tenant.join(team, away)
    assert tenant.members(team) == {jo_id, away}
    assert ask(f"teams/{team}/users").body == ask("users?showInactive=false").body
    assert json.loads(ask(f"users/{away}/teams").body) == json.loads(ask("teams").body)
    assert seen(ask("teams/x/users")) == (404, "application/json", '{"Detail":"Team not found"}')


def test_courses(empty, ask):
    empty.tenant.add_course(Id="RuzXNaD42Sw1", Code="TST001", Name="Test", OriginalId=590874)
    row = (
        '{"Id":"RuzXNaD42Sw1","Code":"TST001","Name":"Test","Active":true,"ForSale":false,'
        '"OriginalId":590874,"Description":"","EcommerceShortDescription":"",'
        '"EcommerceLongDescription":"","CourseCodeForBulkImport":'
    )
    empty.tenant.update_course("RuzXNaD42Sw1", CourseCodeForBulkImport="590874-TST001")
    row += '"590874-TST001","Price":0.00,"AccessTillDate":null,"AccessTillDays":null,'
    row += '"CourseTeamLibrary":false'
    assert ask("courses").body.decode() == f"[{row}}}]"
    assert ask("courses/RuzXNaD42Sw1").body.decode() == f'{row},"Tags":""}}'


def test_an_assignment_and_its_achievement(empty, ask):
    person = jo(empty.tenant)
    course = empty.tenant.add_course(Name="Test", Code="T", OriginalId=7)
    empty.tenant.complete(person, course)
    done = "/Date(1770091506000-0500)/"
    result = empty.tenant.assignments(person)[course].result_id
    assert (
        b'"DateCompleted":"\\/Date(1770091506000-0500)\\/"' in ask(f"users/{person}/courses").body
    )
    assert json.loads(ask("achievements?since=2026-02-03").body) == [
        {
            "UserId": person,
            "Title": "Test",
            "Description": "",
            "AchievementDate": done,
            "CourseId": course,
            "CompliantTillDate": None,
            "Score": 100.0,
            "Result": "Completed",
            "Type": "Course Completed",
            "FirstName": "Jo",
            "LastName": "Bâba",
            "AchievementId": result,
            "CertificateId": "",
        }
    ]
    assert json.loads(ask("achievements?since=2026-02-04").body) == []
    assert json.loads(ask(f"courses/{course}/users").body) == [
        {
            "Id": person,
            "UserName": "jo@example.net",
            "FirstName": "Jo",
            "LastName": "Bâba",
            "Completed": True,
            "PercentageComplete": 100.0,
            "CompliantTill": None,
            "DueDate": None,
            "AccessTillDate": None,
        }
    ]


def test_feed_of_changed_users_has_its_own_keys(empty, ask):
    person = jo(empty.tenant)
    row = json.loads(ask("org/users/details?since=2026-02-01&to=2026-02-05").body)[0]
    full = empty.tenant.users[person]
    gone = {"OriginalId", "Password", "SkipFirstLogin", "Points", "JobRole", "Culture"}
    assert row == {
        **{name: value for name, value in full.items() if name not in gone},
        "OriginalUserId": 5090886,
        "UpdatedDate": "/Date(1770091506000-0500)/",
        "CreatedBy": 17625916,
        "UpdatedBy": 17625916,
    }
    assert json.loads(ask("org/users/details?since=2026-02-05&to=2026-02-06").body) == []


def test_feed_of_places_keeps_the_removed_ones(empty, ask):
    person, team = jo(empty.tenant), empty.tenant.add_team("Sales")
    empty.tenant.join(team, person)
    empty.tenant.leave(team, person)
    assert json.loads(ask("org/teams/users?since=2026-02-01&to=2026-02-05").body) == [
        {
            "TeamId": team,
            "Id": person,
            "OriginalTeamId": empty.tenant.teams[team]["OriginalId"],
            "OriginalUserId": 5090886,
            "Active": False,
            "IsTeamLeader": False,
            "IsTeamAdmin": False,
            "CreatedDate": "/Date(1770091506000-0500)/",
            "UpdatedDate": "/Date(1770091506000-0500)/",
            "CreatedBy": 17625916,
            "UpdatedBy": 17625916,
        }
    ]
