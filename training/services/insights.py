"""Remediation over time: failures, enrolments, completions and how many days they take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.charts import Chart, bar_chart, shown
from accounts.models import Account
from groups.models import Group
from targets.models import GroupMembership
from training.models import WATCHED, Campaign, Enrollment, State, is_remediated
from training.services.failures import failing_actions, first_failures

DAYS_SHOWN, WEEKS_SHOWN = 31, 180
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which people, campaigns and days. The days end today, by the clocks of the account."""

    account: Account
    days: int
    campaign: Campaign | None = None
    group: Group | None = None
    now: datetime | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.account.time_zone)

    @property
    def today(self) -> date:
        return (self.now or timezone.now()).astimezone(self.zone).date()

    @property
    def first(self) -> date:
        return self.today - timedelta(days=self.days - 1)

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, datetime.min.time(), tzinfo=self.zone)

    def bucket(self, day: date) -> date:
        """The day, week or month in which a day is counted, by how many days are shown."""
        if self.days <= DAYS_SHOWN:
            return day
        if self.days <= WEEKS_SHOWN:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1)

    def buckets(self) -> list[date]:
        days = (self.first + timedelta(days=at) for at in range(self.days))
        return list(dict.fromkeys(self.bucket(day) for day in days))

    def label(self, bucket: date) -> str:
        return f"{bucket:%b %Y}" if self.days > WEEKS_SHOWN else f"{bucket.day} {bucket:%b}"


@dataclass(frozen=True, slots=True)
class Totals:
    """`people` are those who failed, enrolled or not. `days` is the median from enrolment to completion; None
    while nobody has completed."""

    people: int
    enrolled: int
    completed: int
    open: int
    days: float | None

    @property
    def share(self) -> int:
        return round(100 * self.completed / self.enrolled) if self.enrolled else 0

    @property
    def days_shown(self) -> str:
        return shown(round(self.days, 1)) if self.days is not None else "–"


@dataclass(frozen=True, slots=True)
class Compared:
    name: str
    people: int
    enrolled: int
    completed: int
    overdue: int

    @property
    def share(self) -> int:
        return round(100 * self.completed / self.enrolled) if self.enrolled else 0


def charts_of(scope: Scope) -> list[Chart]:
    """Four charts from three queries and those for the campaigns, however many rows there are."""
    buckets = scope.buckets()
    labels = [scope.label(one) for one in buckets]
    counted = {
        "Failures": _counted(scope, [first for _, _, first in _failures(scope)]),
        "Enrolments": _by_bucket(scope, _enrolled(scope), "created_at"),
    }
    days = _days_by_bucket(scope)
    counted["Completions"] = {bucket: len(all_days) for bucket, all_days in days.items()}
    made = [
        bar_chart(title, labels, [found.get(one, 0) for one in buckets], gist=_gist(found))
        for title, found in counted.items()
    ]
    medians = [round(median(days[one]), 1) if one in days else None for one in buckets]
    told = f"{sum(one is not None for one in medians)} of {len(medians)} with a completion."
    return [*made, bar_chart("Median days to complete", labels, medians, gist=told)]


def _gist(found: dict[date, int]) -> str:
    return f"{sum(found.values()):,} in all, {max(found.values(), default=0):,} at the most."


def _failures(scope: Scope) -> list[tuple[int, str, datetime]]:
    """Campaign, who and when, of the people who first failed it in these days."""
    campaigns = [scope.campaign] if scope.campaign else Campaign.objects.only("failing")
    rows = _narrowed(scope, failing_actions(campaigns))
    return list(first_failures(rows).filter(first__gte=scope.since))


def _enrolled(scope: Scope) -> QuerySet[Enrollment]:
    return _narrowed(scope, Enrollment.objects.filter(created_at__gte=scope.since))


def _narrowed(scope: Scope, rows: QuerySet) -> QuerySet:  # type: ignore[type-arg]
    if scope.campaign:
        rows = rows.filter(campaign=scope.campaign)
    if scope.group:
        members = GroupMembership.objects.filter(group=scope.group, is_active=True)
        rows = rows.filter(target__in=members.values("target"))
    return rows


def _by_bucket(scope: Scope, rows: QuerySet, name: str) -> dict[date, int]:  # type: ignore[type-arg]
    by_day = rows.annotate(day=TruncDate(name, tzinfo=scope.zone)).order_by()
    found: dict[date, int] = {}
    for day, number in by_day.values_list("day").annotate(number=Count("pk")):
        bucket = scope.bucket(day)
        found[bucket] = found.get(bucket, 0) + number
    return found


def _counted(scope: Scope, moments: Iterable[datetime]) -> dict[date, int]:
    return Counter(scope.bucket(at.astimezone(scope.zone).date()) for at in moments)


def _completed(scope: Scope) -> QuerySet[Enrollment]:
    rows = Enrollment.objects.filter(is_remediated(), completed_at__gte=scope.since)
    return _narrowed(scope, rows)


def _days_by_bucket(scope: Scope) -> dict[date, list[float]]:
    found: dict[date, list[float]] = {}
    times = _completed(scope).order_by().values_list("created_at", "completed_at")
    for created_at, completed_at in times.iterator():
        if completed_at is None:
            continue
        bucket = scope.bucket(completed_at.astimezone(scope.zone).date())
        seconds = (completed_at - created_at).total_seconds()
        found.setdefault(bucket, []).append(max(seconds, 0.0) / SECONDS_A_DAY)
    return found


def totals_of(scope: Scope) -> Totals:
    is_open = Q(state__in=(State.WAITING, State.REQUESTED, *WATCHED))
    counted = _enrolled(scope).aggregate(
        enrolled=Count("pk"),
        completed=Count("pk", filter=is_remediated()),
        open=Count("pk", filter=is_open),
    )
    people = len({who for _, who, _ in _failures(scope)})
    all_days = [one for days in _days_by_bucket(scope).values() for one in days]
    return Totals(people=people, days=median(all_days) if all_days else None, **counted)


def compared(scope: Scope, by: str) -> list[Compared]:
    """By "campaign__name", or by the "target__memberships__group__name" of those active in it."""
    rows = _enrolled(scope)
    if by != "campaign__name":
        rows = rows.filter(target__memberships__is_active=True)
    found = (
        rows.order_by()
        .values_list(by)
        .annotate(
            people=Count("target", distinct=True),
            enrolled=Count("pk", distinct=True),
            completed=Count("pk", filter=is_remediated(), distinct=True),
            overdue=Count("pk", filter=Q(state=State.OVERDUE), distinct=True),
        )
        .order_by(by)
    )
    return [Compared(*row) for row in found]


def open_remediations() -> int:
    """Enrolments of the account in scope that are not over."""
    return Enrollment.objects.filter(state__in=(State.WAITING, State.REQUESTED, *WATCHED)).count()
