from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from targets.models import Target
from training.models import Action, Campaign, Enrollment
from training.services.csv_actions import BadFile, look_at, take_file
from training.services.erasing import erase_person
from training.services.taking import NewAction, Taken, take_actions

NOW = datetime(2026, 11, 24, tzinfo=UTC)
HEAD = "email,action,time,bot,id\n"
GOOD = "ann@acme.example,Clicked,2026-11-23T10:00:00Z,no,a1\n"


@pytest.fixture
def read():
    """What of a text is good, and the look at it."""

    def read(text, number=None):
        campaign = Campaign(gophish_number=number)
        look = look_at(text.splitlines(keepends=True), campaign=campaign, now=NOW)
        return look.shown, look

    return read


def test_good_rows_are_read(read):
    text = f"\ufeff{HEAD}{GOOD}bo@x.example,submitted data,2026-11-23 11:00,YES,\n"
    found, look = read(text)
    assert (look.bad, look.beside) == (0, 0)
    assert found == [
        NewAction("CLICKED", "ann@acme.example", datetime(2026, 11, 23, 10, tzinfo=UTC), key="a1"),
        NewAction("SUBMITTED", "bo@x.example", datetime(2026, 11, 23, 11, tzinfo=UTC), is_bot=True),
    ]
    assert read(look.text)[0] == found


def test_semicolons_and_columns_in_any_order(read):
    found, _ = read("Time;EMAIL;Action\n2026-11-23;a@b.example;Opened\n")
    assert [one.kind for one in found] == ["OPENED"]


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
def test_a_bad_row_is_told_by_its_line_and_the_good_ones_stay(read, row, told):
    found, look = read(f"{HEAD}{row}\n{GOOD}")
    assert (len(found), look.bad) == (1, 1)
    assert [(error.line, told in error.told) for error in look.errors] == [(2, True)]


@pytest.mark.parametrize(
    "text", ["", "email,action\n", "just text", 'email,action,time\n"a', HEAD + GOOD * 250_001]
)
def test_a_bad_file_is_refused(read, text):
    with pytest.raises(BadFile):
        read(text)


TYPED = '"{""payload"":{""essay"":[""' + "x" * 600_000 + '""]},""browser"":{}}"'
EVENTS = f"""campaign_id,email,time,message,details\r
3,,2026-11-23T09:00:00.1Z,Campaign Created,\r
3,ann@acme.example,2026-11-23T10:00:00.217267291Z,Email Sent,\r
3,bo@x.example,2026-11-23T10:00:01.5Z,Error Sending Email,"{{""error"":""550""}}"\r
3,ann@acme.example,2026-11-23T10:05:47.217267291Z,Submitted Data,{TYPED}\r
4,ann@acme.example,2026-11-23T10:06:00Z,Clicked Link,\r
3,ann,2026-11-23T10:07:00Z,Clicked Link,\r
"""


def test_the_events_of_gophish_are_taken_as_they_are(read):
    found, look = read(EVENTS, number=3)
    assert (look.good, look.bad, look.beside) == (2, 1, 3)
    assert found == [
        NewAction("SENT", "ann@acme.example", datetime(2026, 11, 23, 10, 0, 0, 217267, UTC)),
        NewAction("SUBMITTED", "ann@acme.example", datetime(2026, 11, 23, 10, 5, 47, 217267, UTC)),
    ]
    assert len(look.text) < 300
    assert read(look.text, number=3)[0] == found
    assert read(EVENTS)[1].good == 3


def test_alike_in_one_second_are_told_apart_by_their_order(read):
    row = "3,ann@acme.example,2026-11-23T10:00:00Z,Clicked Link,\n"
    found, look = read("campaign_id,email,time,message,details\n" + row * 3)
    assert [one.nth for one in found] == [1, 2, 3]
    assert read(look.text)[0] == found


def upload(client, campaign, raw: bytes, **chosen):
    file = SimpleUploadedFile("actions.csv", raw)
    return client.post(f"/campaigns/{campaign.pk}/import/", {"file": file, **chosen})


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
        (b"", "Choose a file"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (HEAD.encode() + GOOD.encode() * 900 + b"\xff", "not UTF-8"),
        (b"x" * 50_000_001, "more than 50,000,000 bytes"),
        (b"email\n", "names no column action, time"),
    ],
)
def test_junk_is_refused_with_a_reason(as_alice, campaign, raw, told):
    for chosen in ({}, {"at_once": "1"}):
        page = upload(as_alice, campaign, raw, **chosen).content.decode()
        assert told in page.partition('role="alert"')[2]
    assert Action.objects.count() == 0


