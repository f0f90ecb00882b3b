"""docker-compose.yml and the image: what they may not do, and that a harm done to them would be found."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml
from django.urls import reverse

from portal.log_in import SSO_NAMES
from portal.logs import without_secrets
from portal.middleware import LARGEST_FILES, LARGEST_FORM
from tests.meta import compose
from tests.meta.files import ROOT
from tests.meta.test_docs import NAMES
from tests.meta.test_settings import PRODUCTION
from training.views import hooks

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
EXAMPLE = (ROOT / ".env.example").read_text()
#: A `.env` with every setting that there is, whose value tells its name.
SETTINGS = {name: f"<{name}>" for name in NAMES} | compose.settings_of(
    re.sub(r"^([A-Z_]+)=$", r"\1=<\1>", EXAMPLE, flags=re.MULTILINE)
)
#: Of one machine without containers, or what the image itself sets.
NOT_FOR_CONTAINERS = {"PORTAL_MODE", "PORTAL_VAR", "STATIC_ROOT", "EMAIL_FILE_PATH"}
EVERYBODYS = {*PRODUCTION, "CELERY_BROKER_URL", "LOG_LEVEL"}
OF_WEB = {"PORTAL_API_RATE", "PORTAL_METRICS_TOKEN", "TRUSTED_PROXY_COUNT", *SSO_NAMES}
OF_BEAT = {"PORTAL_TICK_SECONDS"}
OF_WORK = NAMES - NOT_FOR_CONTAINERS - OF_WEB - OF_BEAT
DOCKERFILE = (ROOT / "Dockerfile").read_text()

#: Where something harmful is written, what, and which rule finds it; None takes away what is there.
HARMS = [
    ("services.web.privileged", True, compose.gains_privileges),
    ("services.db.cap_add", ["SYS_ADMIN"], compose.gains_privileges),
    ("services.worker.network_mode", "host", compose.gains_privileges),
    ("services.redis.pid", "host", compose.gains_privileges),
    ("services.beat.devices", ["/dev/sda:/dev/sda"], compose.gains_privileges),
    ("services.db.security_opt", ["seccomp:unconfined"], compose.gains_privileges),
    ("services.web.user", "0:0", compose.gains_privileges),
    ("services.web.volumes", ["/var/run/docker.sock:/x"], compose.mounts_the_host),
    ("services.web.volumes", ["/var/run/docker.sock:/x:ro"], compose.mounts_the_host),
    ("services.db.volumes", [{"type": "bind", "source": "/"}], compose.mounts_the_host),
    ("services.worker.volumes", ["./portal:/srv/portal"], compose.mounts_the_host),
    ("services.web.read_only", None, compose.may_change_itself),
    ("services.beat.cap_drop", None, compose.may_change_itself),
    ("services.worker.security_opt", None, compose.may_change_itself),
    ("services.worker.restart", None, compose.stays_away),
    ("services.db.restart", "no", compose.stays_away),
    ("services.migrate.restart", "unless-stopped", compose.stays_away),
    ("services.db.healthcheck", None, compose.waits_in_vain),
    ("services.redis.healthcheck.disable", True, compose.waits_in_vain),
    ("services.migrate.depends_on", ["db"], compose.waits_in_vain),
    ("services.migrate.depends_on.db.condition", "service_started", compose.waits_in_vain),
    (
        "services.web.depends_on.redis.condition",
        "service_completed_successfully",
        compose.stays_away,
    ),
    ("services.db.ports", ["5432:5432"], compose.is_reached_from_outside),
    ("services.redis.ports", ["127.0.0.1:6379:6379"], compose.is_reached_from_outside),
    ("services.web.ports", ["8000:8000"], compose.is_reached_from_outside),
    ("services.web.ports", ["0.0.0.0:8000:8000"], compose.is_reached_from_outside),
    ("services.web.ports", [{"published": 8000, "target": 8000}], compose.is_reached_from_outside),
    ("services.db.networks", ["data", "default"], compose.is_reached_from_outside),
    ("services.redis.networks", None, compose.is_reached_from_outside),
    ("networks.data.internal", None, compose.is_reached_from_outside),
    (
        "services.adminer",
        {"image": "adminer", "networks": ["data"]},
        compose.is_reached_from_outside,
    ),
    ("services.db.environment.POSTGRES_PASSWORD", "hunter2", compose.is_written_out),
    ("services.db.environment.APP_PASSWORD", "${APP_PASSWORD:-hunter2}", compose.is_written_out),
    ("services.web.environment", ["SECRET_KEY=hunter2"], compose.is_written_out),
    ("services.web.command", "run --broker redis://:hunter2@redis/0", compose.is_written_out),
    ("services.redis.command", "redis-server --requirepass hunter2", compose.is_written_out),
    ("services.web.logging", None, compose.fills_the_disk),
    ("services.db.logging.options", {}, compose.fills_the_disk),
    ("services.worker.mem_limit", None, compose.takes_all_memory),
    ("services.web.mem_limit", 0, compose.takes_all_memory),
    ("services.redis.command", "redis-server --maxmemory 256mb", compose.drops_messages),
    ("services.redis.command", ["--maxmemory-policy", "allkeys-lru"], compose.drops_messages),
    ("services.migrate.environment", None, compose.is_the_owner),
    ("services.web.environment", {"DATABASE_URL": "${MIGRATE_DATABASE_URL}"}, compose.is_the_owner),
    ("services.beat.environment", ["PGPASSWORD=${POSTGRES_PASSWORD}"], compose.is_the_owner),
    ("services.beat.environment", ["POSTGRES_PASSWORD"], compose.is_the_owner),
    ("services.web.environment.URL", "${MIGRATE_DATABASE_URL:?}", compose.is_the_owner),
    ("services.worker.command", "work --as ${POSTGRES_PASSWORD:-nobody}", compose.is_the_owner),
    ("services.worker.env_file", ".env", compose.is_the_owner),
    ("services.db.env_file", [".env"], compose.is_told_everything),
]
HARMLESS = [
    ("services.reports", {**SERVICES["worker"], "command": "celery -A portal worker -Q reports"}),
    ("services.web.labels", {"who": "operations"}),
    ("services.web.ports", ["127.0.0.1:8000:8000", {"host_ip": "127.0.0.1", "target": 9000}]),
    ("services.web.ports", ["[::1]:8000:8000"]),
    ("services.worker.mem_limit", "4g"),
    ("services.beat.logging.options", {"max-size": "100m", "max-file": "2"}),
    ("services.db.logging", {"driver": "local"}),
    ("services.web.restart", "always"),
    ("services.web.environment", {"LOG_LEVEL": "DEBUG", "SECRET_KEY": "${SECRET_KEY}"}),
    ("services.redis.command", ["redis-server", "--maxmemory-policy", "noeviction"]),
]


def changed(path: str, value: Any) -> compose.Compose:
    """A copy where nothing is shared."""
    copy = node = json.loads(json.dumps(COMPOSE))
    *ways, last = path.split(".")
    for way in ways:
        node = node[way]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return copy


def test_the_parts_are_all_there():
    assert set(SERVICES) >= {*OURS, *compose.DATA}
    assert set(compose.ours(COMPOSE)) >= set(OURS)


@pytest.mark.parametrize("rule", compose.RULES)
def test_it_breaks_no_rule(rule):
    assert list(rule(COMPOSE)) == []


@pytest.mark.parametrize(("path", "value", "rule"), HARMS)
def test_a_harm_is_found(path, value, rule):
    assert list(rule(changed(path, value)))


@pytest.mark.parametrize(("path", "value"), HARMLESS)
def test_what_does_no_harm_breaks_no_rule(path, value):
    assert [told for rule in compose.RULES for told in rule(changed(path, value))] == []


def test_row_35_the_database_and_the_queue_are_reached_by_our_parts_alone():
    assert list(compose.is_reached_from_outside(COMPOSE)) == []
    for name in OURS:
        for other in compose.DATA:
            assert set(SERVICES[name]["networks"]) & set(SERVICES[other]["networks"])


def test_row_35_the_migration_alone_logs_in_as_the_owner():
    assert list(compose.is_the_owner(COMPOSE)) == []
    assert "DATABASE_URL" in SERVICES["migrate"]["environment"]
    assert re.search(r"^DATABASE_URL=postgres://portal_app:", EXAMPLE, re.MULTILINE)
    assert re.search(r"^REDIS_URL=redis://:\$\{REDIS_PASSWORD\}@", EXAMPLE, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("migrate", EVERYBODYS),
        ("web", OF_WORK | OF_WEB),
        ("worker", OF_WORK),
        ("beat", EVERYBODYS | OF_BEAT),
        ("db", {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "APP_PASSWORD"}),
        ("redis", {"REDISCLI_AUTH"}),
    ],
)
def test_row_35_each_part_is_told_its_own_settings_alone(name, names):
    assert set(compose.environment_of(SERVICES[name], SETTINGS)) == names


def test_row_35_each_part_logs_in_to_the_database_as_itself():
    told = {name: compose.environment_of(SERVICES[name], SETTINGS) for name in OURS}
    assert {name: told[name]["DATABASE_URL"] for name in OURS} == {
        "migrate": "postgres://portal:<POSTGRES_PASSWORD>@db:5432/portal",
        "web": "postgres://portal_app:<APP_PASSWORD>@db:5432/portal",
        "worker": "postgres://portal_app:<APP_PASSWORD>@db:5432/portal",
        "beat": "postgres://portal_app:<APP_PASSWORD>@db:5432/portal",
    }
    assert {name: told[name]["REDIS_URL"] for name in OURS} == dict.fromkeys(
        OURS, "redis://:<REDIS_PASSWORD>@redis:6379/0"
    )


def test_what_is_not_set_is_left_out():
    needed = {name: SETTINGS[name] for name in PRODUCTION}
    assert compose.environment_of(SERVICES["web"], needed) == needed


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("$A ${A} $$A", "1 1 $A"),
        ("${A:-2} ${A-2} ${A:?no}", "1 1 1"),
        ("${B:-2} ${B-2} ${B}", "2 2 "),
        ("${A:+2} ${B:+2}", "2 "),
    ],
)
def test_values_are_inserted_as_compose_does(text, rendered):
    assert compose.inserted(text, {"A": "1"}) == rendered


def test_a_look_at_each_part_costs_next_to_nothing():
    """By a file that needs neither Django nor Celery, nor any library: -S."""
    words = ["CMD", "python", "-I", "-S", "portal/healthcheck.py"]
    looks = {name: SERVICES[name]["healthcheck"]["test"] for name in ("web", "worker", "beat")}
    assert looks == {
        "web": words,
        "worker": [*words, "worker"],
        "beat": [*words, "beat"],
    }


def test_the_example_can_be_read_by_a_shell():
    words = ["sh", "-euc", 'set -a; . ./.env.example; printf "%s" "$DEFAULT_FROM_EMAIL"']
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("Portal <portal@example.com>", "")


def test_the_proxy_takes_what_the_portal_takes_and_no_secret_into_its_log():
    proxy = (ROOT / "scripts/proxy/nginx.conf").read_text()
    megabytes = [int(size) for size in re.findall(r"client_max_body_size (\d+)m;", proxy)]
    largest = [LARGEST_FORM, hooks.LARGEST_FORM, max(LARGEST_FILES.values())]
    assert all(size * 1_000_000 >= most for size, most in zip(megabytes, largest, strict=True))
    (files,) = re.findall(r"location ~ (\S+) \{", proxy)
    taken = [reverse("targets:import"), reverse("training:import_actions", args=[7])]
    assert [bool(re.match(files, address)) for address in taken] == [True, True]
    for told in ("proxy_request_buffering on;", "X-Forwarded-For $remote_addr;"):
        assert told in proxy
    kept = re.findall(r"~\^(\S+) \"", proxy)
    assert [without_secrets(f"{address}secret") for address in kept] == [f"{a}…" for a in kept]


@pytest.mark.parametrize("name", PRODUCTION)
def test_the_example_lists_each_setting_that_production_needs(name):
    assert re.search(rf"^{name}=", EXAMPLE, re.MULTILINE)


def test_the_image_runs_without_privileges_and_copies_only_what_exists():
    *_, user = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert user.partition(":")[0] not in ("root", "0")
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    let_in = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert set(copied) == set(let_in)
