import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.utils import OperationalError
from pytest_django import Settings

from incidents.models import Desk, Team
from itsm import checks
from tests.running import ROOT

GOOD: dict[str, Any] = {
    "PRODUCTION": True,
    "SECRET_KEY": "Zq7-xW2kLm9pRt4vBn6yHs8dFg3jKc5aQe1uTi0oPwXzMvNbGhYrUlSdEfAc",
    "ALLOWED_HOSTS": ["desk.example.org"],
    "BASE_URL": "https://desk.example.org",
    "HTTPS": True,
    "TRUSTED_PROXIES": ["10.0.0.5"],
    "BROKER_URL": "redis://queue:6379/0",
    "CACHES": {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "desk_cache"}
    },
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "Service desk <desk@example.org>",
    "HEALTH_TOKEN": "a-long-random-word",
    "DEMO": False,
}


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in GOOD.items():
        setattr(settings, name, value)
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    return settings


def found() -> list[str]:
    return [str(finding.id) for finding in checks.settings_findings()]


def test_good_production_settings_have_no_findings(production: Settings) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("SECRET_KEY_IS_MISSING", True, "itsm.E010"),
        ("SECRET_KEY", "short", "itsm.E011"),
        ("SECRET_KEY", "a" * 80, "itsm.E011"),
        ("SECRET_KEY", f"django-insecure-{GOOD['SECRET_KEY']}", "itsm.E011"),
        ("ALLOWED_HOSTS", [], "itsm.E012"),
        ("ALLOWED_HOSTS", ["*"], "itsm.E013"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "itsm.E014"),
        ("EMAIL_TIMEOUT", None, "itsm.E015"),
        ("BROKER_URL", "memory://", "itsm.E016"),
        ("DEMO", True, "itsm.E017"),
        ("TRUSTED_PROXIES", [], "itsm.E018"),
        ("HTTPS", False, "itsm.W001"),
        ("EMAIL_URL", "", "itsm.W002"),
        ("DEFAULT_FROM_EMAIL", "Service desk <desk@localhost>", "itsm.W003"),
        ("BROKER_URL", "filesystem://localhost", "itsm.W004"),
        ("HEALTH_TOKEN", "", "itsm.W006"),
        ("BROKER_URL", "carrier-pigeon://loft", "itsm.E002"),
        ("STORAGE_URL", "s3://bucket", "itsm.E003"),
        ("TRUSTED_PROXIES", ["10.0.0.0/99"], "itsm.E004"),
        ("BASE_URL", "desk.example.org", "itsm.E005"),
        ("BASE_URL", "https://desk.example.org/desk", "itsm.E005"),
    ],
)
def test_bad_value_is_found_by_name(production: Settings, name: str, value: object, finding: str) -> None:
    setattr(production, name, value)

    assert found() == [finding]


def test_sqlite_in_production_is_a_warning(production: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(production.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")

    assert found() == ["itsm.W005"]


def test_unwritable_data_dir_is_found(settings: Settings) -> None:
    settings.DATA_DIR = Path("/proc/nowhere")

    assert found() == ["itsm.E001"]


def test_try_out_is_not_asked_for_a_key(settings: Settings) -> None:
    settings.SECRET_KEY = "short"
    settings.BROKER_URL = "filesystem://localhost"

    assert found() == []


def test_desk_without_tls_needs_no_proxy(production: Settings) -> None:
    production.HTTPS, production.TRUSTED_PROXIES = False, []

    assert found() == ["itsm.W001"]


def test_proxy_on_a_socket_file_is_a_proxy(production: Settings) -> None:
    production.TRUSTED_PROXIES = ["unix"]

    assert found() == []


def test_every_finding_says_what_to_do(production: Settings) -> None:
    production.SECRET_KEY_IS_MISSING, production.ALLOWED_HOSTS = True, []

    assert [finding.hint for finding in checks.settings_findings() if not finding.hint] == []


def test_server_refuses_to_start_on_an_error(production: Settings) -> None:
    production.ALLOWED_HOSTS = ["*"]

    with pytest.raises(ImproperlyConfigured, match=r"itsm\.E013"):
        checks.refuse_to_start_on_errors()


@pytest.mark.parametrize("entry", ["itsm.wsgi", "itsm.asgi"])
def test_server_asks_before_anything_is_loaded(entry: str, tmp_path: Path) -> None:
    """By the module that gunicorn is given, in a process where Django is not set up yet."""
    started = subprocess.run(
        [sys.executable, "-c", f"import {entry}"],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "BASE_URL": "nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "ImproperlyConfigured: itsm.E005" in started.stderr


def test_server_starts_with_warnings(production: Settings) -> None:
    production.HEALTH_TOKEN = ""

    checks.refuse_to_start_on_errors()


def rows_found() -> list[str]:
    return [str(finding.id) for finding in checks.desk_findings()]


def test_desk_without_a_default_team_is_found(db: None) -> None:
    assert rows_found() == ["itsm.W007"]


def test_desk_whose_default_team_is_switched_off_is_found(alice: User, network: Team) -> None:
    Desk.objects.update(default_team=network)
    Team.objects.update(is_active=False)

    assert rows_found() == ["itsm.W007"]


def test_desk_whose_default_team_is_empty_is_found(network: Team) -> None:
    Desk.objects.update(default_team=network)

    assert rows_found() == ["itsm.W008"]


def test_desk_with_a_staffed_default_team_has_no_findings(alice: User, network: Team) -> None:
    Desk.objects.update(default_team=network)

    assert rows_found() == []


def test_default_team_is_checked_only_before_a_deployment(
    db: None, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.SILENCED_SYSTEM_CHECKS = ["async.E001"]  # what earlier tests in a browser need

    call_command("check")
    quiet = capsys.readouterr()
    call_command("check", deploy=True)

    assert "itsm.W007" not in quiet.out + quiet.err
    assert "itsm.W007" in capsys.readouterr().err


def test_database_without_tables_is_no_finding(db: None) -> None:
    def refuse(*_args: object) -> None:
        raise OperationalError("no such table: incidents_desk")

    with connection.execute_wrapper(refuse):
        assert rows_found() == []
