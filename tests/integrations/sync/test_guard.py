"""Which removals wait for a person: each limit at its edge, one step to either side."""

from dataclasses import replace

import pytest

from integrations.sync.guard import Figures, GroupFigures, Thresholds, Verdict, judge

LIMITS = Thresholds()
#: A company of a thousand in forty teams, read as it is.
QUIET = Figures(
    received=1000,
    unreadable=0,
    known=1000,
    seen=1000,
    active=1000,
    leaving=0,
    teams=40,
    teams_gone=0,
)


def judged(limits: Thresholds = LIMITS, **figures) -> Verdict:
    return judge(replace(QUIET, **figures), limits)


def test_nothing_unusual_is_held():
    assert judged() == Verdict()


@pytest.mark.parametrize(
    ("active", "leaving", "reason"),
    [
        (40, 10, ""),  # a quarter, but no more than ten
        (40, 11, "removals"),
        (55, 11, ""),  # more than ten, but no more than a fifth
        (54, 11, "removals"),
        (10_000, 500, ""),
        (10_000, 501, "removals"),  # a twentieth, but more than 500
    ],
)
def test_people_who_would_be_in_no_group(active, leaving, reason):
    assert judged(active=active, leaving=leaving) == Verdict(removals=reason)


@pytest.mark.parametrize(
    ("teams", "gone", "reason"),
    [
        (10, 3, ""),  # nearly a third, but no more than three
        (10, 4, "team_removals"),
        (20, 4, ""),  # more than three, but no more than a fifth
        (19, 4, "team_removals"),
    ],
)
def test_teams_that_are_gone(teams, gone, reason):
    assert judged(teams=teams, teams_gone=gone) == Verdict(teams=reason)


@pytest.mark.parametrize(
    ("active", "leaving", "is_emptied", "groups"),
    [
        (10, 10, False, {}),
        (20, 11, False, {7: "group_removals"}),
        (22, 11, False, {}),
        (21, 11, False, {7: "group_removals"}),
        (3, 1, True, {7: "team_empty"}),
        (0, 0, True, {}),
    ],
)
def test_people_who_would_leave_a_group(active, leaving, is_emptied, groups):
    one = GroupFigures(active=active, leaving=leaving, is_emptied=is_emptied)
    assert judged(groups={7: one}) == Verdict(groups=groups)


@pytest.mark.parametrize(
    ("figures", "everything"),
    [
        ({"received": 0, "known": 1, "seen": 1}, "tenant_empty"),
        ({"received": 0, "known": 0, "seen": 0}, ""),
        ({"received": 10, "unreadable": 2}, ""),
        ({"received": 10, "unreadable": 3}, "unreadable"),
    ],
)
def test_a_reading_that_is_wrong_as_a_whole(figures, everything):
    assert judged(**figures) == Verdict(everything=everything)


@pytest.mark.parametrize(
    ("known", "seen", "strangers", "everything", "removals"),
    [
        (10, 0, 0, "", ""),  # too few are known to say
        (11, 6, 0, "", ""),
        (11, 5, 0, "", "half_gone"),
        (1000, 500, 0, "", ""),
        (1000, 499, 499, "", "half_gone"),
        (1000, 499, 500, "half_unknown", "half_gone"),  # another company
        (1000, 500, 1000, "", ""),
    ],
)
def test_half_of_the_known_people_are_missing(known, seen, strangers, everything, removals):
    verdict = judged(known=known, seen=seen, strangers=strangers)
    assert verdict == Verdict(everything=everything, removals=removals)


def test_without_limits_numbers_hold_nothing_and_a_wrong_reading_does():
    off = replace(LIMITS, is_off=True)
    many = GroupFigures(active=900, leaving=900)
    assert judged(off, leaving=1000, teams_gone=40, groups={7: many}) == Verdict()
    assert judged(off, seen=400) == Verdict(removals="half_gone")
    assert judged(off, seen=400, strangers=401).everything == "half_unknown"
    assert judged(off, unreadable=300).everything == "unreadable"
    emptied = GroupFigures(active=3, leaving=1, is_emptied=True)
    assert judged(off, groups={7: emptied}) == Verdict(groups={7: "team_empty"})
