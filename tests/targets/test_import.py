"""A CSV file of people: read, told which column is what, looked at, taken in."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent
from groups.models import Group
from integrations.services import purge
from targets.imports import applying
from targets.imports.mapping import guessed
from targets.imports.reading import BadFile, read_sheet
from targets.models import GroupMembership, ImportDraft, Target
from targets.suppression import suppress
from tests.factories import GroupFactory, GroupMembershipFactory, TargetFactory
from tests.tallies import differing

pytestmark = pytest.mark.django_db
UPLOAD = "/targets/import/"
HEAD = "E-mail,First name,Surname,Town,Teams"


@pytest.fixture(autouse=True)
def _in_acme(acme):
    with scope(account=acme):
        yield
        assert differing(acme) == []


def sent(client, text, **columns):
    """Uploads it, agrees with the guessed columns but for `columns`, and returns the draft's address."""
    raw = text if isinstance(text, bytes) else text.encode()
    answer = client.post(UPLOAD, {"file": SimpleUploadedFile("people.csv", raw)})
    assert answer.status_code == 302, answer.text
    address = answer["Location"]
    draft = ImportDraft.objects.get()
    chosen = {f"column_{number}": name for number, name in enumerate(draft.columns)}
    answer = client.post(address, chosen | columns)
    assert answer.status_code == 302, answer.text
    return answer["Location"]


def people():
    found = Target.objects.order_by("email_key")
    return [(one.email, one.name, one.city) for one in found]


def test_people_are_taken_in(as_alice, acme):
    GroupFactory(account=acme, name="Sales")
    TargetFactory(account=acme, email="bo@acme.example", name="Bo", city="Bern")
    address = sent(
        as_alice,
        f"{HEAD}\nann@acme.example,Ann,Lee,Basel,sales;Press\nBO@acme.example,,,Basel,\n",
    )
    page = as_alice.get(address).text
    assert "1 new target<" in page
    assert "1 changed, 0 as they are" in page
    assert "Groups that are not there, and are not made: Press" in page
    assert len(people()) == 1
    answer = as_alice.post(address, follow=True)
    assert "1 people are new, 1 were changed, 0 rows were left out." in answer.text
    assert people() == [
        ("ann@acme.example", "Ann Lee", "Basel"),
        ("bo@acme.example", "Bo", "Basel"),
    ]
    assert GroupMembership.objects.get().group.name == "Sales"
    assert not ImportDraft.objects.exists()
    event = AuditEvent.objects.get(kind="TARGETS_IMPORTED")
    assert event.after == {"new": 1, "changed": 1, "joined": 1, "left_out": 0}
    assert as_alice.post(address).status_code == 404


def test_groups_are_made_where_that_is_ticked(as_alice, acme):
    all_of_them = GroupFactory(account=acme, name="All")
    address = sent(
        as_alice,
        f"{HEAD}\na@x.example,,,,Press;PRESS\nb@x.example,,,,Press",
        groups=[all_of_them.pk],
        makes_groups="on",
    )
    assert "Groups that are made: Press" in as_alice.get(address).text
    as_alice.post(address)
    found = Group.objects.order_by("name").values_list("name", "people")
    assert list(found) == [("All", 2), ("Press", 2)]


def test_each_bad_row_is_told_and_keeps_no_other_out(as_alice, acme):
    suppress(account=acme, keys=["gone@x.example"], ids=[], user=None)
    rows = [
        "good@x.example,Ann,Lee,Bern,",
        ",No,Address,,",
        "nobody,Not,One,,",
        '"GOOD@x.example",Once,More,,',
        "gone@x.example,Was,Erased,,",
        f"long@x.example,Ann,Lee,{'x' * 61},",
    ]
    address = sent(as_alice, "\n".join([HEAD, *rows]))
    page = as_alice.get(address).text
    for told in (
        "The address is missing.",
        "This is not an e-mail address.",
        "The address is in line 2 already.",
        "This person was erased.",
        "Longer than 60 characters.",
    ):
        assert told in page
    lines = as_alice.get(f"{address}rows-to-mend.csv").getvalue().decode().splitlines()
    assert lines[0].lstrip("\ufeff").startswith('"Line","What is wrong","E-mail"')
    assert [line.split(",")[0] for line in lines[1:]] == ['"3"', '"4"', '"5"', '"6"', '"7"']
    as_alice.post(address)
    assert people() == [("good@x.example", "Ann Lee", "Bern")]


