from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from training.models import Action, Enrollment
from training.services.csv_actions import BadFile, read_actions
from training.services.taking import NewAction

NOW = datetime(2026, 11, 24, tzinfo=UTC)
HEAD = "email,action,time,bot,id\n"
GOOD = "ann@acme.example,Clicked,2026-11-23T10:00:00Z,no,a1\n"


def test_good_rows_are_read():
    text = f"\ufeff{HEAD}{GOOD}bo@x.example,submitted data,2026-11-23 11:00,YES,\n"
    found = read_actions(text, now=NOW)
    assert found.errors == []
    assert found.actions == [
        NewAction("CLICKED", "ann@acme.example", datetime(2026, 11, 23, 10, tzinfo=UTC), key="a1"),
        NewAction("SUBMITTED", "bo@x.example", datetime(2026, 11, 23, 11, tzinfo=UTC), is_bot=True),
    ]


def test_semicolons_and_columns_in_any_order():
    found = read_actions("Time;EMAIL;Action\n2026-11-23;a@b.example;Opened\n", now=NOW)
    assert [one.kind for one in found.actions] == ["OPENED"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("nobody,Clicked,2026-11-23,,", "“nobody” is not an e-mail address."),
        ("a@b.example,Danced,2026-11-23,,", "“Danced” is no action."),
        ("a@b.example,Clicked,2126-01-01,,", "“2126-01-01” lies in the future."),
        ("a@b.example,Clicked,soon,,", "“soon” is no time, such as 2026-11-24T09:30:00Z."),
        ("a@b.example,Clicked,2026-11-23,maybe,", "“maybe” is neither yes nor no."),
        ("a\x00@b.example,Clicked,2026-11-23,,", "holds signs"),
        ("a@b.example", "“” is no action."),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_the_good_ones_stay(row, told):
    found = read_actions(f"{HEAD}{row}\n{GOOD}", now=NOW)
    assert len(found.actions) == 1
    assert [(error.line, told in error.told) for error in found.errors] == [(2, True)]


@pytest.mark.parametrize(
    "text", ["email,action\n", "just text", 'email,action,time\n"a', HEAD + GOOD * 10_001]
)
def test_a_bad_file_is_refused(text):
    with pytest.raises(BadFile):
        read_actions(text, now=NOW)


def upload(client, campaign, raw: bytes):
    file = SimpleUploadedFile("actions.csv", raw)
    return client.post(f"/campaigns/{campaign.pk}/import/", {"file": file})


@pytest.mark.django_db
def test_nothing_is_taken_in_before_it_was_looked_at(as_alice, campaign):
    text = HEAD + GOOD + "nobody,Clicked,2026-11-23,,\n"
    page = upload(as_alice, campaign, text.encode()).content.decode()
    assert "1 row can be taken in, 1 can" in page
    assert "Line 3: “nobody” is not an e-mail address." in page
    assert Action.objects.count() == 0
    address = f"/campaigns/{campaign.pk}/import/"
    for _ in range(2):
        as_alice.post(address, {"text": text, "confirmed": "1"})
    assert (Action.objects.count(), Enrollment.objects.count()) == (1, 1)
    assert Action.objects.get().door == "CSV"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b" ", "Choose a file"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"x" * 1_000_001, "more than 1,000,000 bytes"),
        (b"email\n", "names no column action, time"),
    ],
)
def test_junk_is_refused_with_a_reason(as_alice, campaign, raw, told):
    page = upload(as_alice, campaign, raw).content.decode()
    assert told in page.partition('role="alert"')[2]
    assert Action.objects.count() == 0


@pytest.mark.django_db
def test_ten_thousand_rows_cost_few_queries(as_alice, campaign, django_assert_max_num_queries):
    rows = "".join(f"p{n}@x.example,Clicked,2026-11-23,,{n}\n" for n in range(10_000))
    with django_assert_max_num_queries(160):
        as_alice.post(f"/campaigns/{campaign.pk}/import/", {"text": HEAD + rows, "confirmed": "1"})
    assert Action.objects.count() == 10_000
