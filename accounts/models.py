from __future__ import annotations

import zoneinfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.addresses import address_key
from accounts.names import visible


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is not a time zone, such as Europe/Berlin.")


class SeatRule(models.TextChoices):
    STOP = "STOP", "Stop: bring in nobody when not all fit"
    UP_TO_LIMIT = "UP_TO_LIMIT", "Up to the limit"
    IMPORT_ALL = "IMPORT_ALL", "Import all"


class Account(models.Model):
    """A customer. Every other row of the Portal belongs to exactly one; accounts share nothing.

    `leavers_kept_days`: how long people stay who have left their source; empty: for good.
    """

    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    seat_limit = models.PositiveIntegerField(null=True, blank=True)
    seat_rule = models.CharField(
        max_length=20, choices=SeatRule.choices, default=SeatRule.IMPORT_ALL
    )
    account_manager_email = models.EmailField("Account Manager Email", blank=True)
    is_quiet_sync_mailed = models.BooleanField(
        "Also mail nightly syncs that changed nothing", default=False
    )
    is_drift_mailed = models.BooleanField(
        "Mail a weekly report of groups that drift from their source", default=False
    )
    drift_mailed_at = models.DateTimeField(null=True, editable=False)
    is_mfa_required = models.BooleanField("Administrators need a second factor", default=False)
    leavers_kept_days = models.PositiveSmallIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="account_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.name = visible(self.name)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra) -> User:
        user = self.model(email=address_key(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def by_address(self, email: str) -> User | None:
        """Who logs in with it. What the database takes for the same is compared once more."""
        key = address_key(email)
        alike = self.filter(models.Q(email=key) | models.Q(email__iexact=email)).order_by("pk")
        return next((user for user in alike if address_key(user.email) == key), None)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in, by e-mail. What they may do is in their Membership of each account."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = address_key(self.email)


class Role(models.TextChoices):
    ADMINISTRATOR = "ADMINISTRATOR", "Administrator"
    VIEWER = "VIEWER", "Viewer"


class Accepted(models.Manager["Membership"]):
    def get_queryset(self) -> models.QuerySet[Membership]:
        return super().get_queryset().filter(pending_since=None)


class Membership(models.Model):
    """Somebody belongs to an account, from when they accepted on. `pending_since`: since when an invitation
    waits for that; until then the account learns nothing of them but the address that it invited, and they
    nothing of the account but its name. `objects` leaves such a one out, `everyone` has it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)
    pending_since = models.DateTimeField(null=True, editable=False)

    objects = Accepted()
    everyone = models.Manager()  # noqa: DJ012 - no field

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="membership_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.account}"

    @property
    def is_pending(self) -> bool:
        return self.pending_since is not None

    @property
    def shown_as(self) -> str:
        """To the account: by name only once they have accepted."""
        return self.user.email if self.is_pending else str(self.user)

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR


class AppendOnly(Exception):
    """An event of the audit log stays as it was written."""


class AuditEvents(models.QuerySet):
    def update(self, **_fields):
        raise AppendOnly

    def delete(self):
        raise AppendOnly

    def forget(self) -> None:
        """For retention alone."""
        super().delete()

    def rewrite(self, **fields) -> None:
        """For taking an erased person out, alone (`accounts.scrubbing`)."""
        super().update(**fields)


class AuditEvent(models.Model):
    """Who did what, when and from where. Append-only: nothing changes or deletes a row but retention.

    `kind` is a code worded at display (`accounts.audit`), `subject` what it was done to, as it was
    called then; `before`/`after` map names to values, never a secret.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="audit_events")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=255)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=255, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=255, blank=True)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(
        account="account", _manager_class=models.Manager.from_queryset(AuditEvents)
    )

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="audit_event_newest")]

    def __str__(self) -> str:
        return f"{self.actor}: {self.kind} {self.subject}"

    def save(self, *args, **kwargs) -> None:
        if self.pk:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnly


class Scope(models.TextChoices):
    """What an API token may be used for."""

    READ = "READ", "Read groups, courses, campaigns, integrations and syncs"
    PEOPLE_READ = "PEOPLE_READ", "Read targets, changes, actions and enrolments"
    SYNC = "SYNC", "Start, preview and cancel syncs"
    DECIDE = "DECIDE", "Approve or keep held changes"
    ACTIONS_WRITE = "ACTIONS_WRITE", "Send actions"


class ApiToken(models.Model):
    """Lets a program use the API as the account. The token itself is kept nowhere: `hash` tells it, and
    `last4` lets a person tell two apart. `scopes` is a list of Scope. It works only as long as whoever
    made it is an Administrator of the account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_tokens")
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    hash = models.CharField(max_length=64, unique=True)
    last4 = models.CharField(max_length=4)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="api_token_newest")]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last4})"


class ApiAnswer(models.Model):
    """What a call with an idempotency key was answered, so that the same call is answered the same and
    does nothing again. `answer` is JSON."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="api_answer_once"),
        ]

    def __str__(self) -> str:
        return self.key
