"""The Portal's system e-mails: written once per occasion, kept as they were sent, sent again by hand."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from groups.sources import source_label
from integrations import wording
from integrations.models import (
    Change,
    Connection,
    Decision,
    GroupLink,
    Outcome,
    SentMail,
    Status,
    SyncRun,
    Trigger,
)
from integrations.sync.drift import adrift

logger = logging.getLogger(__name__)

SYNC_FINISHED = "integration_sync_finished"
CHANGES_DECIDED = "integration_changes_decided"
DRIFT_REPORT = "integration_drift_report"
MOST_GROUPS = 50
GOOD_ENDINGS = (Status.SYNCED, Status.WARNINGS, Status.HELD)
HAPPENED = {
    Status.FAILED: "sync failed",
    Status.CANCELLED: "sync cancelled",
    Status.UNDONE: "sync undone",
}


def send_sync_finished(run: SyncRun) -> SentMail | None:
    """Tell the Account Manager Email how a run ended, once per run. Never raises because of a mail
    that can't be sent; returns None when there is none to send."""
    if run.is_preview or run.is_open or not run.account.account_manager_email:
        return None
    if not _is_worth_a_mail(run):
        _remember(run)
        return None
    try:
        with transaction.atomic():
            mail = SentMail.objects.create(**_written(run, _letter(run)))
            _remember(run)
    except IntegrityError:
        return None
    deliver(mail)
    return mail


def send_changes_decided(decision: Decision) -> SentMail | None:
    """Tell the Account Manager Email what was made of held changes, once per decision."""
    run = decision.run
    if not run.account.account_manager_email:
        return None
    provider = source_label(run.connection.provider)
    verb = "approved" if decision.is_approval else "kept as they were"
    who = decision.user or "The operator"
    letter = _Letter(
        one_line(f"{provider}: {decision.number:,} held changes {verb} – {run.account.name}")[:255],
        [f"{who} decided: {wording.decision_sentence(decision)}", f"Reason: {decision.reason}"],
        wording.count_lines(run.counts),
    )
    written = _written(run, letter) | {
        "template": CHANGES_DECIDED,
        "occasion": f"{CHANGES_DECIDED}:{decision.pk}",
    }
    mail = SentMail.objects.create(**written)
    deliver(mail)
    return mail


def send_drift_report(run: SyncRun) -> SentMail | None:
    """Tell how far the groups whose Auto-Sync is off are from their teams, once per comparison, which is
    the preview `run`."""
    written = _written(run, _drift_letter(run)) | {
        "template": DRIFT_REPORT,
        "occasion": f"{DRIFT_REPORT}:{run.pk}",
    }
    try:
        with transaction.atomic():
            mail = SentMail.objects.create(**written)
    except IntegrityError:
        return None
    deliver(mail)
    return mail


def _drift_letter(run: SyncRun) -> _Letter:
    links = list(adrift(connection=run.connection))
    far = sorted(
        (link for link in links if link.joining or link.leaving),
        key=lambda link: -(link.joining + link.leaving),
    )
    provider = source_label(run.connection.provider)
    return _Letter(
        one_line(f"{provider}: {len(far):,} of {_groups(len(links))} drift – {run.account.name}")[
            :255
        ],
        _drift_sentences(run, links, len(far)),
        [
            (f"{link.group.name}, {verb}", number)
            for link in far[:MOST_GROUPS]
            for verb, number in (("to join", link.joining), ("to leave", link.leaving))
            if number
        ],
        _Button("Drift report", reverse("integrations:drift", args=[run.connection.provider])),
    )


def _groups(number: int) -> str:
    return f"{number:,} group{'' if number == 1 else 's'}"


def _drift_sentences(run: SyncRun, links: list[GroupLink], far: int) -> list[str]:
    provider = source_label(run.connection.provider)
    sentences = [
        f"Auto-Sync is off for {_groups(len(links))}. Other people than at {provider}: {far:,}. "
        "Nothing was changed.",
    ]
    if far > MOST_GROUPS:
        sentences.append(f"The {MOST_GROUPS} that differ most are listed here.")
    if run.status == Status.PREVIEWED and not run.hold_reason:
        return sentences
    sentences.append("They could not be compared this week, so the figures are older.")
    if run.status == Status.FAILED:
        return [*sentences, *wording.error_sentence(run.error_code, run.error_detail, provider)]
    if run.status == Status.CANCELLED:
        return [*sentences, "The comparison was cancelled."]
    return [*sentences, wording.hold_sentence(run.hold_reason, provider)]


def _is_worth_a_mail(run: SyncRun) -> bool:
    """A night's failure or hold of the same cause was told before; a night that changed nothing isn't
    told."""
    if run.trigger != Trigger.AUTO or _is_recovery(run):
        return True
    if run.status == Status.FAILED:
        return run.error_code != run.connection.failure_mailed_code
    is_told = run.status == Status.HELD and hold_mark(run) == run.connection.hold_mailed
    is_quiet = is_told or run.status == Status.SYNCED
    return run.account.is_quiet_sync_mailed or not is_quiet or has_changed_anything(run.counts)


