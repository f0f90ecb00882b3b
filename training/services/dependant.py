"""What enrolments have to do with an integration that is turned off or removed."""

from __future__ import annotations

from integrations.models import Connection
from training.models import TO_ASK, WATCHED, Enrollment
from training.services.taking_back import withdraw_all


class OpenEnrollments:
    name = "enrollments"

    def count(self, connection: Connection) -> int:
        open_ones = (*TO_ASK, *WATCHED)
        return Enrollment.objects.filter(connection=connection, state__in=open_ones).count()

    def told_when_off(self, number: int) -> str:
        return (
            f"Withdraw {_enrolments(number)}. Otherwise what waits ends as not possible when it is due,"
            " and what is assigned stays and is watched until completed"
        )

    def told_when_removed(self, number: int) -> str:
        return (
            f"{_enrolments(number)}: what waits ends as not possible"
            " when it is due, and what is assigned stays at the LMS and is no longer watched."
        )

    def stop(self, connection: Connection) -> int:
        """What is at the LMS already is taken back there."""
        rows = Enrollment.objects.filter(connection=connection)
        return withdraw_all(rows=rows, reason="integration_off").total


def _enrolments(number: int) -> str:
    return f"{number:,} open enrolment{'' if number == 1 else 's'}"
