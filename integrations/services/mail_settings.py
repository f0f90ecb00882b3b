"""What an account wants of its system e-mails: whether, to whom, and in which words."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Account, User
from integrations.mail import deliver, setting_of
from integrations.mail_examples import example
from integrations.mail_words import STANDARD_SUBJECT, STANDARD_TEXT
from integrations.mail_writing import Written, written
from integrations.models import MailKind, MailSetting, SentMail, Status

TESTS, WINDOW = 5, timedelta(minutes=1)
KEPT = ("is_on", "recipients", "subject", "text")


class TooManyTests(Exception):
    """`seconds` until the account may send another."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def mail_settings(account: Account) -> list[MailSetting]:
    return [setting_of(account, kind) for kind in MailKind]


@transaction.atomic
def save_mail_setting(
    *, account: Account, kind: str, is_on: bool, recipients: list[str], subject: str, text: str
) -> None:
    """Words that are the standard ones are kept as none, so that they go on with the Portal's."""
    if (subject, text) == (STANDARD_SUBJECT, STANDARD_TEXT):
        subject = text = ""
    after = {"is_on": is_on, "recipients": recipients, "subject": subject, "text": text}
    _store(account, kind, after, "MAIL_SAVED")


@transaction.atomic
def reset_mail_words(*, account: Account, kind: str) -> None:
    _store(account, kind, {"subject": "", "text": ""}, "MAIL_WORDS_RESET")


def _store(account: Account, kind: str, after: dict[str, Any], event: str) -> None:
    Account.objects.select_for_update().get(pk=account.pk)
    setting = setting_of(account, kind)
    before = {name: getattr(setting, name) for name in KEPT}
    subject = MailKind(kind).label
    audit.record_change(account=account, kind=event, subject=subject, before=before, after=after)
    if kind == MailKind.DRIFT_REPORT and "is_on" in after:
        account.is_drift_mailed = after["is_on"]
        account.save(update_fields=["is_drift_mailed"])
    MailSetting.objects.update_or_create(account=account, kind=kind, defaults=after)


def preview_of(setting: MailSetting, ending: str = Status.SYNCED) -> Written:
    """As the Account Manager Email would get it, with example values."""
    account = setting.account
    run, letter = example(account, setting.kind, ending)
    return written(run, letter, setting, account.account_manager_email)


def send_test_mail(*, account: Account, kind: str, user: User) -> SentMail:
    """To whoever asks for it. Raises TooManyTests."""
    _refuse_too_many(account)
    told = preview_of(setting_of(account, kind))
    mail = SentMail.objects.create(
        account=account,
        template=kind,
        occasion=f"test:{uuid4()}",
        recipient=user.email,
        subject=f"Test: {told.subject}"[:255],
        text=told.text,
        html=told.html,
    )
    audit.record(account=account, kind="MAIL_TESTED", subject=MailKind(kind).label)
    deliver(mail)
    return mail


def _refuse_too_many(account: Account) -> None:
    key, now = f"mail-tests:{account.pk}", timezone.now()
    recent = [moment for moment in cache.get(key, []) if moment > now - WINDOW]
    if len(recent) >= TESTS:
        raise TooManyTests(ceil((recent[-TESTS] + WINDOW - now).total_seconds()))
    cache.set(key, [*recent, now], WINDOW.total_seconds())
