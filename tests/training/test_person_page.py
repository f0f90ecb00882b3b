"""All that is known of one person, on a page of its own and in short on the target's."""

import re

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from tests.training.rows import action_of, another_target, enrollment_of, steps_of
from training.models import Action, Campaign, TimelineEntry

pytestmark = pytest.mark.django_db

STEPS = ("ACTED", "NO_BOT", ("WAITING", {"minutes": 15}), "ASKED", "VERIFIED")


def address(target, query=""):
    return f"/targets/{target.pk}/remediation/{query}"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).strip()


def body(client, at) -> str:
    answer = client.get(at)
    assert answer.status_code == 200
    return answer.content.decode()


def tables(page: str) -> list[list[list[str]]]:
    """The cells of each table's body, without the moments."""
    found = []
    for table in re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        found.append([cells(row) for row in rows])
    return found


def cells(row: str) -> list[str]:
    found = re.findall(r"<(?:th|td)\b[^>]*>(.*?)</(?:th|td)>", row, re.DOTALL)
    return [text_of(cell) for cell in found if "<time" not in cell]


@pytest.fixture
def story(campaign, ann, course):
    """Ann opens, clicks, is enrolled; then a bot clicks in another campaign, and a course is done."""
    action_of(campaign, ann, minutes=0, kind="OPENED")
    click = action_of(campaign, ann, minutes=10)
    open_one = enrollment_of(click, course)
    steps_of(open_one, *STEPS, minutes=10)
    winter = Campaign.objects.create(account=campaign.account, name="Winter")
    bot = action_of(winter, ann, minutes=30, is_bot=True, door="API")
    done = enrollment_of(bot, course, state="COMPLETED")
    steps_of(done, "ACTED", "COMPLETED", minutes=30)
    action_of(winter, another_target(campaign.account), minutes=40)
    return winter


BOT = ["Clicked Bot", "Clicked in “Winter”, told by API.", "Winter"]
DONE = ["Completed", "The LMS says that the course is completed.", "Spot the hook"]
CLICK = ["Clicked", "Clicked in “Autumn”, told by GoPhish.", "Autumn"]
OPENED = ["Opened", "Opened in “Autumn”, told by GoPhish.", "Autumn"]
AUTUMN = [
    ["Verified", "Read back: the course is on the person's list at the LMS.", "Spot the hook"],
    ["Asked", "The LMS was asked for “Spot the hook”, without its own e-mail.", "Spot the hook"],
    [
        "Waiting",
        "Waits 15 minutes, in case the action turns out to be a bot's.",
        "Spot the hook",
    ],
    ["Bot check", "The action is not marked as a bot's.", "Spot the hook"],
]


def unescaped(rows):
    return [[cell.replace("&#x27;", "'") for cell in row] for row in rows]


def test_everything_newest_first_and_open_enrolments_on_top(as_bob, ann, story):
    enrollments, lines = tables(body(as_bob, address(ann)))
    assert enrollments == [
        ["Spot the hook", "Autumn", "Assigned"],
        ["Spot the hook", "Winter", "Completed"],
    ]
    assert unescaped(lines) == [DONE, BOT, *AUTUMN, CLICK, OPENED]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?what=ACTIONS", [BOT, CLICK, OPENED]),
        ("?what=STEPS", [DONE, *AUTUMN]),
        ("?campaign={winter}", [DONE, BOT]),
        ("?what=ACTIONS&campaign={winter}", [BOT]),
        ("?what=NONSENSE", [DONE, BOT, *AUTUMN, CLICK, OPENED]),
        (f"?campaign={'9' * 40}&page={'9' * 40}", [DONE, BOT, *AUTUMN, CLICK, OPENED]),
        (f"?campaign={'9' * 5000}", [DONE, BOT, *AUTUMN, CLICK, OPENED]),
        ("?campaign=x&what=%F0%9F%90%9F", [DONE, BOT, *AUTUMN, CLICK, OPENED]),
    ],
)
def test_filters(as_bob, ann, story, query, expected):
    page = body(as_bob, address(ann, query.format(winter=story.pk)))
    assert unescaped(tables(page)[1]) == expected


def test_nothing_matches_and_nothing_is_there(as_bob, ann, campaign, story):
    action_of(campaign, another_target(campaign.account, "Cy", "cy@acme.example"))
    Action.objects.filter(target=ann, campaign=story).delete()
    page = body(as_bob, address(ann, f"?what=STEPS&campaign={story.pk}"))
    assert len(tables(page)) == 2  # The campaign is none of hers any more, so it can't be chosen.
    Action.objects.filter(target=ann).delete()
    assert "Nothing has happened yet" in body(as_bob, address(ann))
    action_of(campaign, ann)
    assert "Nothing matches" in body(as_bob, address(ann, "?what=STEPS"))


def test_who_may_see_it(as_bob, as_alice, as_charlie, ann, story):
    for client, status in ((as_alice, 200), (as_bob, 200), (Client(), 302), (as_charlie, 404)):
        assert client.get(address(ann)).status_code == status
    assert as_alice.get(f"/targets/{'9' * 40}/remediation/").status_code == 404
    assert as_alice.get(address(ann, "?what=%00")).status_code == 400
    assert as_alice.post(address(ann)).status_code == 405


def much(campaign, ann, course, entries):
    """As many actions as steps, in enrolments of ten steps each."""
    for number in range(entries // 2):
        action = action_of(campaign, ann, minutes=number)
        if number % 10 == 0:
            row = enrollment_of(action, course)
            steps_of(row, *["DELAYED"] * min(10, entries // 2), minutes=number)


@pytest.mark.parametrize("query", ["", "?page=2", "?what=STEPS&campaign={campaign}"])
def test_queries_do_not_grow(as_alice, campaign, ann, course, query):
    at = address(ann, query.format(campaign=campaign.pk))
    as_alice.get(at)
    counts = []
    for entries in (10, 1000):
        Action.objects.all().delete()
        much(campaign, ann, course, entries)
        assert Action.objects.count() + TimelineEntry.objects.count() == entries
        with CaptureQueriesContext(database) as made:
            page = body(as_alice, at)
        counts.append(len(made))
    assert counts[0] == counts[1] <= 12
    assert len(tables(page)[1]) == 50
    assert "more enrolments" in page


def test_pages_meet_without_a_gap(as_alice, campaign, ann, course):
    much(campaign, ann, course, 160)
    shown = []
    for number in (1, 2, 3, 4):
        page = body(as_alice, address(ann, f"?page={number}"))
        shown += re.findall(r'<time datetime="([^"]+)"', page.split("Timeline</h2>")[1])
    assert len(shown) == 160
    assert shown == sorted(shown, reverse=True)


def test_the_targets_page_has_the_newest_five(as_bob, ann, story):
    page = body(as_bob, f"/targets/{ann.pk}/")
    assert unescaped(tables(page)[-1]) == [DONE, BOT, *AUTUMN[:3]]
    assert f'href="/targets/{ann.pk}/remediation/"' in page
    with scope(account=ann.account):
        stranger = another_target(ann.account, "Di", "di@acme.example")
    assert "Whole timeline" not in body(as_bob, f"/targets/{stranger.pk}/")
