"""How a run reads, in words."""

import pytest

from integrations.models import Mirror
from integrations.reading_lines import nightly_line, reading_lines, why_everything
from integrations.sentences import WHY_EVERYTHING

ALL = {"way": "ALL", "teams": 2, "calls": 8, "ways": {"ALL": 8}}
EVERYBODY = "Everybody, and the members of 2 teams: at least 8 API calls"


@pytest.mark.parametrize(
    ("reading", "lines"),
    [
        ({}, []),
        (
            {"way": "ALL", "teams": 1200, "calls": 1215},
            ["Everybody, and the members of 1,200 teams: at least 1,215 API calls"],
        ),
        (
            {"way": "ALL", "teams": 1, "calls": 5},
            ["Everybody, and the members of 1 team: at least 5 API calls"],
        ),
        (
            {"way": "ALL", "teams": 0, "calls": 2},
            ["No people, as there is no team to follow: at least 2 API calls"],
        ),
        ({"way": "PERSON", "calls": 3}, ["One person with their teams: at least 3 API calls"]),
        (
            {"way": "CHANGES", "teams": 9, "calls": 5, "ways": {"ALL": 2104, "CHANGES": 5}},
            [
                "Only what has changed since the last sync: at least 5 API calls, "
                "instead of 2,104 for everybody"
            ],
        ),
        (
            {"way": "SINGLES", "teams": 1, "calls": 31, "ways": {"ALL": 104, "SINGLES": 31}},
            [
                "The members of 1 team, then those people one by one: at least 31 API calls, "
                "instead of 104 for everybody"
            ],
        ),
        ({**ALL, "why": "WEEKLY"}, [EVERYBODY, "Once a week everything is read."]),
        (
            {**ALL, "shadow": {"people": 0, "members": 0, "changed": 1}},
            [EVERYBODY, "Compared with the changes alone: they lead to the same (1 change)"],
        ),
        (
            {**ALL, "shadow": {"people": 3, "members": 1200, "changed": 9}},
            [EVERYBODY, "Compared with the changes alone: 3 people and 1,200 memberships differ"],
        ),
        (
            {**ALL, "shadow": {"refused": "no_changes"}},
            [
                EVERYBODY,
                "Not compared with the changes alone: Litmos has no list of changes.",
            ],
        ),
    ],
)
def test_the_reading_plan(reading, lines):
    assert reading_lines(reading, "Litmos") == lines


@pytest.mark.parametrize("code", [*WHY_EVERYTHING, "a new one"])
def test_every_reason_to_read_everything_is_worded(code):
    said = why_everything(code, "Litmos")
    assert said.endswith(".")
    assert "{" not in said


@pytest.mark.parametrize(
    ("agreed", "mode", "line"),
    [
        (None, "auto", "Reads everything"),
        (3, "off", "Reads everything"),
        (3, "auto", "Reads only what has changed, and once a week everything"),
        (
            3,
            "shadow",
            "Reads everything, and compares it with the changes alone: 3 of 3 times the same",
        ),
        (
            1,
            "auto",
            "Reads everything, and compares it with the changes alone: 1 of 3 times the same",
        ),
    ],
)
def test_the_nights_to_come(agreed, mode, line, settings):
    settings.CHANGES = mode
    assert nightly_line(None if agreed is None else Mirror(agreed=agreed)) == line
