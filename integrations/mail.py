"""The Portal's system e-mails: written once per occasion, kept as they were sent, sent again by hand."""

from __future__ import annotations

import json
import logging
from hashlib import sha256

from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from integrations.letters import (
    Letter,
    decided_letter,
    drift_letter,
    is_recovery,
    one_line,
    sync_letter,
)
from integrations.mail_writing import written
from integrations.models import (
    Connection,
    Decision,
    MailKind,
    MailSetting,
    Outcome,
    SentMail,
    Status,
    SyncRun,
    Trigger,
)

logger = logging.getLogger(__name__)


def send_sync_finished(run: SyncRun) -> SentMail | None:
    """Tell how a run ended, once per run. Never raises because of a mail that can't be sent; returns the
    first mail, None when there is none to send."""
    setting = setting_of(run.account, MailKind.SYNC_FINISHED)
    if run.is_preview or run.is_open or not recipients_of(setting):
        return None
    if _is_worth_a_mail(run):
        return _send_once(run, sync_letter(run), setting, run.pk)
    _remember(run)
    return None


def send_changes_decided(decision: Decision) -> SentMail | None:
    """Tell what was made of held changes, once per decision."""
    setting = setting_of(decision.run.account, MailKind.CHANGES_DECIDED)
    return _send_once(decision.run, decided_letter(decision), setting, decision.pk)


def send_drift_report(run: SyncRun) -> SentMail | None:
    """Tell how far the groups whose Auto-Sync is off are from their teams, once per comparison, which is
    the preview `run`."""
    setting = setting_of(run.account, MailKind.DRIFT_REPORT)
    return _send_once(run, drift_letter(run), setting, run.pk)


def setting_of(account: Account, kind: str) -> MailSetting:
    found = MailSetting.objects.filter(account=account, kind=kind).first()
    setting = found or MailSetting(kind=kind)
    setting.account = account
    if kind == MailKind.DRIFT_REPORT:
        setting.is_on = account.is_drift_mailed
    return setting


def recipients_of(setting: MailSetting) -> list[str]:
    """The Account Manager Email and those beside it, each once; nobody while it is off."""
    if not setting.is_on:
        return []
    found: dict[str, str] = {}
    for address in (setting.account.account_manager_email, *setting.recipients):
        if address:
            found.setdefault(address.casefold(), address)
    return list(found.values())


def _send_once(run: SyncRun, letter: Letter, setting: MailSetting, number: int) -> SentMail | None:
    """A mail of their own for each recipient, so that none sees the others; one that can't be sent
    doesn't keep it from the rest."""
    try:
        with transaction.atomic():
            mails = [
                SentMail.objects.create(**_row(run, letter, setting, recipient), occasion=occasion)
                for recipient, occasion in _occasions(setting, number)
            ]
            if setting.kind == MailKind.SYNC_FINISHED:
                _remember(run)
    except IntegrityError:
        return None
    for mail in mails:
        deliver(mail)
    return mails[0] if mails else None


def _occasions(setting: MailSetting, number: int) -> list[tuple[str, str]]:
    once = f"{setting.kind}:{number}"
    return [
        (recipient, f"{once}:{place}" if place else once)
        for place, recipient in enumerate(recipients_of(setting))
    ]


def _row(run: SyncRun, letter: Letter, setting: MailSetting, recipient: str) -> dict[str, object]:
    told = written(run, letter, setting, recipient)
    return {
        "account": run.account,
        "run": run,
        "template": setting.kind,
        "recipient": recipient,
        "subject": told.subject,
        "text": told.text,
        "html": told.html,
    }


def _is_worth_a_mail(run: SyncRun) -> bool:
    """A night's failure or hold of the same cause was told before; a night that changed nothing isn't
    told."""
    if run.trigger != Trigger.AUTO or is_recovery(run):
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


def _remember(run: SyncRun) -> None:
    """A failed sync says nothing of what is held, nor does one of a single group or person."""
    if run.status == Status.CANCELLED or run.undoes_id:
        return
    told = {"failure_mailed_code": run.error_code if run.status == Status.FAILED else ""}
    if run.status != Status.FAILED and run.trigger not in (Trigger.ONE, Trigger.PERSON):
        told["hold_mailed"] = hold_mark(run)
    Connection.objects.filter(pk=run.connection_id).update(**told)


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
