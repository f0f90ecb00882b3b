"""Every action of one campaign, as a page and as a CSV."""

import csv
import io
import re

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from tests.training.rows import action_of, after, another_target
from training.models import Action, Campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def actions(campaign, ann):
    """By name: a click, a bot's click, an e-mail sent, and what two strangers did."""
    bo = another_target(campaign.account, "Bo Fox", "bo@acme.example")
    other = Campaign.objects.create(account=campaign.account, name="Winter")
    action_of(other, ann, minutes=9)
    return {
        "click": action_of(campaign, ann, minutes=1),
        "bot": action_of(campaign, bo, minutes=2, is_bot=True, door="API"),
        "sent": action_of(campaign, bo, minutes=3, kind="SENT", door="CSV"),
        "stranger": action_of(campaign, minutes=4, kind="SUBMITTED"),
        "formula": action_of(campaign, minutes=5, email="=cmd@x.example"),
    }


def address(campaign, query=""):
    return f"/campaigns/{campaign.pk}/actions/{query}"


def emails(answer) -> list[str]:
    return [action.email for action in answer.context["page"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["formula", "stranger", "sent", "bot", "click"]),
        ("?sort=when", ["click", "bot", "sent", "stranger", "formula"]),
        ("?sort=person", ["formula", "click", "bot", "sent", "stranger"]),
        ("?sort=-action", ["stranger", "sent", "formula", "bot", "click"]),
        ("?kind=CLICKED", ["formula", "bot", "click"]),
        ("?bot=yes", ["bot"]),
        ("?bot=no", ["formula", "stranger", "sent", "click"]),
        ("?people=unknown", ["formula", "stranger"]),
        ("?people=known", ["sent", "bot", "click"]),
        ("?q=bo+f", ["sent", "bot"]),
        ("?q=Y.EXAMPLE", ["stranger"]),
        ("?q=bo&kind=SENT&bot=no", ["sent"]),
        ("?kind=NONSENSE&bot=maybe&people=7", ["formula", "stranger", "sent", "bot", "click"]),
        (f"?page={'9' * 40}&sort=nonsense", ["formula", "stranger", "sent", "bot", "click"]),
    ],
)
def test_filters_and_order(as_bob, campaign, actions, query, expected):
    answer = as_bob.get(address(campaign, query))
    found = list(answer.context["page"])
    names = {row.pk: name for name, row in actions.items()}
    assert [names[row.pk] for row in found] == expected


def test_pages(as_bob, campaign, ann):
    for number in range(51):
        action_of(campaign, ann, minutes=number)
    assert len(emails(as_bob.get(address(campaign)))) == 50
    assert len(emails(as_bob.get(address(campaign, "?page=2")))) == 1


def test_nothing_there_and_nothing_matches(as_bob, campaign, ann):
    assert "No actions yet" in as_bob.get(address(campaign)).content.decode()
    action_of(campaign, ann)
    assert "No action matches" in as_bob.get(address(campaign, "?q=zzz")).content.decode()


def csv_at(campaign, query=""):
    return f"/campaigns/{campaign.pk}/actions.csv{query}"


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_csv_keeps_filter_and_order_and_can_not_run(as_bob, campaign, actions):
    answer = as_bob.get(csv_at(campaign, "?kind=CLICKED&sort=when"))
    came = {name: row.created_at.isoformat(timespec="seconds") for name, row in actions.items()}
    at = [after(minutes).isoformat() for minutes in (1, 2, 5)]
    assert rows_of(answer) == [
        ["Person", "E-mail", "Target", "Action", "Bot", "When", "Told by", "Came in"],
        ["Ann Lee", "ann@acme.example", "Yes", "Clicked", "No", at[0], "GoPhish", came["click"]],
        ["Bo Fox", "bo@acme.example", "Yes", "Clicked", "Yes", at[1], "API", came["bot"]],
        ["", "'=cmd@x.example", "No", "Clicked", "No", at[2], "GoPhish", came["formula"]],
    ]
    name = f"campaign-{campaign.pk}-actions.csv"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    event = AuditEvent.objects.get(kind="EXPORTED")
    assert (event.kind, event.subject, event.user.name) == ("EXPORTED", name, "Bob")


@pytest.mark.parametrize("where", [address, csv_at])
def test_who_may_see_it(as_bob, as_alice, as_charlie, campaign, actions, where):
    at = where(campaign)
    for client, status in ((as_alice, 200), (as_bob, 200), (Client(), 302), (as_charlie, 404)):
        assert client.get(at).status_code == status
    assert as_bob.get(at.replace(str(campaign.pk), "9" * 40)).status_code == 404
    assert as_bob.get(f"{at}?q=%00").status_code == 400
    assert as_bob.post(at).status_code == 405


def test_the_campaigns_page_has_the_newest_twenty_and_leads_on(as_bob, campaign, ann):
    for _ in range(21):
        action_of(campaign, ann)
    action_of(campaign)
    page = as_bob.get(f"/campaigns/{campaign.pk}/")
    newest = Action.objects.filter(campaign=campaign).order_by("-pk")[:20]
    assert list(page.context["actions"]) == list(newest)
    links = set(re.findall(r'href="([^"]+)"', page.content.decode()))
    assert {address(campaign), address(campaign, "?people=unknown")} <= links


def test_queries_do_not_grow(as_alice, campaign, ann):
    counts = []
    for number in (3, 60):
        for _ in range(number):
            action_of(campaign, ann)
            action_of(campaign)
        with CaptureQueriesContext(database) as made:
            as_alice.get(address(campaign))
        counts.append(len(made))
    assert counts[0] == counts[1] <= 9