def hold_mark(run: SyncRun) -> str:
    """The same for every run held for the same reasons in the same groups, however many people it is;
    '' if none of it is held."""
    if run.status != Status.HELD:
        return ""
    causes = {run.hold_reason} | {
        key for key in run.counts if key.startswith(("HOLD.", "FIGURE.group."))
    }
    return sha256(json.dumps(sorted(causes)).encode()).hexdigest()


def has_changed_anything(counts: dict[str, int]) -> bool:
    return any(
        number and key.endswith(f".{Outcome.APPLIED}") and key.split(".")[1] not in ("SKIP", "WARN")
        for key, number in counts.items()
    )


def _is_recovery(run: SyncRun) -> bool:
    return run.status in GOOD_ENDINGS and bool(run.connection.failure_mailed_code)


def _remember(run: SyncRun) -> None:
    """A failed sync says nothing of what is held, nor does one of a single group or person."""
    if run.status == Status.CANCELLED or run.undoes_id:
        return
    told = {"failure_mailed_code": run.error_code if run.status == Status.FAILED else ""}
    if run.status != Status.FAILED and run.trigger not in (Trigger.ONE, Trigger.PERSON):
        told["hold_mailed"] = hold_mark(run)
    Connection.objects.filter(pk=run.connection_id).update(**told)


@dataclass(frozen=True, slots=True)
class _Button:
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class _Letter:
    """The words of one mail, for both of its parts. Its button leads to the run's log unless told."""

    subject: str
    sentences: list[str]
    counts: list[tuple[str, int]]
    button: _Button | None = None


def _written(run: SyncRun, letter: _Letter) -> dict[str, object]:
    log = reverse("integrations:run", args=[run.connection.provider, run.pk])
    button = letter.button or _Button("Last Sync Logs", log)
    context = {
        "letter": letter,
        "button": button,
        "what": "Comparison" if run.is_preview else run.get_trigger_display(),
        "run": run,
        "account": run.account,
        "status": wording.status_label(run),
        "link": f"{settings.PORTAL_URL}{button.path}",
    }
    return {
        "account": run.account,
        "run": run,
        "template": SYNC_FINISHED,
        "occasion": f"{SYNC_FINISHED}:{run.pk}",
        "recipient": run.account.account_manager_email,
        "subject": letter.subject,
        "text": render_to_string(f"emails/{SYNC_FINISHED}.txt", context),
        "html": render_to_string(f"emails/{SYNC_FINISHED}.html", context),
    }


def _letter(run: SyncRun) -> _Letter:
    return _Letter(_subject(run), _sentences(run), wording.count_lines(run.counts))


def _subject(run: SyncRun) -> str:
    provider = source_label(run.connection.provider)
    verb = "works again" if _is_recovery(run) else "finished"
    happened = HAPPENED.get(Status(run.status), f"sync {verb}: {wording.status_label(run)}")
    return one_line(f"{provider} {happened} – {run.account.name}")[:255]


def one_line(text: str) -> str:
    """Fit for a header: nothing in it can end a line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _sentences(run: SyncRun) -> list[str]:
    provider = source_label(run.connection.provider)
    if run.status == Status.FAILED:
        return list(wording.error_sentence(run.error_code, run.error_detail, provider))
    sentences = ["It works again: the failure told of before is over."] if _is_recovery(run) else []
    if run.status == Status.HELD:
        sentences += [wording.hold_sentence(reason, provider) for reason in _hold_reasons(run)]
    if run.status == Status.WARNINGS:
        sentences.append(f"{run.warnings:,} rows of the log need a look.")
    if run.status == Status.UNDONE:
        sentences.append(f"What sync {run.undoes_id} had changed was put back.")
    if run.status == Status.CANCELLED:
        sentences.append("It was cancelled before anything was changed.")
    return sentences


def _hold_reasons(run: SyncRun) -> list[str]:
    if run.hold_reason:
        return [run.hold_reason]
    held = Change.objects.filter(run=run, outcome=Outcome.HELD).exclude(hold_reason="")
    return list(held.order_by("hold_reason").values_list("hold_reason", flat=True).distinct())


def deliver(mail: SentMail) -> bool:
    """Send what was kept to its stored recipient, now or again; the row keeps how that went."""
    error = _send(mail)
    changes = {"error": error} if error else {"error": "", "sent_at": timezone.now()}
    SentMail.objects.filter(pk=mail.pk).update(attempts=F("attempts") + 1, **changes)
    mail.refresh_from_db()
    return not error


def _send(mail: SentMail) -> str:
    """Returns why it could not be sent. A mail never breaks what it tells of, so every error ends here:
    each mail backend has its own."""
    try:
        validate_email(mail.recipient)
        message = EmailMultiAlternatives(subject=mail.subject, body=mail.text, to=[mail.recipient])
        message.attach_alternative(mail.html, "text/html")
        message.send()
    except Exception as error:
        logger.warning("mail %s was not sent: %s", mail.pk, type(error).__name__)
        return one_line(f"{type(error).__name__}: {error}")[:255]
    return ""
