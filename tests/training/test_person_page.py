"""All that is known of one person, on a page of its own and in short on the target's."""

import html
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


def table(page: str) -> list[list[str]]:
    """The cells of the enrolments, without the moments."""
    found = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", found[0], re.DOTALL) if found else []
    return [cells(row) for row in rows]


def lines(page: str) -> list[list[str]]:
    """What each line of the timeline says, without its moment."""
    items = re.findall(r'<li class="list-group-item">(.*?)</li>', page, re.DOTALL)
    parts = [re.findall(r'<div class="col-[^"]*">(.*?)</div>', item, re.DOTALL) for item in items]
    return [[html.unescape(text_of(part)) for part in one[1:]] for one in parts]


def cells(row: str) -> list[str]:
    found = re.findall(r"<(?:th|td)\b[^>]*>(.*?)</(?:th|td)>", row, re.DOTALL)
    return [text_of(cell) for cell in found if "<time" not in cell]


@pytest.fixture
def story(campaign, ann, course):
    """Ann opens, clicks, is enrolled; then a bot clicks in another campaign, and a course is done."""
    action_of(campaign, ann, minutes=0, kind="OPENED")
    click = action_of(campaign, ann, minutes=10)
    open_one = enrollment_of(click, course)
    steps_of(open_one, *STEPS, minutes=9)
    winter = Campaign.objects.create(account=campaign.account, name="Winter")
    bot = action_of(winter, ann, minutes=30, is_bot=True, door="API")
    done = enrollment_of(bot, course, state="COMPLETED")
    steps_of(done, "ACTED", "COMPLETED", minutes=30)
    action_of(winter, another_target(campaign.account), minutes=40)
    return winter


COURSE = "Spot the hook"
BOT = ["Clicked Bot", "Clicked in “Winter”, told by API."]
DONE = ["Completed", f"The LMS says that the course is completed. {COURSE}"]
CLICK = ["Clicked", "Clicked in “Autumn”, told by GoPhish."]
OPENED = ["Opened", "Opened in “Autumn”, told by GoPhish."]
AUTUMN = [
    ["Verified", f"Read back: the course is on the person's list at the LMS. {COURSE}"],
    ["Asked", f"The LMS was asked for “{COURSE}”, without its own e-mail. {COURSE}"],
    ["Waiting", f"Waits 15 minutes, in case the action turns out to be a bot's. {COURSE}"],
    ["Bot check", f"The action is not marked as a bot's. {COURSE}"],
]
ALL = [DONE, BOT, *AUTUMN, CLICK, OPENED]


def test_everything_newest_first_and_open_enrolments_on_top(as_bob, ann, story):
    page = body(as_bob, address(ann))
    assert table(page) == [[COURSE, "Autumn", "Assigned"], [COURSE, "Winter", "Completed"]]
    assert lines(page) == ALL
    assert "1 of 2 open" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?what=ACTIONS", [BOT, CLICK, OPENED]),
        ("?what=STEPS", [DONE, *AUTUMN]),
        ("?campaign={winter}", [DONE, BOT]),
        ("?what=ACTIONS&campaign={winter}", [BOT]),
        ("?what=NONSENSE", ALL),
        (f"?campaign={'9' * 40}&page={'9' * 40}", ALL),
        (f"?campaign={'9' * 5000}", ALL),
        ("?campaign=x&what=%F0%9F%90%9F", ALL),
    ],
)
def test_filters(as_bob, ann, story, query, expected):
    page = body(as_bob, address(ann, query.format(winter=story.pk)))
    assert lines(page) == expected


def test_nothing_is_there_and_nothing_matches(as_bob, ann, campaign):
    assert "Nothing has happened yet" in body(as_bob, address(ann))
    action_of(campaign, ann)
    assert "Nothing matches" in body(as_bob, address(ann, "?what=STEPS"))


def test_only_the_persons_own_campaigns_can_be_chosen(as_bob, ann, story):
    other = Campaign.objects.create(account=ann.account, name="Summer")
    page = body(as_bob, address(ann, f"?campaign={other.pk}"))
    assert lines(page) == ALL
    chosen = page[page.index('name="campaign"') :].split("</select>")[0]
    assert "is-invalid" in chosen
    assert re.findall(r"<option[^>]*>([^<]+)<", chosen) == ["Any", "Autumn", "Winter"]


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
    assert counts[0] == counts[1] <= 13
    assert len(lines(page)) == 50
    assert len(table(page)) == 10
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
    items = re.findall(r'<li class="list-group-item text-break">(.*?)<time', page, re.DOTALL)
    told = [DONE, BOT, *AUTUMN[:3]]
    sentences = [one[1].removesuffix(f" {COURSE}") for one in told]
    sentences[1] += " Bot"
    assert [html.unescape(text_of(item)) for item in items] == sentences
    assert f'href="/targets/{ann.pk}/remediation/"' in page
    with scope(account=ann.account):
        stranger = another_target(ann.account, "Di", "di@acme.example")
    assert "Whole timeline" not in body(as_bob, f"/targets/{stranger.pk}/")
