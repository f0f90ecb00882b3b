"""Litmos' records as the contract's, whole values compared."""

from dataclasses import replace

import pytest

from integrations.contract.records import (
    FIELD_LENGTHS,
    CourseRecord,
    Note,
    PersonRecord,
    Rejected,
    TeamRecord,
)
from integrations.providers.litmos.mapping import (
    course_record,
    member_id,
    person_record,
    team_record,
    total_people,
)
from tests.integrations.litmos.records import COURSE, FIELDS, TEAM, USER

JO = PersonRecord(
    integration_id="ZUhjzXUqmTo1",
    email="jo@example.net",
    email_key="jo@example.net",
    is_active=True,
    fields=FIELDS,
    fingerprint="",
    raw_email="jo@example.net",
)


def person(**values):
    return person_record({**USER, **values})


def bare(record):
    return replace(record, fingerprint="")


def test_each_field_of_the_article_arrives():
    assert list(FIELDS) == list(FIELD_LENGTHS)
    assert bare(person()) == JO


@pytest.mark.parametrize(
    "row",
    [
        {key.lower(): value for key, value in USER.items()},
        {key.upper(): value for key, value in USER.items()},
        dict(reversed(USER.items())),
        {**USER, "Pronouns": "", "Tier": {"Name": "Pro"}, "Badges": [1]},
        {**USER, "Active": "true", "OriginalId": "5090886"},
        {**USER, "FirstName": " Jo\t", "City": "Nairobi\r\n"},
    ],
    ids=["lower", "upper", "reversed", "unknown keys", "numbers as text", "blanks"],
)
def test_the_shape_may_differ(row):
    assert bare(person_record(row)) == JO


LACKING = frozenset(FIELD_LENGTHS) - {"first_name", "last_name", "name"}


def test_null_and_empty_are_the_same_and_missing_is_not_told():
    kept = ("Id", "Email", "Active", "FirstName", "LastName")
    missing = {key: USER[key] for key in kept}
    nulls = {key: value if key in kept else None for key, value in USER.items()}
    empty = {key: value if key in kept else "" for key, value in USER.items()}
    expected = {**dict.fromkeys(FIELD_LENGTHS, ""), "first_name": "Jo", "last_name": "Baba"}
    expected["name"] = "Jo Baba"
    records = [person_record(row) for row in (missing, nulls, empty)]
    assert replace(records[0], lacks=frozenset()) == records[1] == records[2]
    assert (records[0].lacks, records[1].lacks) == (LACKING, frozenset())
    assert records[0].fields == expected


def test_numbers_are_taken_as_text():
    assert person(PostalCode=2005, CustomField1=12.5).fields == {
        **FIELDS,
        "zip": "2005",
        "optional_1": "12.5",
    }


def test_a_link_that_logs_in_is_not_kept():
    assert "0b6f3a52" not in repr(person())


@pytest.mark.parametrize(
    ("values", "email", "problem", "raw"),
    [
        ({"Email": ""}, "", "NO_EMAIL", ""),
        ({"Email": None}, "", "NO_EMAIL", ""),
        ({"Email": "  "}, "", "NO_EMAIL", ""),
        ({"Email": "System.Xml.XmlElement"}, "", "NO_EMAIL", ""),
        ({"Email": "+447700900000"}, "", "INVALID_EMAIL", "+447700900000"),
        ({"Email": "jo@@example.net"}, "", "INVALID_EMAIL", "jo@@example.net"),
        ({"Email": "jo\x00@example.net"}, "", "INVALID_EMAIL", "jo@example.net"),
        ({"Email": "jo@example.net, x@example.org"}, "", "INVALID_EMAIL", None),
        ({"Email": f"jo@{'a' * 60}.{'b' * 300}"}, "", "INVALID_EMAIL", None),
        ({"Email": " jo@example.net\t"}, "jo@example.net", "", "jo@example.net"),
        ({"Email": "Jo@Example.NET"}, "Jo@example.net", "", "Jo@Example.NET"),
        ({"Email": "o&#39;neil@example.net"}, "o'neil@example.net", "", "o'neil@example.net"),
    ],
)
def test_addresses(values, email, problem, raw):
    record = person(**values)
    assert (record.email, record.email_problem) == (email, problem)
    assert record.email_key == email.casefold()
    assert len(record.raw_email) <= 255
    if raw is not None:
        assert record.raw_email == raw


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Ann Other ann.other@example.net", "Ann Other"),
        ("Ann Other", "Ann Other"),
        ("Mary Ann van der Berg", "Mary Ann van der Berg"),
        ("Ann Other E10023", "Ann Other"),
        ("Ann Other +447700900123", "Ann Other"),
        ("ann.other@example.net", "ann.other@example.net"),
        ("Ann 2", "Ann 2"),
        ("", ""),
    ],
)
def test_a_manager_is_named_without_the_user_name(sent, kept):
    assert person(ManagerName=sent).fields["manager"] == kept


def test_entities_and_pollution_are_undone():
    record = person(CompanyName="Smith &amp; Sons", Street2="System.Xml.XmlElement")
    assert record.fields == {**FIELDS, "company": "Smith & Sons", "address_two": ""}


