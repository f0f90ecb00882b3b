"""The evidence pack: the whole of each file."""

import csv
import io
import re
from hashlib import sha256
from zipfile import ZipFile

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from tests.factories import CourseFactory, GroupFactory, GroupMembershipFactory
from tests.training.rows import action_of, after, another_target, enrollment_of, steps_of
from training.models import Campaign, RepeatRule
from training.services import evidence, failures
from training.services.evidence import evidence_of_campaign, write_evidence

pytestmark = pytest.mark.django_db

NAMES = ["people.csv", "enrolments.csv", "timeline.csv", "README.txt"]
STEPS = ("ACTED", "NO_BOT", "WAITING", "ASKED", "COMPLETED")
PEOPLE = [
    "Person",
    "E-mail",
    "Groups",
    "Campaign",
    "Failing action",
    "When",
    "Told by",
    "Failing actions",
]
ENROLLMENTS = [
    "Enrolment",
    "Person",
    "E-mail",
    "Course",
    "Campaign",
    "Rule",
    "State",
    "Reason",
    "Asked",
    "Assigned",
    "Completed",
    "LMS",
]
TIMELINE = ["Enrolment", "Person", "E-mail", "Course", "When", "Step", "What happened"]


def at(minutes: int) -> str:
    return after(minutes).isoformat(timespec="seconds")


@pytest.fixture
def story(campaign, ann, group, course, connection):
    """Ann fails twice and finishes; Bo's name is a formula, and nothing is possible for him; a stranger
    fails; a bot, a report and another campaign don't count. Returns the two enrolments' numbers."""
    late = GroupFactory(account=campaign.account, name="Zoo")
    GroupMembershipFactory(group=late, target=ann)
    gone = GroupFactory(account=campaign.account, name="Gone")
    GroupMembershipFactory(group=gone, target=ann, is_active=False)
    first = action_of(campaign, ann, minutes=0)
    action_of(campaign, ann, minutes=20, kind="SUBMITTED")
    done = enrollment_of(
        first,
        course,
        state="COMPLETED",
        connection=connection,
        asked_at=after(3),
        assigned_at=after(4),
        completed_at=after(4),
    )
    steps_of(done, *STEPS)
    bo = another_target(campaign.account, "=1+1", "bo@acme.example")
    rule = RepeatRule.objects.create(account=campaign.account, name="Thrice")
    mail = action_of(campaign, bo, minutes=9, kind="OPENED", door="CSV")
    none = enrollment_of(mail, course, state="NOT_POSSIBLE", reason="no_lms", rule=rule)
    steps_of(none, ("NOT_POSSIBLE", {"reason": "no_lms"}), minutes=9)
    action_of(campaign, minutes=5, door="API")
    action_of(campaign, minutes=6, email="X@y.example")
    action_of(campaign, another_target(campaign.account, "Cy", "cy@acme.example"), is_bot=True)
    action_of(campaign, another_target(campaign.account, "Di", "di@acme.example"), kind="REPORTED")
    winter = Campaign.objects.create(account=campaign.account, name="Winter")
    other = enrollment_of(action_of(winter, ann, minutes=50), CourseFactory(connection=connection))
    return done.pk, none.pk, other.pk


def opened(answer) -> dict[str, str]:
    assert answer.status_code == 200
    pack = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert pack.testzip() is None
    assert pack.namelist() == NAMES
    return {name: pack.read(name).decode() for name in NAMES}


