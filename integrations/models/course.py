from __future__ import annotations

from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from integrations.models.connection import Connection


class Course(models.Model):
    """A course of the LMS. Inactive or gone ones are marked, never deleted."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="courses")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="courses")
    integration_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    code = models.CharField(max_length=255, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    gone_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "integration_id"], name="course_unique"),
        ]
        indexes = [models.Index(fields=["account", "name", "id"], name="course_by_name")]

    def __str__(self) -> str:
        return self.name
