"""What the syncs of an account did over time, as charts for the dashboard. People are not counted for it:
every run keeps its own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models.fields.json import KT

from accounts.charts import Chart, Series, side_by_side_chart, stacked_chart
from accounts.models import Account
from integrations.models import Status, SyncRun

WEEKS, DAYS = 12, 30
CAME = ("PERSON.CREATE.APPLIED", "PERSON.REACTIVATE.APPLIED")
LEFT = ("PERSON.DEACTIVATE.APPLIED",)
NUMBERS = [KT(f"counts__{name}") for name in (*CAME, *LEFT)]
REST = "Cancelled or undone"
OUTCOMES = (
    ("Synced", "good", (Status.SYNCED,)),
    ("With warnings", "warning", (Status.WARNINGS,)),
    ("Held", "held", (Status.HELD,)),
    ("Failed", "bad", (Status.FAILED,)),
    (REST, "rest", (Status.CANCELLED, Status.UNDONE)),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended on this day; how many people came and left by it."""

    day: date
    status: str
    came: int
    left: int


def sync_charts(account: Account, now: datetime) -> list[Chart]:
    """From one query."""
    zone = ZoneInfo(account.time_zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=at) for at in reversed(range(WEEKS))]
    days = [today - timedelta(days=at) for at in reversed(range(DAYS))]
    ended = _ended_since(datetime.combine(weeks[0], datetime.min.time(), tzinfo=zone))
    return [_people_chart(ended, weeks), _outcome_chart(ended, days)]


def _ended_since(since: datetime) -> list[Ended]:
    runs = SyncRun.objects.filter(finished_at__gte=since, is_preview=False).order_by()
    rows = runs.values_list("finished_at", "status", *NUMBERS)
    return [
        Ended(
            finished_at.astimezone(since.tzinfo).date(),
            status,
            came=_sum(numbers[: len(CAME)]),
            left=_sum(numbers[len(CAME) :]),
        )
        for finished_at, status, *numbers in rows.iterator()
        if finished_at
    ]


def _sum(numbers: Sequence[str | int | None]) -> int:
    return sum(int(number or 0) for number in numbers)


def _people_chart(ended: list[Ended], weeks: list[date]) -> Chart:
    came, left = dict.fromkeys(weeks, 0), dict.fromkeys(weeks, 0)
    for run in ended:
        week = run.day - timedelta(days=run.day.weekday())
        if week in came:
            came[week] += run.came
            left[week] += run.left
    series = [
        Series("Came", "good", list(came.values())),
        Series("Left", "rest", list(left.values())),
    ]
    gist = f"{sum(came.values()):,} came and {sum(left.values()):,} left in {WEEKS} weeks."
    title = "People who came and left with syncs, by week"
    return side_by_side_chart(title, _labels(weeks), series, gist=gist)


def _outcome_chart(ended: list[Ended], days: list[date]) -> Chart:
    counted = {name: dict.fromkeys(days, 0) for name, _tone, _statuses in OUTCOMES}
    names = {status: name for name, _tone, statuses in OUTCOMES for status in statuses}
    for run in ended:
        name = names.get(Status(run.status))
        if name and run.day in counted[name]:
            counted[name][run.day] += 1
    series = [Series(name, tone, list(counted[name].values())) for name, tone, _ in OUTCOMES]
    sums = {one.name: sum(one.values) for one in series}
    gist = ", ".join(f"{number:,.0f} {name.lower()}" for name, number in sums.items() if number)
    title = "Syncs a day, by how they ended"
    return stacked_chart(title, _labels(days), series, gist=f"{gist or 'None'} in {DAYS} days.")


def _labels(days: list[date]) -> list[str]:
    return [f"{day.day} {day:%b}" for day in days]
