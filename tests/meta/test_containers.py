"""What `docker compose config` would check, and what it would not."""

import re

import pytest
import yaml

from tests.meta.files import ROOT
from tests.meta.test_settings import PRODUCTION

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
EXAMPLE = (ROOT / ".env.example").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_parts_are_all_there():
    assert set(SERVICES) == {*OURS, "db", "redis"}
    assert set(COMPOSE["volumes"]) == {"db"}


@pytest.mark.parametrize("name", OURS)
def test_our_parts_are_one_image_that_can_write_nothing(name):
    service = SERVICES[name]
    assert service["image"] == "portal:latest"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["env_file"] == ".env"


@pytest.mark.parametrize("name", SERVICES)
def test_every_part_comes_back_except_the_migration(name):
    assert SERVICES[name]["restart"] == ("no" if name == "migrate" else "unless-stopped")


@pytest.mark.parametrize("name", SERVICES)
def test_every_wait_is_for_a_state_that_the_other_part_reaches(name):
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert wait["condition"] == "service_completed_successfully"
            assert other == "migrate"


def test_row_35_the_database_and_the_queue_are_reached_by_our_parts_alone():
    assert COMPOSE["networks"] == {"data": {"internal": True}}
    for name, service in SERVICES.items():
        is_ours = name in OURS
        assert service["networks"] == (["default", "data"] if is_ours else ["data"])
        assert "ports" not in service or name == "web"
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_log_fills_the_disk(name):
    assert SERVICES[name]["logging"]["options"] == {"max-size": "20m", "max-file": "5"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in ("db", "migrate")])
def test_no_part_takes_all_memory(name):
    assert re.fullmatch(r"\d+[mg]", SERVICES[name]["mem_limit"])


def test_redis_never_drops_a_message_to_make_room():
    assert "--maxmemory-policy noeviction" in SERVICES["redis"]["command"]


def test_row_35_the_migration_alone_logs_in_as_the_owner():
    assert SERVICES["migrate"]["environment"] == {
        "DATABASE_URL": "${MIGRATE_DATABASE_URL:?set it in .env}"
    }
    for name in ("web", "worker", "beat"):
        assert "environment" not in SERVICES[name]
    assert re.search(r"^DATABASE_URL=postgres://portal_app:", EXAMPLE, re.MULTILINE)
    assert re.search(r"^REDIS_URL=redis://:\$\{REDIS_PASSWORD\}@", EXAMPLE, re.MULTILINE)


@pytest.mark.parametrize("name", PRODUCTION)
def test_the_example_lists_each_setting_that_production_needs(name):
    assert re.search(rf"^{name}=", EXAMPLE, re.MULTILINE)


def test_the_image_runs_without_privileges_and_copies_only_what_exists():
    assert DOCKERFILE.index("\nUSER portal") < DOCKERFILE.index("\nCMD")
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    let_in = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert set(copied) == set(let_in)
