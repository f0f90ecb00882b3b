"""One time for the Portal, its lanes and the rehearsal Litmos, which only passes when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import DateTimeField, Value

BEGIN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=3)


class Clock:
    def __init__(self) -> None:
        self.moment = BEGIN

    def now(self) -> datetime:
        """A little later each time it is asked."""
        self.moment += TICK
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def in_sql(self) -> Value:
        return Value(self.now(), output_field=DateTimeField())
