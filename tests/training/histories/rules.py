"""What is to come of actions, worked out from the rules alone: who is enrolled in what, and how each
enrolment ends once everything works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from groups.models import Group
from integrations.models import Connection, Course, TargetLink
from targets.models import GroupMembership, Target
from tests.training.histories.record import Recording
from training.models import Campaign, Enrollment, GroupLms, PersonLink
from training.services.taking import NewAction

OPEN, WATCHED = ("WAITING", "REQUESTED"), ("ASSIGNED", "IN_PROGRESS", "OVERDUE")
Made = tuple[int, int, str, str]


@dataclass(frozen=True)
class Rules:
    account_id: int
    tenant: Recording

    def enrolments_of(self, campaign: Campaign, one: NewAction, now: datetime) -> set[Made]:
        """(target, course, state, reason) of what a new action makes."""
        target = Target.objects.filter(email=one.email).first()
        if campaign.state != "RUNNING" or one.is_bot or one.kind not in campaign.failing:
            return set()
        if target is None or not (groups := self._groups(campaign, target)):
            return set()
        lms = self._lms(groups)
        return {
            (target.pk, course.pk, *self._first_state(course, lms))
            for course in campaign.courses.all()
            if not self._is_spoken_for(campaign, target, course, now)
        }

    def _groups(self, campaign: Campaign, target: Target) -> list[Group]:
        seats = GroupMembership.objects.filter(
            target=target, is_active=True, group__in=campaign.groups.all()
        )
        return sorted(
            (
                seat.group
                for seat in seats.select_related("group")
                if target.is_active
                and not seat.group.is_archived
                and (seat.group.smart_sync or seat.created_at <= campaign.started_at)
            ),
            key=lambda group: group.name_key,
        )

    def _lms(self, groups: list[Group]) -> Connection | None:
        """Of the first group that has one: its own, else the account's default."""
        for group in groups:
            own = GroupLms.objects.filter(group=group).first()
            default = Connection.objects.filter(default_lms="ALL_GROUPS").first()
            lms = own.connection if own else default
            if lms:
                return lms
        return None

    def _first_state(self, course: Course, lms: Connection | None) -> tuple[str, str]:
        if lms is None:
            return "NOT_POSSIBLE", "no_lms"
        if course.gone_at or not course.is_active:
            return "NOT_POSSIBLE", "course_inactive"
        return ("WAITING", "") if lms.is_active else ("NOT_POSSIBLE", "integration_off")

    def _is_spoken_for(
        self, campaign: Campaign, target: Target, course: Course, now: datetime
    ) -> bool:
        since = now - timedelta(days=campaign.not_again_days)
        rows = Enrollment.objects.filter(target=target, course=course)
        return any(
            row.state in OPEN or (row.state in (*WATCHED, "COMPLETED") and row.created_at > since)
            for row in rows
        )

    def ends_of(self, row: Enrollment) -> set[tuple[str, str]]:
        """The (state, reason) that an open or watched row may have once everything works."""
        course = row.course.integration_id
        person = self._person(row)
        there = self.tenant.assignments(person).get(course) if person else None
        is_ours_to_watch = row.state in WATCHED
        if is_ours_to_watch and there is None:
            return {(row.state, row.reason)}
        if there is not None:
            state = self._progress(there)
            reasons = {row.reason} if is_ours_to_watch else {"", "already"}
            never_looked_at = set() if row.asked_at else self._obstacles(row)
            return (
                never_looked_at
                | {(state, reason) for reason in reasons}
                | self._no_step_back(row, reasons)
            )
        return self._not_there(row, person, course)

    def _no_step_back(self, row: Enrollment, reasons: set[str]) -> set[tuple[str, str]]:
        """A list that says less than was known changes nothing."""
        return {(row.state, reason) for reason in reasons} if row.state == "OVERDUE" else set()

    def _not_there(self, row: Enrollment, person: str, course: str) -> set[tuple[str, str]]:
        ends = self._obstacles(row)
        if course not in self.tenant.courses:
            ends.add(("NOT_POSSIBLE", "course_missing"))
        if not person:
            ends |= {("NOT_POSSIBLE", "no_account"), ("NOT_POSSIBLE", "person_missing")}
        return ends or {("ASSIGNED", "")}

    def _obstacles(self, row: Enrollment) -> set[tuple[str, str]]:
        ends: set[tuple[str, str]] = set()
        if not row.connection.is_active:
            ends.add(("NOT_POSSIBLE", "integration_off"))
        if row.course.gone_at or not row.course.is_active:
            ends.add(("NOT_POSSIBLE", "course_inactive"))
        return ends

    def _person(self, row: Enrollment) -> str:
        """Their id at Litmos: as a sync or an earlier look-up has it, else by the e-mail."""
        for kind in (TargetLink, PersonLink):
            link = kind.objects.filter(connection=row.connection_id, target=row.target_id).first()
            if link:
                return link.integration_id if link.integration_id in self.tenant.rows else ""
        same = [
            key
            for key, user in self.tenant.users.items()
            if user["Active"] and user["Email"].casefold() == row.target.email.casefold()
        ]
        return same[0] if same else ""

    @staticmethod
    def _progress(there) -> str:
        if there.completed:
            return "COMPLETED"
        if there.is_overdue:
            return "OVERDUE"
        return "IN_PROGRESS" if there.percentage or there.started else "ASSIGNED"
