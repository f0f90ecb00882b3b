"""Erases one person everywhere, so that no sync brings them back; and tells all that is known of one."""

from __future__ import annotations

from typing import Any

from django.core.serializers.python import Serializer
from django.db import transaction
from django.db.models import CharField, F, Q, QuerySet
from django.db.models.functions import Cast

from accounts import audit
from accounts.models import User
from accounts.scrubbing import audit_events_about, scrub_audit_log
from integrations.models import Connection, TargetLink
from integrations.services.erasing import Traces, erase_from_syncs, lock_connections
from targets import tallies
from targets.models import GroupMembership, ImportDraft, Target
from targets.suppression import suppress
from training.models import (
    Action,
    Enrollment,
    Login,
    PersonLink,
    TimelineEntry,
    ToldCompletion,
)
from webhooks.models import Delivery


@transaction.atomic
def erase_person(*, target: Target, user: User | None) -> None:
    """In one transaction. What courses the LMS has assigned is the LMS's, and stays there. Raises
    `integrations.services.erasing.RunOpen`."""
    account = target.account
    lock_connections(account.pk)
    traces = Traces.of(target)
    providers = dict(Connection.objects.values_list("pk", "provider"))
    ids = {(providers[connection], one) for connection, one in _ids(traces)}
    suppress(account=account, keys=[target.email_key], ids=ids, user=user)
    take_out(traces)
    tallies.count_targets(account)
    audit.record(account=account, kind="TARGET_ERASED", subject="one person", user=user)


def take_out(traces: Traces) -> None:
    """Within a transaction that holds the connections. The account's own tally is left to the caller."""
    target = traces.target
    erase_from_syncs(traces)
    _erase_from_training(traces)
    ImportDraft.objects.filter(rows__icontains=target.email).delete()
    scrub_audit_log(account=target.account, words=traces.words, target_id=target.pk)
    groups = set(GroupMembership.objects.filter(target=target).values_list("group_id", flat=True))
    target.delete()
    for group_id in sorted(groups):
        tallies.recount_group(group_id)


def _ids(traces: Traces) -> set[tuple[int, str]]:
    links = PersonLink.objects.filter(target=traces.target)
    return {*traces.ids, *links.values_list("connection_id", "integration_id")}


def _erase_from_training(traces: Traces) -> None:
    """Actions stay without a name, so that the figures of a campaign do; enrolments go with the person."""
    _actions(traces).update(email="", target=None)
    _logins(traces).delete()
    _told(traces).delete()
    for delivery in _deliveries(traces):
        delivery.body = traces.words.taken_out_of_json(delivery.body)
        delivery.save(update_fields=["body"])


def _actions(traces: Traces) -> QuerySet[Action]:
    return Action.objects.filter(Q(target=traces.target) | Q(email__iexact=traces.target.email))


def _logins(traces: Traces) -> QuerySet[Login]:
    found = Q(email_key=traces.target.email_key)
    for connection_id, integration_id in _ids(traces):
        found |= Q(connection_id=connection_id, integration_id=integration_id)
    return Login.objects.filter(found)


def _deliveries(traces: Traces) -> QuerySet[Delivery]:
    told = Cast(F("body"), CharField())
    return Delivery.objects.annotate(told=told).filter(told__icontains=traces.target.email)


def _told(traces: Traces) -> QuerySet[ToldCompletion]:
    found = Q(pk=None)
    for connection_id, integration_id in _ids(traces):
        found |= Q(connection_id=connection_id, person_id=integration_id)
    return ToldCompletion.objects.filter(found)


def all_about(target: Target) -> dict[str, Any]:
    """Every row that tells something of this person, by table."""
    traces = Traces.of(target)
    rows: dict[str, QuerySet[Any]] = {
        "target": Target.objects.filter(pk=target.pk),
        "memberships": GroupMembership.objects.filter(target=target),
        "links": TargetLink.objects.filter(target=target),
        "lms_links": PersonLink.objects.filter(target=target),
        "log_lines": traces.changes(),
        "actions": _actions(traces),
        "enrollments": Enrollment.objects.filter(target=target),
        "timeline": TimelineEntry.objects.filter(enrollment__target=target),
        "logins": _logins(traces),
        "completions": _told(traces),
        "webhook_events": _deliveries(traces),
        "emails": traces.mails(),
        "audit_log": audit_events_about(
            account=target.account, words=traces.words, target_id=target.pk
        ),
    }
    return {name: _plain(found.order_by("pk")) for name, found in rows.items()}


def _plain(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    found = Serializer().serialize(rows)
    return [{"id": row["pk"], **row["fields"]} for row in found]
