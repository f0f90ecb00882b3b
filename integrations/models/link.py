"""Our row ↔ their id, for one connection."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from groups.models import Group
from integrations.models.connection import Connection
from targets.models import Target


class GroupLink(models.Model):
    """A group and the remote team it follows. `gone_at`: since when the team is no longer there.
    `joining` and `leaving`: how many people a sync of the group would have let in and out when they were
    last compared, at `compared_at`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="group_links")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="links")
    integration_id = models.CharField(max_length=64)
    remote_name = models.CharField(max_length=255)
    joining = models.PositiveIntegerField(default=0, editable=False)
    leaving = models.PositiveIntegerField(default=0, editable=False)
    compared_at = models.DateTimeField(null=True, editable=False)
    gone_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "integration_id"], name="group_link_id_unique"
            ),
            models.UniqueConstraint(fields=["group"], name="group_link_group_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.group} = {self.integration_id}"


class TargetLink(models.Model):
    """A target and its person at the provider. `fingerprint` is of the record last applied: an equal
    one means that nothing needs to be written. `gone_at`: since when they are inactive or gone."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    connection = models.ForeignKey(
        Connection,
        on_delete=models.CASCADE,
        related_name="target_links",
        db_index=False,
        db_constraint=False,
    )
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="links")
    integration_id = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, blank=True)
    gone_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "integration_id"], name="target_link_id_unique"
            ),
            models.UniqueConstraint(fields=["connection", "target"], name="target_link_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.target} = {self.integration_id}"
