from __future__ import annotations

from django.db.models import QuerySet

from integrations.models import SentMail


def mails() -> QuerySet[SentMail]:
    """The system e-mails of the account in scope, newest first, without their long parts."""
    return SentMail.objects.defer("text", "html").order_by("-created_at", "-pk")
