"""What comes from elsewhere: exact, digested, from no host that is written down, under licences that we may use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.lib import components, dockerfile, licences

ROOT = Path(__file__).resolve().parents[3]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
DIGEST = " --hash=sha256:" + "0" * 64


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_line_of_a_lock_is_exact_and_digested(lock: Path) -> None:
    named = components.read(lock)
    assert len(named) > 20
    assert all(component.hashes for component in named)
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in "".join(components.entries(lock))
    wanted = components.entries(lock.with_suffix(".in"))
    direct = {components.canonicalize_name(components.Requirement(line).name) for line in wanted if line[0] != "-"}
    assert direct <= {component.name for component in named}


@pytest.mark.parametrize(
    "line",
    [
        "django==5.2.1",
        "django~=5.2" + DIGEST,
        "django" + DIGEST,
        "django==5.2.1 --hash=md5:00",
        "django @ file:///tmp/django.whl" + DIGEST,
        "--index-url nowhere",
    ],
)
def test_a_line_that_is_not_is_refused(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"# a comment\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"digests|Expected"):
        components.read(lock)


def test_every_licence_is_known_and_allowed() -> None:
    names = {component.name for lock in (components.BASE, components.TEST) for component in components.read(lock)}
    found = {name: components.licence_of(name) for name in names}
    assert {name: licence for name, licence in found.items() if not licence or not licences.is_allowed(licence)} == {}
    assert set(licences.REVIEWED) <= names
    assert components.PAGE.read_text(encoding="utf-8") == components.page()


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-only", False),
        ("GPL-2.0-or-later OR MPL-1.1", True),
        ("", False),
    ],
)
def test_what_may_be_used(licence: str, allowed: bool) -> None:
    assert licences.is_allowed(licence) is allowed


def test_the_bill_names_what_is_installed(tmp_path: Path) -> None:
    assert components.main(["--out", str(tmp_path / "bill.json")]) == 0
    bill = json.loads((tmp_path / "bill.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    locked = [component for component in components.read(components.BASE) if component.applies]
    assert [part["purl"] for part in bill["components"]] == [component.reference for component in locked]
    assert all(part["licenses"] and part["externalReferences"][0]["hashes"] for part in bill["components"])
    needs = {row["ref"].split("@")[0]: row["dependsOn"] for row in bill["dependencies"]}
    assert [name.split("@")[0] for name in needs["pkg:pypi/django"]] == ["pkg:pypi/asgiref", "pkg:pypi/sqlparse"]
    assert len(needs["portal"]) == len(locked)
    assert components.bill() == bill


def test_another_version_than_the_locked_one_stops_the_bill(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"django==1.0{DIGEST}\nno-such-package==1{DIGEST}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Not installed as locked: django, no-such-package"):
        components.bill(lock)


def test_the_image_brings_its_bill() -> None:
    build = dockerfile.read(ROOT / "Dockerfile")[0]
    assert any("scripts.lib.components --out sbom.cdx.json" in step.argument for step in build.steps)
