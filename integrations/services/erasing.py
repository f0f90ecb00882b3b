"""Takes one person out of what the syncs have kept: logs, evidence, what was read, e-mails."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, F, Q, QuerySet
from django.db.models.functions import Cast

from accounts.scrubbing import ERASED, Words
from integrations.models import (
    OPEN_STATUSES,
    Change,
    Connection,
    Outcome,
    SentMail,
    StagedPerson,
    SyncRun,
    TargetLink,
)
from integrations.services.deciding import close_if_decided
from integrations.sync.erased import NOTHING
from targets.models import Target


class RunOpen(Exception):
    """A sync is at work, and what it has read can't be taken back from it."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Who somebody is to the syncs: `ids` are (connection id, id at the provider)."""

    target: Target
    words: Words
    ids: frozenset[tuple[int, str]]

    @classmethod
    def of(cls, target: Target) -> Traces:
        links = TargetLink.objects.filter(target=target)
        ids = frozenset(links.values_list("connection_id", "integration_id"))
        names = {target.name, f"{target.first_name} {target.last_name}".strip()}
        return cls(target, Words((target.email, target.email_key), tuple(names)), ids)

    def changes(self) -> QuerySet[Change]:
        """Rows about them, or that name them."""
        found = Q(target_id=self.target.pk)
        for connection_id, integration_id in self.ids:
            found |= Q(run__connection_id=connection_id, integration_id=integration_id)
        for email in self.words.emails:
            found |= Q(detail__icontains=email) | Q(label__icontains=email)
            found |= Q(args__icontains=email)
        for name in self.words.names:
            found |= Q(reason="EMAIL_TAKEN", args__icontains=name) if name else Q()
        args = Cast(F("reason_args"), CharField())
        return Change.objects.annotate(args=args).filter(found)

    def runs(self) -> QuerySet[SyncRun]:
        """Those that ended with an error whose text names them."""
        found = Q(pk=None)
        for word in self.words.all:
            found |= Q(error_detail__icontains=word)
        return SyncRun.objects.filter(found, account_id=self.target.account_id)

    def mails(self) -> QuerySet[SentMail]:
        found = Q(pk=None)
        for word in self.words.all:
            found |= Q(text__icontains=word) | Q(html__icontains=word) | Q(subject__icontains=word)
        return SentMail.objects.filter(found)


def lock_connections(account_id: int) -> None:
    """So that no sync begins meanwhile. Raises RunOpen."""
    list(Connection.objects.select_for_update().filter(account_id=account_id))
    if SyncRun.objects.filter(account_id=account_id, status__in=OPEN_STATUSES).exists():
        raise RunOpen


def erase_from_syncs(traces: Traces) -> int:
    """Rows stay, without whom they are about: the log's numbers still add up. What was held of them is
    decided by that. Returns how many rows."""
    rows = list(traces.changes())
    held_in = {row.run_id for row in rows if row.outcome == Outcome.HELD}
    for row in rows:
        _scrub(row, traces)
    for run in SyncRun.objects.filter(pk__in=held_in):
        close_if_decided(run)
    for connection_id, integration_id in traces.ids:
        mine = SyncRun.objects.filter(connection_id=connection_id)
        mine.filter(person_id=integration_id).update(evidence=[])
        read = StagedPerson.objects.filter(run__in=mine, integration_id=integration_id)
        _blank(read)
    _blank(
        StagedPerson.objects.filter(
            run__account_id=traces.target.account_id, email_key=traces.target.email_key
        )
    )
    for run in traces.runs():
        run.error_detail = traces.words.taken_out_of(run.error_detail)[:255]
        run.save(update_fields=["error_detail"])
    for mail in traces.mails():
        mail.subject = traces.words.taken_out_of(mail.subject)
        mail.text = traces.words.taken_out_of(mail.text)
        mail.html = traces.words.taken_out_of(mail.html)
        mail.save(update_fields=["subject", "text", "html"])
    return len(rows)


def _scrub(row: Change, traces: Traces) -> None:
    is_theirs = row.target_id == traces.target.pk or any(
        row.integration_id == integration_id for _, integration_id in traces.ids
    )
    if not is_theirs and row.reason == "EMAIL_TAKEN" and not _names(row, traces):
        row.reason_args = traces.words.taken_out_of_json(row.reason_args)
        row.save(update_fields=["reason_args"])
        return
    row.label, row.detail, row.before, row.after, row.reason_args = ERASED, "", {}, {}, {}
    row.target_id = None
    if row.outcome == Outcome.HELD:
        row.outcome = Outcome.SKIPPED
    row.save()


def _names(row: Change, traces: Traces) -> bool:
    told = f"{row.label} {row.detail}"
    return traces.words.taken_out_of(told) != told


def _blank(rows: QuerySet[StagedPerson]) -> None:
    rows.update(
        email="",
        email_key="",
        raw_email="",
        email_problem="ERASED",
        is_active=False,
        is_readable=True,
        notes=[],
        fingerprint="",
        **NOTHING,
    )