def test_what_is_too_long_is_cut_and_noted():
    long = "Engineer " * 40
    record = person(JobTitle=long)
    assert record.fields["title"] == long[:255].rstrip()
    assert record.notes == (Note("SHORTENED", "title", long[:120].rstrip()),)


def test_unknown_zones_and_languages_are_kept_and_noted():
    record = person(TimeZone="Customized Time Zone", Culture="english")
    assert (record.fields["timezone"], record.fields["language"]) == (
        "Customized Time Zone",
        "english",
    )
    assert record.notes == (
        Note("TIMEZONE_UNKNOWN", "timezone", "Customized Time Zone"),
        Note("LANGUAGE_UNKNOWN", "language", "english"),
    )


def test_a_remark_is_made_for_everybody_it_concerns():
    first, second = (person(Id=key, TimeZone="Nowhere") for key in ("a1", "b1"))
    assert first.notes == second.notes != ()


@pytest.mark.parametrize(
    ("row", "rejected"),
    [
        ("System.Xml.XmlElement", Rejected("", "not a record")),
        (None, Rejected("", "not a record")),
        ({}, Rejected("", "no Id")),
        ({**USER, "Id": None}, Rejected("", "no Id")),
        ({**USER, "Id": ["x"]}, Rejected("", "unreadable Id")),
        ({**USER, "Id": True}, Rejected("", "unreadable Id")),
        ({**USER, "Id": "x" * 65}, Rejected("", "unreadable Id")),
        ({**USER, "Id": "a\x00b"}, Rejected("", "unreadable Id")),
        ({**USER, "Active": "perhaps"}, Rejected(USER["Id"], "unreadable Active")),
        ({**USER, "Active": None}, Rejected(USER["Id"], "unreadable Active")),
        ({**USER, "Email": {"value": "x"}}, Rejected(USER["Id"], "unreadable Email")),
        ({**USER, "City": ["x"]}, Rejected(USER["Id"], "unreadable City")),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_reason(row, rejected):
    assert person_record(row) == rejected


@pytest.mark.parametrize(("sent", "kept"), [(1, True), ("0", False), ("FALSE", False), (0, False)])
def test_active_in_other_words(sent, kept):
    assert person(Active=sent).is_active is kept


def test_the_fingerprint_follows_address_and_fields_alone():
    same = (person(Points=9.0), person(LastLogin=""), person(Active=False), person(City=" Nairobi"))
    assert {record.fingerprint for record in same} == {person().fingerprint}
    others = {person(**{key: "x@example.org"}).fingerprint for key in ("Email", "City", "Culture")}
    assert len(others | {person().fingerprint}) == 4
    assert len(person().fingerprint) == 32


def test_the_fingerprint_tells_fields_apart():
    assert person(City="ab", State="").fingerprint != person(City="a", State="b").fingerprint


@pytest.mark.parametrize(
    ("row", "record"),
    [
        (TEAM, TeamRecord("yYv0ln5yeAw1", "Sub Team", "ZppqOWTqgVM1")),
        ({**TEAM, "ParentTeamId": ""}, TeamRecord("yYv0ln5yeAw1", "Sub Team")),
        ({"Id": "t1", "Name": " R&amp;D "}, TeamRecord("t1", "R&D")),
        ({"Id": "t1", "Name": "0", "ParentTeamId": "0"}, TeamRecord("t1", "0")),
        ({"Id": "t1", "Name": ["?"]}, TeamRecord("t1", "Team t1")),
        ({"Id": "t1", "Name": " \x00 "}, TeamRecord("t1", "Team t1")),
    ],
)
def test_teams(row, record):
    assert team_record(row) == record


@pytest.mark.parametrize(
    ("row", "record"),
    [
        (COURSE, CourseRecord("RuzXNaD42Sw1", "Test course", "TST001", "What it is about.")),
        ({"Id": "c1", "Name": "C", "Active": "False"}, CourseRecord("c1", "C", is_active=False)),
        ({"Id": "c1", "Name": "C"}, Rejected("c1", "unreadable Active")),
        ({"Id": "c1", "Active": True}, Rejected("c1", "no Name")),
    ],
)
def test_courses(row, record):
    assert course_record(row) == record


def test_members_are_ids():
    assert [member_id(USER), member_id({"ID": 7}), member_id("x")] == [
        "ZUhjzXUqmTo1",
        "7",
        Rejected("", "not a record"),
    ]


@pytest.mark.parametrize(
    ("envelope", "total"),
    [
        ({"Pagination": {"BatchSize": 100, "TotalCount": 7}, "Items": []}, 7),
        ({"pagination": {"totalcount": "0007"}, "Item": []}, 7),
        ({"Pagination": {"TotalCount": None}}, None),
        ({"Pagination": {"TotalCount": -7}}, None),
        ({"Pagination": {"TotalCount": True}}, None),
        ({"Pagination": {"TotalCount": "9" * 5000}}, None),
        ({"Pagination": [7]}, None),
        ({}, None),
    ],
)
def test_the_number_of_people(envelope, total):
    assert total_people(envelope) == total