def table(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


ANN, BO = ["Ann Lee", "ann@acme.example"], ["'=1+1", "bo@acme.example"]
ANN_FAILED = [*ANN, "Sales; Zoo", "Autumn", "Clicked", at(0), "GoPhish", "2"]
BO_FAILED = [*BO, "", "Autumn", "Opened", at(9), "CSV", "1"]
STRANGER = ["", "x@y.example", "", "Autumn", "Clicked", at(5), "API", "2"]
NO_LMS = "The person's group has no LMS. Choose one under Manage Groups, Set LMS."


def ann_enrolled(pk):
    times = [at(3), at(4), at(4)]
    return [str(pk), *ANN, "Spot the hook", "Autumn", "", "Completed", "", *times, "Litmos"]


def bo_enrolled(pk):
    why = ["Not possible", NO_LMS, "", "", "", ""]
    return [str(pk), *BO, "Spot the hook", "Autumn", "Thrice", *why]


def ann_stepped(pk):
    told = [
        ("Acted", "Clicked in “Autumn”, told by GoPhish."),
        ("Bot check", "The action is not marked as a bot's."),
        ("Waiting", "Is due at once."),
        ("Asked", "The LMS was asked for “Spot the hook”, without its own e-mail."),
        ("Completed", "The LMS says that the course is completed."),
    ]
    return [[str(pk), *ANN, "Spot the hook", at(n), *one] for n, one in enumerate(told)]


def bo_stepped(pk):
    return [str(pk), *BO, "Spot the hook", at(9), "Not possible", NO_LMS]


def test_the_pack_of_a_campaign(as_bob, campaign, story):
    answer = as_bob.get(f"/campaigns/{campaign.pk}/evidence.zip")
    name = f"evidence-campaign-{campaign.pk}.zip"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"] == "application/zip"
    files = opened(answer)
    ann, bo, _ = story
    assert table(files["people.csv"]) == [PEOPLE, BO_FAILED, ANN_FAILED, STRANGER]
    assert table(files["enrolments.csv"]) == [ENROLLMENTS, ann_enrolled(ann), bo_enrolled(bo)]
    assert table(files["timeline.csv"]) == [TIMELINE, *ann_stepped(ann), bo_stepped(bo)]


def test_what_the_pack_says_of_itself(campaign, story):
    campaign.name = "Autumn\nSHA-256"
    about = evidence_of_campaign(campaign)
    pack = write_evidence(
        evidence=about, account="Acme", made_by="Bob <bob@acme.example>", made_at=after(90)
    )
    with ZipFile(pack.file) as found:
        told = found.read("README.txt").decode().splitlines()
        sums = [f"{sha256(found.read(name)).hexdigest()}  {name}" for name in NAMES[:3]]
    pack.file.close()
    assert told[:6] == [
        "EVIDENCE PACK",
        "",
        "Account:  Acme",
        "About:    Campaign “Autumn SHA-256”",
        "Made:     2026-03-02 10:30:00 UTC",
        "Made by:  Bob <bob@acme.example>",
    ]
    assert told[-3:] == sums
    counts = [line for line in told if "lines below the headings" in line]
    assert counts == [
        f"{n}, lines below the headings: {c}" for n, c in zip(NAMES, (3, 2, 6), strict=False)
    ]
    explained = re.findall(r"^  (\S[^:]*): +\S", "\n".join(told), re.MULTILINE)
    assert explained == [*PEOPLE, *ENROLLMENTS, *TIMELINE]


def test_who_exported_what_is_recorded(as_bob, campaign, story):
    as_bob.get("/enrollments/evidence.zip?state=COMPLETED")
    event = AuditEvent.objects.get(kind="EXPORTED")
    found = (event.kind, event.subject, event.user.name, event.after)
    about = {"about": "Enrolments with State: “Completed”"}
    counts = {"people.csv": 1, "enrolments.csv": 1, "timeline.csv": 5}
    assert found == ("EXPORTED", "evidence-enrolments.zip", "Bob", about | counts)


@pytest.mark.parametrize(
    ("query", "people", "numbers", "words"),
    [
        ("", ["Autumn", "Autumn", "Winter"], [0, 1, 2], "Every enrolment"),
        ("?q=ann", ["Autumn", "Winter"], [0, 2], "Enrolments with Search: “ann”"),
        ("?reason=no_lms", ["Autumn"], [1], f"Enrolments with Reason: “{NO_LMS}”"),
        ("?group={group}", ["Autumn", "Winter"], [0, 2], "Enrolments with Group: “Sales”"),
        ("?course={course}", ["Autumn"] * 2, [0, 1], "Enrolments with Course: “Spot the hook”"),
        ("?campaign={other}&q=ann", ["Winter"], [2], "Search: “ann”, Campaign: “Winter”"),
        ("?q=nobody", [], [], "Enrolments with Search: “nobody”"),
        (f"?group={'9' * 40}&page=x", ["Autumn", "Autumn", "Winter"], [0, 1, 2], "Every enrolment"),
    ],
)
def test_the_pack_of_a_filter(
    as_bob, campaign, group, course, story, query, people, numbers, words
):
    other = Campaign.objects.get(name="Winter")
    asked = query.format(group=group.pk, course=course.pk, other=other.pk)
    files = opened(as_bob.get(f"/enrollments/evidence.zip{asked}"))
    assert [row[3] for row in table(files["people.csv"])[1:]] == people
    enrolled = [int(row[0]) for row in table(files["enrolments.csv"])[1:]]
    assert enrolled == [story[number] for number in numbers]
    assert words in files["README.txt"]
    listed = as_bob.get(f"/enrollments/{asked}").context["page"]
    assert {row.pk for row in listed} == set(enrolled)
    lines = b"".join(as_bob.get(f"/enrollments/enrolments.csv{asked}").streaming_content)
    assert len(list(csv.reader(io.StringIO(lines.decode())))) == 1 + len(enrolled)


def test_an_empty_pack_is_a_pack(as_bob, campaign):
    files = opened(as_bob.get(f"/campaigns/{campaign.pk}/evidence.zip"))
    tables = [table(files[name]) for name in NAMES[:3]]
    assert tables == [[PEOPLE], [ENROLLMENTS], [TIMELINE]]


def test_who_may_have_it(as_bob, as_alice, as_charlie, campaign, story):
    own = f"/campaigns/{campaign.pk}/evidence.zip"
    for client, status in ((as_alice, 200), (as_bob, 200), (Client(), 302), (as_charlie, 404)):
        assert client.get(own).status_code == status
    assert Client().get("/enrollments/evidence.zip").status_code == 302
    assert len(table(opened(as_charlie.get("/enrollments/evidence.zip"))["people.csv"])) == 1
    assert as_bob.get(f"/campaigns/{'9' * 40}/evidence.zip").status_code == 404
    assert as_bob.get("/enrollments/evidence.zip?q=%00").status_code == 400
    assert as_bob.post(own).status_code == 405


def test_queries_by_the_chunk(as_alice, campaign, ann, course, monkeypatch):
    monkeypatch.setattr(evidence, "CHUNK", 5)
    monkeypatch.setattr(failures, "CHUNK", 5)
    counts = []
    for chunk in range(3):
        for number in range(5):
            email = f"p{chunk}{number}@acme.example"
            action = action_of(campaign, another_target(campaign.account, email, email))
            steps_of(enrollment_of(action, course), *STEPS)
        with CaptureQueriesContext(database) as made:
            files = opened(as_alice.get(f"/campaigns/{campaign.pk}/evidence.zip"))
        lines = [len(table(files[name])) - 1 for name in NAMES[:3]]
        assert lines == [5 + 5 * chunk, 5 + 5 * chunk, 25 + 25 * chunk]
        counts.append(len(made))
    assert counts[2] - counts[1] == counts[1] - counts[0] == 3


def test_the_page_of_the_campaign_leads_to_it(as_bob, campaign, ann):
    def page(address):
        return as_bob.get(address).content.decode()

    assert "Evidence pack" not in page(f"/campaigns/{campaign.pk}/")
    action_of(campaign, ann)
    assert f'href="/campaigns/{campaign.pk}/evidence.zip"' in page(f"/campaigns/{campaign.pk}/")
    enrollment_of(action_of(campaign, ann), campaign.courses.get())
    listed = page("/enrollments/?q=ann&state=ASSIGNED&page=1&sort=person")
    assert 'href="/enrollments/evidence.zip?q=ann&amp;state=ASSIGNED"' in listed
