"""Settings from the environment: strict, secrets also from files, and each of them documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

from portal import environment as env

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"env\.(?:text|boolean|integer|choice|listing|counts|secret)\(\s*\"(\w+)\"")


def settings_read() -> set[str]:
    return set(READ.findall((ROOT / "portal/settings.py").read_text(encoding="utf-8")))


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`([A-Z0-9_]+)`", (ROOT / "docs/settings.md").read_text(encoding="utf-8")))
    assert settings_read() - documented == set()


def test_compose_names_only_settings_that_exist() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    named = {
        name.removesuffix("_FILE")
        for service in compose["services"].values()
        for name in service.get("environment", {})
        if not name.startswith(("POSTGRES_", "NGINX_"))
    }
    assert named
    assert named - settings_read() == set()


def test_secret_from_a_file_is_read_without_its_line_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("kept\n", encoding="utf-8")
    monkeypatch.setenv("PORTAL_X_FILE", str(tmp_path / "secret"))
    assert env.text("PORTAL_X") == "kept"


def test_value_and_file_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORTAL_X", "one")
    monkeypatch.setenv("PORTAL_X_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match="PORTAL_X_FILE, not both"):
        env.text("PORTAL_X")


def test_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORTAL_X_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="absent"):
        env.text("PORTAL_X")


@pytest.mark.parametrize(("value", "meaning"), [("yes", True), ("0", False), ("", True)])
def test_boolean(monkeypatch: pytest.MonkeyPatch, value: str, meaning: bool) -> None:
    monkeypatch.setenv("PORTAL_X", value)
    assert env.boolean("PORTAL_X", default=True) is meaning


@pytest.mark.parametrize("value", ["maybe", "2", "ja"])
def test_boolean_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORTAL_X", value)
    with pytest.raises(ImproperlyConfigured, match="PORTAL_X"):
        env.boolean("PORTAL_X", default=False)


@pytest.mark.parametrize("value", ["ten", "1.5", "0"])
def test_integer_out_of_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORTAL_X", value)
    with pytest.raises(ImproperlyConfigured, match="PORTAL_X"):
        env.integer("PORTAL_X", 5, minimum=1)


def test_kept_secret_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret"
    first = env.kept_secret(path)
    assert len(first) >= 48
    assert env.kept_secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
