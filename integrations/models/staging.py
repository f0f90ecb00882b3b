"""What a run has read so far. Rows go in once, page by page; those of a complete reading are kept as the
connection's mirror until the next one, all others are emptied when their run ends."""

from __future__ import annotations

from django.db import models

from integrations.models.run import SyncRun
from targets.models import PersonFields


class Staged(models.Model):
    run = models.ForeignKey(
        SyncRun, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    integration_id = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.integration_id


class StagedTeam(Staged):
    """`is_in_scope`: this run changes its group. `members_read` is the offset of the next page of
    members; `is_read` once the last page is in; `is_missing` when Litmos answered 404 for it.
    `is_listed` is off for a team known from before that the list of teams no longer has."""

    name = models.CharField(max_length=255)
    parent_id = models.CharField(max_length=64, blank=True)
    is_in_scope = models.BooleanField(default=False)
    group_id = models.BigIntegerField(null=True)
    members_read = models.PositiveIntegerField(default=0)
    is_read = models.BooleanField(default=False)
    is_missing = models.BooleanField(default=False)
    is_listed = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "integration_id"], name="staged_team_unique")
        ]


class StagedPerson(Staged, PersonFields):
    """The plan marks who `is_outside` (inactive, unreadable, or in no team that
    this run covers), of the others who `is_contested` (has the address of somebody else), and who
    `is_changed`: nobody else can have a row. `notes` is
    [[code, field, value]] (contract.records.Note). `changed_at` is the provider's, of a row that came from
    its list of changes."""

    email = models.CharField(max_length=255, blank=True)
    email_problem = models.CharField(max_length=20, blank=True)
    raw_email = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField()
    is_readable = models.BooleanField(default=True)
    is_outside = models.BooleanField(default=False)
    is_contested = models.BooleanField(default=False)
    is_changed = models.BooleanField(default=False)
    notes = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "integration_id"], name="staged_person_unique")
        ]
        indexes = [
            models.Index(fields=["run", "email_key"], name="staged_person_by_email"),
            models.Index(
                fields=["run", "email_key"],
                condition=models.Q(is_contested=True),
                name="staged_person_contested",
            ),
        ]


class StagedMember(models.Model):
    run = models.ForeignKey(
        SyncRun, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    team_id = models.CharField(max_length=64)
    person_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person_id", "team_id"], name="staged_member_unique"
            )
        ]
        indexes = [models.Index(fields=["run", "team_id"], name="staged_member_by_team")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.team_id}"


class StagedMove(models.Model):
    """Who joined or left a team by the list of changes: the newest that it tells of each pair."""

    run = models.ForeignKey(
        SyncRun, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    team_id = models.CharField(max_length=64)
    person_id = models.CharField(max_length=64)
    is_member = models.BooleanField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person_id", "team_id"], name="staged_move_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {'joined' if self.is_member else 'left'} {self.team_id}"


class StagedCourse(Staged):
    name = models.CharField(max_length=255)
    code = models.CharField(max_length=255, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "integration_id"], name="staged_course_unique")
        ]
