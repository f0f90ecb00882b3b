from __future__ import annotations

from urllib.parse import urlsplit
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account


class EventType(models.TextChoices):
    RUN_FINISHED = "run.finished", "A sync has finished"
    RUN_HELD = "run.held", "A sync held changes for a person to decide"
    RUN_FAILED = "run.failed", "A sync failed"
    RUN_CANCELLED = "run.cancelled", "A sync was cancelled"
    ENROLLMENT_COMPLETED = "enrollment.completed", "Somebody completed a course"


#: Sent by hand alone, so it is nothing to choose.
TEST = "webhook.test"


class Endpoint(models.Model):
    """Where an account wants to be told what happened. `events` is a list of EventType. The secret that signs
    is sealed, and opens for this account alone."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="webhooks")
    address = models.CharField(max_length=500)
    description = models.CharField(max_length=100, blank=True)
    events = models.JSONField(default=list)
    secret_sealed = models.TextField(editable=False)
    is_active = models.BooleanField(default=True)
    include_email = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        indexes = [models.Index(fields=["account", "id"], name="webhook_in_order")]

    def __str__(self) -> str:
        return self.description or self.host

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc


class State(models.TextChoices):
    PENDING = "PENDING", "Waiting"
    DELIVERED = "DELIVERED", "Delivered"
    GIVEN_UP = "GIVEN_UP", "Given up"


class Delivery(models.Model):
    """One event for one endpoint, written in the transaction in which it happened: an outbox, and the log.

    `attempts` counts claims and fences what a worker writes; `lease_until` is when an unfinished claim
    may be taken over. `error` is a code of `webhooks.wording`, '' after an answer; `answer` the
    beginning of what was answered to the last attempt, which took `milliseconds`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField(default=uuid4, editable=False)
    type = models.CharField(max_length=40)
    body = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=40, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    tried_at = models.DateTimeField(null=True)

    objects = ScopedManager(account="account")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_once"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="delivery_newest"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="PENDING"), name="delivery_due"
            ),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.endpoint}"