@pytest.mark.django_db
def test_ten_thousand_rows_cost_few_queries(as_alice, campaign, django_assert_max_num_queries):
    rows = "".join(f"p{n}@x.example,Clicked,2026-11-23,,{n}\n" for n in range(10_000))
    with django_assert_max_num_queries(160):
        as_alice.post(f"/campaigns/{campaign.pk}/import/", {"text": HEAD + rows, "confirmed": "1"})
    assert Action.objects.count() == 10_000


@pytest.mark.django_db
def test_a_large_file_is_taken_in_at_once_as_often_as_one_likes(as_alice, campaign):
    rows = "".join(
        f"3,p{n}@x.example,2026-11-23T10:00:00.{n:06}Z,Email Sent,\n" for n in range(1, 10_002)
    )
    raw = f"campaign_id,email,time,message,details\n{rows}".encode()
    page = upload(as_alice, campaign, raw).text
    assert "10,001 rows can be taken in, 0 can" in page
    assert "choose the file again, and take it in at once" in page
    assert 'name="confirmed"' not in page
    for _ in range(2):
        upload(as_alice, campaign, raw, at_once="1")
        assert Action.objects.count() == 10_001


def times_of(*texts):
    return [datetime.fromisoformat(f"2026-11-23T10:00:{one}+00:00") for one in texts]


@pytest.fixture
def told(campaign):
    """Clicks of Ann, as the webhook tells them."""

    def told(*texts):
        clicks = [NewAction("CLICKED", "ann@acme.example", at) for at in times_of(*texts)]
        return take_actions(campaign=campaign, actions=clicks, door="GOPHISH").new

    return told


@pytest.fixture
def bring(campaign):
    """A CSV of Events with clicks of Ann; how many are new."""

    def bring(*texts):
        rows = [f"3,Ann@acme.example,2026-11-23T10:00:{one}Z,Clicked Link," for one in texts]
        lines = ["campaign_id,email,time,message,details\n", *(f"{row}\n" for row in rows)]
        return take_file(lines, campaign=campaign, now=NOW).new

    return bring


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("by_webhook", "in_csv", "new"),
    [
        (["47.217267"], ["47.217267291"], 0),
        (["47.217267"], ["47"], 0),
        (["46.7"], ["47"], 0),
        (["47.999999"], ["47"], 0),
        (["46.4"], ["47"], 1),
        (["48.0001"], ["47"], 1),
        (["47.2", "47.9"], ["47", "47"], 0),
        (["47.2"], ["47", "47"], 1),
        (["47.6"], ["47", "48"], 1),
        (["47.2", "48.1"], ["47", "48"], 0),
        ([], ["47", "47", "47.5"], 3),
    ],
)
def test_events_double_nothing_that_the_webhook_brought(told, bring, by_webhook, in_csv, new):
    assert told(*by_webhook) == len(by_webhook)
    assert [bring(*in_csv), bring(*in_csv)] == [new, 0]
    assert Action.objects.count() == len(by_webhook) + new
    assert Enrollment.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("exact", "new"), [("47.217267", 0), ("46.7", 0), ("46.4", 1), ("48.1", 1)]
)
def test_the_webhook_doubles_nothing_that_events_brought(told, bring, exact, new):
    bring("47")
    assert told(exact) == new


@pytest.mark.django_db
def test_a_bots_mark_finds_the_action_that_is_known_exactly(told, campaign):
    told("47.217267")
    bot = NewAction("CLICKED", "ann@acme.example", *times_of("47"), is_bot=True)
    taken = take_actions(campaign=campaign, actions=[bot], door="CSV")
    assert taken == Taken(known=1, withdrawn=1)
    assert Action.objects.get().is_bot


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["47", "47.217267"])
def test_an_erased_person_is_not_brought_back_twice(told, bring, ann, alice, text):
    told("47.217267")
    erase_person(target=Target.objects.get(pk=ann.pk), user=alice)
    assert bring(text) == 0
    assert list(Action.objects.values_list("email", "target")) == [("", None)]
