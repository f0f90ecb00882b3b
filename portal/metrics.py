"""What Prometheus asks for: read from the database when it asks, so that any process answers for all."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from math import inf

from django.conf import settings
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_scopes import scopes_disabled
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from integrations.budget import usage_of
from integrations.models import OPEN_STATUSES, Connection, SentMail, SyncRun
from integrations.selectors import backlog, beats
from portal.status import PARTS
from training.models import Enrollment
from webhooks.models import Delivery

#: Each is asked for in Redis, or in a file.
MOST_KEYS = 100


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Not there for whoever does not send the token, or where none is set."""
    sent = request.headers.get("Authorization", "").encode()
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(sent, wanted):
        raise Http404
    registry = CollectorRegistry()
    registry.register(OfTheDatabase(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class OfTheDatabase(Collector):
    """Of all accounts together; no label tells one, or anybody."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        with scopes_disabled():
            parts = (self._runs, self._waiting, self._budgets, self._beats, self._others)
            return iter([metric for part in parts for metric in part()])

    def _runs(self) -> Iterator[Metric]:
        ended = SyncRun.objects.exclude(status__in=OPEN_STATUSES).order_by()
        grouped = ended.values_list("status", "trigger").annotate(Count("pk"), Sum("calls"))
        runs = CounterMetricFamily(
            "portal_syncs_ended", "Syncs that have ended", labels=["outcome", "trigger"]
        )
        calls = CounterMetricFamily(
            "portal_sync_calls", "Calls of providers' APIs by ended syncs", labels=["trigger"]
        )
        by_trigger: dict[str, int] = {}
        for status, trigger, number, made in grouped:
            runs.add_metric([status, trigger], number)
            by_trigger[trigger] = by_trigger.get(trigger, 0) + made
        for trigger, made in by_trigger.items():
            calls.add_metric([trigger], made)
        yield runs
        yield calls

    def _waiting(self) -> Iterator[Metric]:
        found = backlog(self.now)
        by_state = {"due": found.due, "at_work": found.at_work, "paused": found.paused}
        yield _gauge("portal_syncs_open", "Open syncs by what they do", "state", by_state)
        lag = found.lag_seconds(self.now)
        yield GaugeMetricFamily("portal_sync_lag_seconds", "How long the first one is due", lag)
        queued = SyncRun.objects.filter(status="QUEUED").order_by("created_at")
        first = queued.values_list("created_at", flat=True).first()
        age = (self.now - first).total_seconds() if first else 0
        yield GaugeMetricFamily("portal_oldest_queued_seconds", "Age of the oldest one", age)

    def _budgets(self) -> Iterator[Metric]:
        """Of the keys that open syncs use, since others have spent nothing."""
        runs = SyncRun.objects.filter(status__in=OPEN_STATUSES).exclude(
            connection__api_key_fingerprint=""
        )
        keys = runs.order_by().values_list("connection__api_key_fingerprint", flat=True).distinct()
        found = [usage for key in keys[:MOST_KEYS] if (usage := usage_of(key))]
        calls = sum((Counter(usage.used) for usage in found), Counter())
        about = "Calls of the last minute by the keys of open syncs, by what for"
        yield _gauge("portal_rate_budget_used", about, "purpose", dict(calls))
        fullest = max((usage.total / usage.calls for usage in found), default=0)
        about = "The part of its calls of a minute that the busiest key has used"
        yield GaugeMetricFamily("portal_rate_budget_fullest_ratio", about, fullest)

    def _beats(self) -> Iterator[Metric]:
        """One that was never heard of is infinitely old: an alarm needs a figure to compare."""
        ages = dict.fromkeys(PARTS, inf)
        ages |= {name: (self.now - at).total_seconds() for name, at in beats().items()}
        about = "Since a background part was last heard of"
        yield _gauge("portal_heartbeat_age_seconds", about, "part", ages)

    def _others(self) -> Iterator[Metric]:
        states = Enrollment.objects.order_by().values_list("state").annotate(Count("pk"))
        yield _gauge("portal_enrollments", "Enrolments by state", "state", dict(states))
        states = Delivery.objects.order_by().values_list("state").annotate(Count("pk"))
        about = "What is kept of webhooks by state"
        yield _gauge("portal_webhook_deliveries", about, "state", dict(states))
        refused = Connection.objects.exclude(key_refused_since=None).count()
        about = "Integrations whose API key is refused"
        yield GaugeMetricFamily("portal_keys_refused", about, refused)
        unsent = SentMail.objects.exclude(error="").count()
        yield GaugeMetricFamily("portal_mails_failed", "E-mails that could not be sent", unsent)


def _gauge(name: str, about: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    found = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        found.add_metric([key], value)
    return found