def test_synced_people_keep_their_fields_and_join(as_alice, acme):
    group = GroupFactory(account=acme)
    TargetFactory(account=acme, email="a@x.example", name="Ann", city="Bern", source="litmos")
    address = sent(as_alice, f"{HEAD}\na@x.example,Eve,,Basel,", groups=[group.pk])
    assert "1 of those follow an integration" in as_alice.get(address).text
    as_alice.post(address)
    assert people() == [("a@x.example", "Ann", "Bern")]
    assert GroupMembership.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "new", "told"),
    [
        ("STOP", 0, "2 for whom no seat is free, left out"),
        ("UP_TO_LIMIT", 1, "1 for whom no seat is free, left out"),
        ("IMPORT_ALL", 2, "1 for whom no seat is free, taken in all the same"),
    ],
)
def test_seats_are_obeyed(rule, new, told, as_alice, acme):
    GroupMembershipFactory(group__account=acme)
    acme.seat_limit, acme.seat_rule = 2, rule
    acme.save()
    address = sent(as_alice, f"{HEAD}\na@x.example,,,,\nb@x.example,,,,")
    assert told in as_alice.get(address).text
    as_alice.post(address)
    assert Target.objects.count() == 1 + new


def test_a_draft_is_its_makers_own_and_ends(as_alice, as_bob, as_charlie, acme):
    address = sent(as_alice, f"{HEAD}\na@x.example,,,,")
    for client, status in ((as_charlie, 404), (as_bob, 403)):
        for path in (address, f"{address}columns/", f"{address}rows-to-mend.csv"):
            assert client.get(path).status_code == status
    with time_machine.travel("2036-01-01"):
        purge()
    assert not ImportDraft.objects.exists()


def test_columns_have_to_be_told(as_alice, acme):
    file = SimpleUploadedFile("p.csv", b"a,b\n1,2")
    address = as_alice.post(UPLOAD, {"file": file})["Location"]
    assert (
        "Choose which column is the e-mail address."
        in as_alice.post(address, {"column_0": ""}).text
    )
    twice = {"column_0": "email", "column_1": "email"}
    assert "Two columns are E-mail." in as_alice.post(address, twice).text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_program_saved_it(encoding, delimiter):
    text = f'E-mail{delimiter}Name\r\n\r\na@x.example{delimiter}"Zoë\nLee"\r\nb@x.example\r\n'
    sheet = read_sheet(text.encode(encoding))
    expected = [["E-mail", "Name"], ["a@x.example", "Zoë\nLee"], ["b@x.example", ""]]
    assert (sheet.rows, sheet.lines, sheet.remark) == (expected, [1, 3, 5], "")


def test_windows_latin_is_read_with_a_remark():
    sheet = read_sheet("E-mail,Name\na@x.example,Zoë".encode("cp1252"))
    assert sheet.rows[1] == ["a@x.example", "Zoë"]
    assert sheet.remark.startswith("The file is not UTF-8")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "no rows below"),
        (b"email\n", "no rows below"),
        (b"PK\x03\x04\x00\x00\na,b", "This is no CSV file."),
        (b'email\n"a', "Line 2 is not CSV"),
        (b"email\n" + b"a@x.example\n" * 20_001, "more than 20,000 rows"),
        (b"a," * 61 + b"\nb", "more than 60 columns"),
        (b"x" * 5_000_001, "more than 5 MB"),
    ],
)
def test_what_is_no_list_of_people(raw, told, as_alice, acme):
    with pytest.raises(BadFile, match=told):
        read_sheet(raw)
    answer = as_alice.post(UPLOAD, {"file": SimpleUploadedFile("p.csv", raw)})
    assert answer.status_code == 200
    assert not ImportDraft.objects.exists()


def test_columns_are_guessed():
    heading = ["Mail", "E-Mail Address", "Given name", "LAST NAME", "Mobile", "Ort", "Optional 1"]
    assert guessed(heading) == [
        "email",
        "",
        "first_name",
        "last_name",
        "phone_mobile",
        "",
        "optional_1",
    ]


def test_a_thousand_rows_take_no_more_queries_than_two(as_alice, acme):
    GroupFactory(account=acme, name="Sales")

    def cost(number, mark):
        rows = [f"{mark}{each}@x.example,Ann,Lee,Bern,Sales" for each in range(number)]
        bad = ["nobody,,,,"] * 20
        address = sent(as_alice, "\n".join([HEAD, *rows, *bad]))
        with CaptureQueriesContext(database) as queries:
            as_alice.post(address)
        return len(queries)

    few, many = cost(2, "a"), cost(980, "b")
    assert Target.objects.count() == 982
    # SQLite takes a thousand values in one statement, and no more.
    assert many <= few + (6 if database.vendor == "postgresql" else 40)


def test_what_was_added_meanwhile_is_told(as_alice, acme, monkeypatch):
    address = sent(as_alice, f"{HEAD}\na@x.example,,,,")
    create = applying._create

    def overtaken(account, new):
        TargetFactory(account=account, email="a@x.example")
        create(account, new)

    monkeypatch.setattr(applying, "_create", overtaken)
    answer = as_alice.post(address, follow=True)
    assert "Somebody else has changed targets or groups meanwhile." in answer.text
    with scopes_disabled():
        assert ImportDraft.objects.exists()
