"""Settings arrive where they work, and production refuses to start on half of them."""

import os
import subprocess
import sys

import pytest
from celery.app.defaults import SETTING_KEYS
from cryptography.fernet import Fernet
from django.conf import settings

from portal.celery import app
from tests.meta.files import ROOT

PRODUCTION = {
    "SECRET_KEY": "not-a-secret-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2,
    "PORTAL_VAULT_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgres://portal@db.example.com/portal",
    "REDIS_URL": "redis://redis.example.com/0",
    "EMAIL_URL": "smtp+tls://mail.example.com:587",
    "PORTAL_URL": "https://portal.example.com",
    "ALLOWED_HOSTS": "portal.example.com",
}
DEPLOY = ("check", "--deploy", "--fail-level", "WARNING")
CELERY_SETTINGS = [name for name in dir(settings) if name.startswith("CELERY_")]


def manage(*arguments, env, var):
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORTAL_VAR": str(var), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_are_celery_settings():
    assert len(CELERY_SETTINGS) > 15


@pytest.mark.parametrize("name", CELERY_SETTINGS)
def test_celery_setting_arrives_on_the_app(name):
    key = name.removeprefix("CELERY_").lower()
    assert key in SETTING_KEYS
    assert app.conf[key] == getattr(settings, name)


def test_production_is_the_default_and_names_everything_that_is_missing(tmp_path):
    ended = manage("check", env={}, var=tmp_path)
    assert ended.returncode != 0
    assert f"Missing settings: {', '.join(PRODUCTION)}." in ended.stderr


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_refuses_to_start_without(name, tmp_path):
    ended = manage("check", env={**PRODUCTION, name: ""}, var=tmp_path)
    assert ended.returncode != 0
    assert f"Missing settings: {name}." in ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "a1b2c3d4e5" * 4),
        ("SECRET_KEY", "changeme" * 10),
        ("PORTAL_VAULT_KEYS", "a1b2c3d4e5"),
        ("PORTAL_VAULT_KEYS", "A" * 43 + "=,short"),
    ],
)
def test_row_35_production_refuses_to_start_on_a_weak(name, value, tmp_path):
    ended = manage("check", env={**PRODUCTION, name: value}, var=tmp_path)
    assert ended.returncode != 0
    assert name in ended.stderr.splitlines()[-1]
    assert value not in ended.stderr


def test_deployment_check_has_no_issues_in_production(tmp_path):
    ended = manage(*DEPLOY, env=PRODUCTION, var=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "System check identified no issues (0 silenced).\n"


def test_deployment_check_would_find_an_unencrypted_site(tmp_path):
    unencrypted = {**PRODUCTION, "PORTAL_URL": "http://portal.example.com"}
    ended = manage(*DEPLOY, env=unencrypted, var=tmp_path)
    assert ended.returncode != 0
    assert "security.W" in ended.stderr


def test_a_secret_may_begin_with_a_dollar_sign(tmp_path):
    ended = manage(*DEPLOY, env={**PRODUCTION, "SECRET_KEY": "$" + "a1b2c3d4e5" * 6}, var=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
