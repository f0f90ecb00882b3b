"""Writes the audit log: one row for each thing that somebody did, in the transaction that did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django_scopes import scope, scopes_disabled

from accounts.models import Account, AuditEvent, User

OPERATOR = "the operator, at the command line"
BATCH = 1000
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from and who sent it; without one it was a command. `through` names the API
    token that was used, `actor` is who did it where there is no user."""

    address: str | None = None
    request_id: str = ""
    user: User | None = None
    through: str = ""
    actor: str = OPERATOR


_COMMAND = Origin()
#: Of what is done by a schedule, or because of an answer.
PORTAL = Origin(actor="the Portal itself")
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=_COMMAND)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def on_behalf_of(user: User | None, through: str) -> Iterator[None]:
    """Within a request: what is done is this user's, by way of an API token."""
    with coming_from(replace(_origin.get(), user=user, through=through)):
        yield


def record(
    *,
    account: Account,
    kind: str,
    user: User | None = None,
    subject: str = "",
    before: Values | None = None,
    after: Values | None = None,
    reason: str = "",
) -> None:
    """Append one event. `kind` is a code of `accounts.wording.EVENTS`; without a `user` it is whoever
    sent the request. Never pass a secret: what may be shown of a key is its last four characters."""
    made = _made(account, user, kind, subject)
    made.before, made.after, made.reason = before or {}, after or {}, reason[:255]
    with scope(account=account):
        made.save()


def record_each(*, account: Account, kind: str, rows: Iterable[tuple[str, Values]]) -> None:
    """Append one event for each (subject, after)."""
    made = []
    for subject, after in rows:
        made.append(_made(account, None, kind, subject))
        made[-1].after = after
    with scope(account=account):
        AuditEvent.objects.bulk_create(made, batch_size=BATCH)


def record_change(
    *,
    account: Account,
    kind: str,
    subject: str,
    before: Values,
    after: Values,
    user: User | None = None,
) -> None:
    """Append what differs between two states of one thing; nothing when nothing does."""
    changed = [name for name in after if before.get(name) != after[name]]
    if changed:
        record(
            account=account,
            user=user,
            kind=kind,
            subject=subject,
            before={name: before.get(name) for name in changed},
            after={name: after[name] for name in changed},
        )


def _made(account: Account, user: User | None, kind: str, subject: str) -> AuditEvent:
    origin = _origin.get()
    who = user or origin.user
    return AuditEvent(
        account=account,
        user=who,
        actor=(_name(who) if who else origin.actor)[: 255 - len(origin.through)] + origin.through,
        kind=kind,
        subject=subject[:255],
        address=origin.address,
        request_id=origin.request_id,
    )


def _name(user: User) -> str:
    return f"{user.name} <{user.email}>" if user.name else user.email


@scopes_disabled()
def forget_old(now: datetime) -> None:
    """The one way an event ever goes."""
    kept = timedelta(days=settings.KEEP_AUDIT_DAYS)
    AuditEvent.objects.filter(at__lt=now - kept).forget()
