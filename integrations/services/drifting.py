"""The weekly report of how far groups whose Auto-Sync is off are from their teams."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django_scopes import scope

from accounts.models import Account
from integrations import mail
from integrations.models import Connection, MailKind, MailSetting, SyncRun, Trigger
from integrations.services.runs import open_run
from integrations.sync.drift import adrift

EVERY = timedelta(days=7)
FRESH = timedelta(days=1)
MOST_A_TICK = 100


def report_drift(moment: datetime) -> list[int]:
    """Compare by a preview what is due, and tell of it once the preview has ended. Returns the ids of
    the runs that were opened. Doing it twice changes nothing."""
    is_due = Q(drift_mailed_at=None) | Q(drift_mailed_at__lte=moment - EVERY)
    # While the clock was ahead.
    is_due |= Q(drift_mailed_at__gt=moment + FRESH)
    with_a_key = Connection.objects.filter(account=OuterRef("pk")).exclude(api_key_sealed="")
    drifting = Exists(adrift(account=OuterRef("pk")))
    accounts = Account.objects.filter(
        is_due, _has_recipients(), Exists(with_a_key), drifting, is_drift_mailed=True
    )
    opened = []
    for account in accounts.order_by("pk")[:MOST_A_TICK]:
        with scope(account=account):
            opened += _report(account, moment)
    return opened


def _has_recipients() -> Q:
    listed = MailSetting.objects.filter(account=OuterRef("pk"), kind=MailKind.DRIFT_REPORT)
    return ~Q(account_manager_email="") | Q(Exists(listed.exclude(recipients=[])))


def _report(account: Account, moment: datetime) -> list[int]:
    connections = Connection.objects.filter(account=account).exclude(api_key_sealed="")
    drifting = [each for each in connections if adrift(connection=each).exists()]
    compared = [run for each in drifting if (run := _comparison(each, moment))]
    if len(compared) < len(drifting):
        known = {run.connection_id for run in compared}
        return [run_id for each in drifting if each.pk not in known for run_id in _compare(each)]
    if drifting and not any(run.is_open for run in compared):
        for run in compared:
            mail.send_drift_report(run)
        Account.objects.filter(pk=account.pk).update(drift_mailed_at=moment)
    return []


def _comparison(connection: Connection, moment: datetime) -> SyncRun | None:
    """The newest preview of the whole connection, if it is of the last day."""
    previews = SyncRun.objects.filter(
        connection=connection, is_preview=True, trigger=Trigger.MANUAL, undoes=None
    )
    fresh = previews.filter(created_at__gt=moment - FRESH).select_related("connection", "account")
    return fresh.order_by("-pk").first()


def _compare(connection: Connection) -> list[int]:
    opened = open_run(connection=connection, trigger=Trigger.MANUAL, is_preview=True)
    return [opened.run.pk] if opened.is_new else []
