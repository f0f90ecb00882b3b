"""A call with an idempotency key is carried out once, and answered the same again for a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import ApiAnswer, ApiToken

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255


class OtherBody(Exception):
    """The key was used for another body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_again` says that nothing was done this time."""

    text: str
    is_again: bool = False


@transaction.atomic
def answer_once(*, token: ApiToken, key: str, body: bytes, carry_out: Callable[[], str]) -> Answer:
    """The answer is stored in the transaction that does the work: what fails leaves the key unused, and
    a second call at the same moment waits for the end of the first. Raises OtherBody, and what
    `carry_out` raises."""
    mine = ApiAnswer.objects.filter(token=token, key=key)
    body_hash = sha256(body).hexdigest()
    _begin(token, key, body_hash)
    stored = mine.get()
    if stored.body_hash != body_hash:
        raise OtherBody
    if stored.answer:
        return Answer(stored.answer, is_again=True)
    text = carry_out()
    mine.update(answer=text)
    return Answer(text)


def _begin(token: ApiToken, key: str, body_hash: str) -> None:
    """One of two at the same moment waits here for the other."""
    now = timezone.now()
    ApiAnswer.objects.filter(token=token, key=key, created_at__lte=now - KEPT_FOR).delete()
    row = ApiAnswer(
        account_id=token.account_id, token=token, key=key, body_hash=body_hash, created_at=now
    )
    ApiAnswer.objects.bulk_create([row], ignore_conflicts=True)


@scopes_disabled()
def forget_answers(now: datetime) -> None:
    ApiAnswer.objects.filter(created_at__lte=now - KEPT_FOR).delete()
