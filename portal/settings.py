"""Settings, all of them from the environment (docs/operations.md lists each).

`PORTAL_MODE=production` is the default and refuses to start while a required setting is missing.
`PORTAL_MODE=embedded` is one machine without PostgreSQL or Redis: SQLite, a broker of files and
generated keys, all below `PORTAL_VAR`.
"""

from pathlib import Path

from kombu import Queue

from portal import embedded, log_in
from portal.environment import env, one_of, rate, required, sealing_keys, signing_key

BASE_DIR = Path(__file__).resolve().parent.parent
IS_EMBEDDED = env.str("PORTAL_MODE", default="production") == "embedded"
PORTAL_VAR = Path(env.str("PORTAL_VAR", default=str(BASE_DIR / "var")))

if IS_EMBEDDED:
    embedded.fill_environment(PORTAL_VAR)
else:
    required(
        "SECRET_KEY",
        "PORTAL_VAULT_KEYS",
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "PORTAL_URL",
        "ALLOWED_HOSTS",
    )

DEBUG = False
SECRET_KEY = signing_key("SECRET_KEY")
PORTAL_VAULT_KEYS = sealing_keys("PORTAL_VAULT_KEYS")
PORTAL_URL = env.str("PORTAL_URL").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
REDIS_URL = env.str("REDIS_URL", default="")

LITMOS_EXTRA_REGIONS = env.str("LITMOS_EXTRA_REGIONS", default="")
LITMOS_RATE = env.str("LITMOS_RATE", default="100/60")
METRICS_TOKEN = env.str("PORTAL_METRICS_TOKEN", default="")
KEEP_LOG_DAYS = env.int("PORTAL_KEEP_LOG_DAYS", default=90)
KEEP_WEBHOOK_DAYS = env.int("PORTAL_KEEP_WEBHOOK_DAYS", default=30)
KEEP_AUDIT_DAYS = env.int("PORTAL_KEEP_AUDIT_DAYS", default=730)
API_RATE = rate("PORTAL_API_RATE", default="600/m")
STEP_SECONDS = env.int("PORTAL_STEP_SECONDS", default=60)
COMPLETION_SECONDS = env.int("PORTAL_COMPLETION_SECONDS", default=900)
CHANGES = one_of("PORTAL_CHANGES", "auto", "shadow", "off")
CHANGES_OVERLAP_HOURS = env.int("PORTAL_CHANGES_OVERLAP_HOURS", default=26)
CHANGES_AGREE = env.int("PORTAL_CHANGES_AGREE", default=3)
COMPLETE_DAYS = env.int("PORTAL_COMPLETE_DAYS", default=7)
LEASE_SECONDS = env.int("PORTAL_LEASE_SECONDS", default=110)
WEBHOOK_PRIVATE = env.bool("PORTAL_WEBHOOK_PRIVATE", default=False)

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "accounts",
    "webhooks",
    "groups",
    "targets",
    "integrations",
    "training",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_filters",
    "portal.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
]

MIDDLEWARE = [
    "portal.middleware.trust_whole_chains",
    "accounts.middleware.name_request",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.forbid_storing",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.answer_health",
    "portal.middleware.WhatIsAway",
    "portal.middleware.BodiesWithinLimits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.sessions.end_old_sessions",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.refuse_unstorable_queries",
    "accounts.middleware.audit_origin",
    "accounts.middleware.account_scope",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.shell",
            ],
        },
    },
]
FORM_RENDERER = "portal.forms.Renderer"

DATABASES = {"default": env.db("DATABASE_URL")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "portal",
        }
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(PORTAL_VAR / "cache"),
        }
    )
}

vars().update({name: value for name, value in vars(log_in).items() if name.isupper()})

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(PORTAL_VAR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default=str(PORTAL_VAR / "mail"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Portal <portal@localhost>")

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
if CELERY_BROKER_URL.startswith("filesystem"):
    embedded.register_broker()
    CELERY_BROKER_TRANSPORT_OPTIONS = embedded.broker_folders(PORTAL_VAR)
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "visibility_timeout": 3600,
    }
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = CELERY_BROKER_URL.startswith("redis")
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not IS_EMBEDDED
CELERY_TASK_QUEUES = (Queue("control"), Queue("sync"), Queue("mail"))
CELERY_TASK_DEFAULT_QUEUE = "control"
CELERY_TASK_ROUTES = {"sync.step": {"queue": "sync"}, "webhooks.deliver": {"queue": "mail"}}
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "sync.tick",
        "schedule": env.float("PORTAL_TICK_SECONDS", default=60.0),
        "options": {"queue": "control", "expires": 50},
    },
    "remediation": {
        "task": "training.tick",
        "schedule": env.float("PORTAL_TICK_SECONDS", default=60.0),
        "options": {"queue": "control", "expires": 50},
    },
    "webhooks": {
        "task": "webhooks.tick",
        "schedule": env.float("PORTAL_TICK_SECONDS", default=60.0),
        "options": {"queue": "control", "expires": 50},
    },
    "purge_webhooks": {
        "task": "webhooks.purge",
        "schedule": 3600.0,
        "options": {"queue": "control", "expires": 3000},
    },
    "purge_remediation": {
        "task": "training.purge",
        "schedule": 3600.0,
        "options": {"queue": "control", "expires": 3000},
    },
    "purge": {
        "task": "sync.purge",
        "schedule": 3600.0,
        "options": {"queue": "control", "expires": 3000},
    },
}

IS_HTTPS = PORTAL_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^hooks/"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
