from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account, User


class SyncContent(models.TextChoices):
    COURSES = "COURSES", "Courses Only"
    COURSES_USERS = "COURSES_USERS", "Courses & Users"


class DefaultLms(models.TextChoices):
    ALL_GROUPS = "ALL_GROUPS", "All Groups"
    NONE = "NONE", "None"


class FieldRule(models.TextChoices):
    FOLLOW = "FOLLOW", "Follow the source"
    KEEP = "KEEP", "Keep the Portal's value"
    LEAVE_OUT = "LEAVE_OUT", "Leave out"


class SealedKey(models.Model):
    """A sealed API key and what may be shown of it. `api_key_sealed` opens only through
    `integrations.vault`, and only in the context it was sealed for."""

    vault_id = models.UUIDField(default=uuid4, editable=False)
    api_key_sealed = models.TextField(blank=True, editable=False)
    api_key_last4 = models.CharField(max_length=4, blank=True, editable=False)
    api_key_fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def vault_context(self) -> str:
        return f"{type(self).__name__}:{self.account_id}:{self.vault_id}"  # type: ignore[attr-defined]


class Connection(SealedKey):
    """A provider set up in an account. `thresholds` are the guard's numbers (`sync.guard.Thresholds`);
    an empty object means the defaults. `field_rules` maps a field of a person to a FieldRule; one that
    is missing is followed. `hold_mailed` is the hash of the hold last told by e-mail."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="connections")
    provider = models.CharField(max_length=40)
    region = models.CharField(max_length=60)
    key_set_at = models.DateTimeField(null=True, editable=False)
    key_set_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    is_active = models.BooleanField("Active", default=False)
    sync_content = models.CharField(
        "Sync Content Option",
        max_length=20,
        choices=SyncContent.choices,
        default=SyncContent.COURSES_USERS,
    )
    default_lms = models.CharField(
        "Group Default LMS Connection for Auto-Enrolling",
        max_length=20,
        choices=DefaultLms.choices,
        default=DefaultLms.NONE,
    )
    sync_all_groups = models.BooleanField("Sync All Groups", default=True)
    thresholds = models.JSONField(default=dict, blank=True)
    field_rules = models.JSONField(default=dict, blank=True)
    next_auto_sync_at = models.DateTimeField(null=True, editable=False)
    auto_sync_zone = models.CharField(max_length=64, blank=True, editable=False)
    people_good_at = models.DateTimeField(null=True, editable=False)
    courses_good_at = models.DateTimeField(null=True, editable=False)
    key_refused_since = models.DateTimeField(null=True, editable=False)
    failure_mailed_code = models.CharField(max_length=40, blank=True, editable=False)
    hold_mailed = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "provider"], name="connection_unique"),
        ]
        indexes = [models.Index(fields=["next_auto_sync_at"], name="connection_by_due")]

    def __str__(self) -> str:
        return f"{self.provider} of {self.account}"


class ChosenTeam(models.Model):
    """A team ticked in the setup form; the name is kept so that a gone team can be shown."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="chosen_teams"
    )
    integration_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "integration_id"], name="chosen_team_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Probe(SealedKey):
    """One connection test. A passed one lets Save use its key and region for 30 minutes; `teams` is
    [{"id", "name", "path"}] in order of path, `steps` the lines shown, `counts` people/teams/courses."""

    VALID_FOR = timedelta(minutes=30)

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=40)
    region = models.CharField(max_length=60)
    has_passed = models.BooleanField(default=False)
    steps = models.JSONField(default=list)
    teams = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return f"test of {self.provider} at {self.created_at:%Y-%m-%d %H:%M}"

    def is_valid_at(self, moment) -> bool:
        return self.has_passed and moment - self.created_at <= self.VALID_FOR
