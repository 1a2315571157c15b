"""Settings from the environment are read strictly: what cannot be read stops the start with the variable's name."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import environment as env

ROOT = Path(__file__).resolve().parents[3]
NAME = "PORTAL_TRIED"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)


def test_text_comes_from_the_variable_its_file_or_the_default(monkeypatch: Any, tmp_path: Path) -> None:
    assert env.text(NAME, "default") == "default"
    secret = tmp_path / "secret"
    secret.write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(secret))
    assert env.text(NAME, "default") == "from a file"
    monkeypatch.setenv(NAME, "both")
    with pytest.raises(ImproperlyConfigured, match=f"either {NAME} or {NAME}_FILE"):
        env.text(NAME)
    monkeypatch.delenv(f"{NAME}_FILE")
    assert env.text(NAME) == "both"


def test_file_that_cannot_be_read_is_named(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match=rf"{NAME}_FILE names .*missing, which cannot be read: No such file"):
        env.text(NAME)


@pytest.mark.parametrize(
    ("value", "read"),
    [("1", True), ("TRUE", True), ("yes", True), ("on", True), ("0", False), ("No", False), ("off", False)],
)
def test_boolean_reads_yes_and_no(monkeypatch: Any, value: str, read: bool) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.boolean(NAME, default=not read) is read


@pytest.mark.parametrize("default", [True, False])
def test_empty_boolean_is_the_default(monkeypatch: Any, default: bool) -> None:
    monkeypatch.setenv(NAME, "")
    assert env.boolean(NAME, default=default) is default


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda: env.boolean(NAME, default=False), "maybe", "PORTAL_TRIED must be one of true, false (found 'maybe')."),
        (lambda: env.integer(NAME, 5), "ten", "PORTAL_TRIED must be a whole number (found 'ten')."),
        (lambda: env.integer(NAME, 5), "1.5", "PORTAL_TRIED must be a whole number (found '1.5')."),
        (lambda: env.integer(NAME, 5, minimum=2), "1", "PORTAL_TRIED must be at least 2 (found 1)."),
        (lambda: env.choice(NAME, "a", {"a", "b"}), "c", "PORTAL_TRIED must be one of a, b (found 'c')."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    monkeypatch: Any, read: Callable[[], Any], value: str, sentence: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert str(refused.value) == sentence


def test_listing_leaves_out_what_is_empty(monkeypatch: Any) -> None:
    monkeypatch.setenv(NAME, " a.example , ,b.example,")
    assert env.listing(NAME) == ["a.example", "b.example"]


def test_kept_secret_is_made_once_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret-key"
    first = env.kept_secret(path)
    assert len(first) >= 50
    assert env.kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret-key"]


def started(**variables: str) -> subprocess.CompletedProcess[str]:
    """The settings read in a process of their own, with nothing else in the environment."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    program = "from portal import settings; print(settings.MODE, settings.SECRET_KEY)"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=kept | variables, capture_output=True, text=True, check=False
    )


def test_production_makes_no_key_of_its_own(tmp_path: Path) -> None:
    done = started(PORTAL_MODE="production", PORTAL_VAR=str(tmp_path))
    assert done.returncode != 0
    assert "Set SECRET_KEY or SECRET_KEY_FILE" in done.stderr
    assert not (tmp_path / "secret-key").exists()


def test_production_takes_its_key_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("kept elsewhere\n")
    done = started(PORTAL_MODE="production", PORTAL_VAR=str(tmp_path), SECRET_KEY_FILE=str(secret))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "production kept elsewhere\n"


def test_misspelt_mode_stops_the_start(tmp_path: Path) -> None:
    done = started(PORTAL_MODE="prod", PORTAL_VAR=str(tmp_path))
    assert done.returncode != 0
    assert "PORTAL_MODE must be one of embedded, production (found 'prod')." in done.stderr


KEYS = {f"{NAME}_KEY_ID": "key", f"{NAME}_SECRET": "secret"}


@pytest.mark.parametrize(
    ("name", "more", "bucket", "prefix", "endpoint"),
    [
        ("s3://portal-files", {}, "portal-files", "", ""),
        ("s3://portal-files/pilot/2026/", {}, "portal-files", "pilot/2026/", ""),
        ("s3://f.i.l", {f"{NAME}_ENDPOINT": "https://s.example:9000/"}, "f.i.l", "", "https://s.example:9000"),
    ],
)
def test_bucket_is_read_with_what_belongs_to_it(
    monkeypatch: Any, name: str, more: dict[str, str], bucket: str, prefix: str, endpoint: str
) -> None:
    assert env.bucket(NAME) is None
    for variable, value in {NAME: name, **KEYS, **more}.items():
        monkeypatch.setenv(variable, value)
    assert env.bucket(NAME) == {
        "bucket": bucket, "prefix": prefix, "endpoint": endpoint, "region": "us-east-1",
        "key_id": "key", "secret": "secret",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({NAME: "/srv/files", **KEYS}, "must read s3://bucket"),
        ({NAME: "s3://Files", **KEYS}, "must read s3://bucket"),
        ({NAME: "s3://files/../other", **KEYS}, "must read s3://bucket"),
        ({NAME: "s3://files"}, f"Set {NAME}_KEY_ID and {NAME}_SECRET"),
        ({NAME: "s3://files", **KEYS, f"{NAME}_ENDPOINT": "store:9000"}, f"{NAME}_ENDPOINT must be an address"),
        (KEYS, f"{NAME} must name a bucket"),
    ],
)
def test_bucket_that_is_not_whole_stops_the_start(monkeypatch: Any, values: dict[str, str], said: str) -> None:
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(ImproperlyConfigured, match=said):
        env.bucket(NAME)
