"""Whoever was erased stays out: known again by digests alone, of the address and of the ids at providers."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from django.db import transaction
from django_scopes import scopes_disabled

from accounts.models import Account, User
from targets.emails import email_key
from targets.models import ErasureKey, Suppression


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The erased people of one account. Nobody: asking costs nothing."""

    key: str = ""
    digests: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    @scopes_disabled()
    def of(cls, account_id: int) -> Suppressed:
        mine = Suppression.objects.filter(account_id=account_id)
        digests = frozenset(mine.values_list("digest", flat=True))
        if not digests:
            return cls()
        return cls(ErasureKey.objects.get(account_id=account_id).key, digests)

    def has_email(self, key: str) -> bool:
        return bool(self.digests and key) and _of_email(self.key, key) in self.digests

    def has_id(self, provider: str, integration_id: str) -> bool:
        return bool(self.digests) and _of_id(self.key, provider, integration_id) in self.digests


@transaction.atomic
def suppress(
    *, account: Account, keys: Iterable[str], ids: Iterable[tuple[str, str]], user: User | None
) -> None:
    """`keys` are the `email_key` of each address, `ids` (provider, id there). Twice is as once."""
    secret = ErasureKey.objects.get_or_create(account=account)[0].key
    digests = {_of_email(secret, key) for key in keys if key}
    digests |= {_of_id(secret, *one) for one in ids}
    person = uuid4()
    rows = [
        Suppression(account=account, person=person, digest=digest, made_by=user)
        for digest in sorted(digests)
    ]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def lift(*, account: Account, email: str) -> bool:
    """Let this person come back; False where nobody of this address was erased."""
    secret = ErasureKey.objects.filter(account=account).values_list("key", flat=True).first()
    digest = _of_email(secret or "", email_key(email))
    found = Suppression.objects.filter(account=account, digest=digest).first()
    if not secret or found is None:
        return False
    Suppression.objects.filter(account=account, person=found.person).delete()
    return True


def _of_email(secret: str, key: str) -> str:
    return _digest(secret, f"email\x1f{key}")


def _of_id(secret: str, provider: str, integration_id: str) -> str:
    return _digest(secret, f"{provider}\x1f{integration_id}")


def _digest(secret: str, text: str) -> str:
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()
