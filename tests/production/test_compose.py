"""docker-compose.yml: fits its schema, confines every service, and names nothing that is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from scripts.lib import compose, dockerfile

PROJECT = Path(__file__).resolve().parents[2]
VALUES = {
    "PORTAL_URL": "https://portal.example.org",
    "PORTAL_HOST": "portal.example.org",
    "PORTAL_EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "PORTAL_EMAIL_FROM": "Portal <portal@example.org>",
}
CONTENT: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = compose.read(PROJECT / "docker-compose.yml", VALUES)
EACH = pytest.mark.parametrize("name", SERVICES)


def schema() -> jsonschema.Draft202012Validator:
    source = Path(__file__).with_name("compose.schema.json")
    return jsonschema.Draft202012Validator(json.loads(source.read_text(encoding="utf-8")))


def test_the_file_fits_its_schema() -> None:
    schema().check_schema(schema().schema)
    assert [error.message for error in schema().iter_errors(CONTENT)] == []


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("web-1", "prots", ["1:1"]),
        ("web-1", "privileged", True),
        ("redis", "restart", "sometimes"),
        ("beat", "user", "root"),
    ],
)
def test_the_schema_refuses_what_compose_would_not_understand_or_we_do_not_want(
    service: str, key: str, value: Any
) -> None:
    content = json.loads(json.dumps(CONTENT))
    content["services"][service][key] = value
    assert list(schema().iter_errors(content))


@EACH
def test_every_service_is_confined(name: str) -> None:
    content = SERVICES[name].content
    assert content["read_only"] is True
    assert content["cap_drop"] == ["ALL"]
    assert "cap_add" not in content
    assert "no-new-privileges:true" in content["security_opt"]
    assert int(content["user"].split(":")[0]) > 0
    assert content["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert content["deploy"]["resources"]["limits"]


def test_only_workers_may_make_name_spaces() -> None:
    loosened = {name for name, service in SERVICES.items() if len(service.content["security_opt"]) > 1}
    assert loosened == {"worker-runs", "worker-quick"}
    profile = json.loads((PROJECT / "deploy/seccomp-worker.json").read_text(encoding="utf-8"))
    denied = {name for rule in profile["syscalls"] for name in rule["names"] if rule["action"] == "SCMP_ACT_ERRNO"}
    assert not denied & {
        "unshare",
        "clone",
        "clone3",
        "mount",
        "umount2",
        "pivot_root",
        "seccomp",
        "landlock_create_ruleset",
    }
    assert denied >= {"bpf", "kexec_load", "init_module", "ptrace", "keyctl", "reboot", "perf_event_open"}


@EACH
def test_what_goes_on_running_has_a_health_check(name: str) -> None:
    assert bool(SERVICES[name].health_test) == (name != "prepare")
    for needed, condition in SERVICES[name].depends_on.items():
        ends = needed == "prepare"
        assert condition == ("service_completed_successfully" if ends else "service_healthy")


@EACH
def test_secrets_volumes_networks_and_files_that_are_named_exist(name: str) -> None:
    service = SERVICES[name]
    assert set(service.secrets) <= set(CONTENT["secrets"])
    assert set(service.content["networks"]) <= set(CONTENT["networks"])
    for source in service.mounts.values():
        assert (PROJECT / source).exists() if source.startswith(".") else source in CONTENT["volumes"]
    used = [value for value in service.environment.values() if value.startswith("/run/secrets/")]
    assert {value.removeprefix("/run/secrets/") for value in used} <= set(service.secrets)
    for option in service.content["security_opt"]:
        if option.startswith("seccomp:"):
            assert (PROJECT / option.removeprefix("seccomp:")).exists()


@EACH
def test_images_are_pinned_and_no_secret_stands_in_the_environment(name: str) -> None:
    service = SERVICES[name]
    tag = service.image.rpartition(":")[2]
    assert tag not in ("", "latest")
    assert not {
        "SECRET_KEY",
        "DATABASE_URL",
        "PORTAL_BROKER_URL",
        "PORTAL_SIGNING_PASSPHRASE",
        "POSTGRES_PASSWORD",
    } & set(service.environment)


def test_only_nginx_is_reachable_and_runs_reach_nothing_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service.content] == ["nginx"]
    assert CONTENT["networks"]["stores"] == {"internal": True}
    for name in ("worker-runs", "beat", "postgres", "redis"):
        assert SERVICES[name].content["networks"] == ["stores"]
    assert "stores" not in SERVICES["nginx"].content["networks"]


def test_all_secrets_and_volumes_are_used() -> None:
    assert {secret for service in SERVICES.values() for secret in service.secrets} == set(CONTENT["secrets"])
    volumes = {source for service in SERVICES.values() for source in service.mounts.values()}
    assert {source for source in volumes if not source.startswith(".")} == set(CONTENT["volumes"])


def test_every_setting_that_the_file_gives_is_documented() -> None:
    documented = (PROJECT / "docs/settings.md").read_text(encoding="utf-8")
    names = {name.removesuffix("_FILE") for name in SERVICES["web-1"].environment}
    assert [name for name in sorted(names) if f"`{name}`" not in documented] == []


def test_what_is_not_given_is_asked_for_by_name() -> None:
    with pytest.raises(compose.MissingValueError, match="PORTAL_EMAIL_URL is not set: an SMTP server"):
        compose.read(PROJECT / "docker-compose.yml", {**VALUES, "PORTAL_EMAIL_URL": ""})
    assert compose.put_in("$$A ${B:-c} ${D}", {"D": "e"}) == "$A c e"


def test_the_image_runs_as_an_ordinary_user_in_production_mode() -> None:
    build, last = dockerfile.read(PROJECT / "Dockerfile")
    assert {build.image, last.image} == {"python:3.13-slim-trixie"}
    assert last.environment["PORTAL_MODE"] == "production"
    assert [step.argument for step in last.steps if step.word == "USER"] == ["portal"]
    assert SERVICES["web-1"].content["user"] == "10001:10001"
    assert any("--uid 10001" in step.argument for step in last.steps if step.word == "RUN")
    assert last.command[0] == "gunicorn"


def test_files_in_a_bucket_are_an_addition_to_the_same_stack() -> None:
    """Every service that reads files gets the bucket and its key as secrets; only test runs get a way to it anew."""
    given = yaml.safe_load((PROJECT / "deploy/compose.store.yml").read_text(encoding="utf-8"))
    with pytest.raises(compose.MissingValueError, match="PORTAL_STORE"):
        compose.fill(given, VALUES)
    content = compose.fill(given, VALUES | {"PORTAL_STORE": "s3://portal-files/pilot"})
    readers = {name for name, service in SERVICES.items() if "DATABASE_URL_FILE" in service.environment} - {"beat"}
    assert set(content["services"]) == readers
    for name, service in content["services"].items():
        assert service["environment"]["PORTAL_STORE"] == "s3://portal-files/pilot"
        named = {value.rpartition("/")[2] for key, value in service["environment"].items() if key.endswith("_FILE")}
        assert named == set(service["secrets"]) == set(content["secrets"])
        assert set(service) - {"environment", "secrets"} == ({"networks"} if name == "worker-runs" else set())
    assert not set(content["secrets"]) & set(CONTENT["secrets"])
