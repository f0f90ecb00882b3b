from __future__ import annotations

from django.db.models import QuerySet

from integrations.models import SentMail


def mails() -> QuerySet[SentMail]:
    """The system e-mails of the account in scope, without their long parts."""
    return SentMail.objects.defer("text", "html")
