"""The Portal as `make test` runs it; DATABASE_URL and REDIS_URL choose the services."""

import os
import tempfile

os.environ["PORTAL_MODE"] = "embedded"
os.environ.setdefault("PORTAL_VAR", tempfile.mkdtemp(prefix="portal-tests-"))
os.environ.setdefault("EMAIL_URL", "memorymail://")
# Workers of one run (pytest -n) share neither files nor a Redis database.
worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if worker and os.environ.get("PORTAL_TEST_WORKER") != worker:
    os.environ["PORTAL_TEST_WORKER"] = worker
    os.environ["PORTAL_VAR"] += f"/{worker}"
    os.environ.pop("CELERY_BROKER_URL", None)
    if os.environ.get("DATABASE_URL", "").startswith("sqlite"):
        del os.environ["DATABASE_URL"]
    if "REDIS_URL" in os.environ:
        server, _, number = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{server}/{int(number) + 1 + int(worker[2:])}"

from portal.settings import *  # noqa: E402, F403

if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    # A test database need not survive a power cut.
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
