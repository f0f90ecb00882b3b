"""Whether this process lives, and whether it is ready for work: for load balancers and containers."""

from __future__ import annotations

import os
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

BROKER_SECONDS = 1


@require_safe
@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """503 names what is missing by its kind alone: the answer is open to everybody."""
    found = {name: _answer(check) for name, check in CHECKS.items()}
    is_ready = all(answer == "ok" for answer in found.values())
    return JsonResponse(found, status=200 if is_ready else 503)


def _answer(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # whatever a driver raises means "not ready"
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else "ok"


def _broker() -> str:
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]
        return "ok" if os.access(folder, os.W_OK | os.X_OK) else "folder not writable"
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_connect_timeout=BROKER_SECONDS,
        socket_timeout=BROKER_SECONDS,
        retry=None,
    )
    with client:
        client.ping()
    return "ok"


CHECKS = {"database": _database, "migrations": _migrations, "broker": _broker}
