from __future__ import annotations

from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from groups.names import name_key


class Group(models.Model):
    """A named set of people who can be phished together.

    `source` is the key of the provider the group follows, empty for one made by hand.
    `people` are those active in it (kept by `targets.tallies`).
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=255, editable=False)
    source = models.CharField(max_length=40, blank=True, default="")
    auto_sync = models.BooleanField("Auto-Sync", default=False)
    smart_sync = models.BooleanField("Smart-Sync", default=False)
    locked = models.BooleanField("Lock", default=False)
    is_archived = models.BooleanField("Archived", default=False)
    people = models.PositiveIntegerField(default=0, editable=False)
    last_synced_at = models.DateTimeField("Last sync", null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name_key"], name="group_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs) -> None:
        self.name_key = name_key(self.name)
        super().save(**kwargs)
