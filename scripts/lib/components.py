"""What the portal is made of beside its own source: a CycloneDX bill of materials, and the page of licences.

    python -m scripts.lib.components [--out FILE]      the bill of requirements/base.txt, as installed here
    python -m scripts.lib.components --licences        docs/licences.md, for base.txt and test.txt

Needs no network. The same locks give the same bytes: no time and no number of the document's own are written.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lib import licences

ROOT = Path(__file__).resolve().parents[2]
BASE, TEST = ROOT / "requirements/base.txt", ROOT / "requirements/test.txt"
PAGE = ROOT / "docs/licences.md"
RELEASE = "0.1.0"
HEAD = """\
# Licences of what the portal is made of

Made by `scripts/sbom --licences`; a test fails when a package's licence is unknown or not allowed, or this page is old.
Versions and digests stand in `requirements/base.txt` and `test.txt`; `scripts/sbom` writes the bill of materials
(CycloneDX). The portal itself is under Apache-2.0, its fonts under the OFL ([NOTICE](../NOTICE)). Wheels may carry
libraries of their own, whose notices lie beside them. Debian's packages beside Python (pango, harfbuzz, bubblewrap and
others) are not listed here.

Allowed, each as a separate, unmodified package: {allowed}.
Of alternatives (OR) one is enough."""
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})(?:\s|$)")


@dataclass(frozen=True)
class Locked:
    """One entry of a lock: its name, version, whether it is for this machine, and the digests of its files."""

    name: str
    version: str
    applies: bool
    hashes: tuple[str, ...]

    @property
    def reference(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    def installed(self) -> Distribution | None:
        try:
            return distribution(self.name)
        except PackageNotFoundError:
            return None


def entries(lock: Path) -> Iterator[str]:
    """The logical lines of a lock, each a requirement with its options; comments left out."""
    text = re.sub(r"^\s*#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    yield from (line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip())


def read(lock: Path) -> list[Locked]:
    """What a lock names, in its order. Raises ValueError for a line that is no exact version with digests."""
    return [_one(line) for line in entries(lock)]


def bill(lock: Path = BASE) -> dict[str, Any]:
    """The CycloneDX 1.5 document of what is installed here. Raises ValueError when that is not what the lock names."""
    components = [locked for locked in read(lock) if locked.applies]
    if wrong := [c.name for c in components if (there := c.installed()) is None or there.version != c.version]:
        raise ValueError(f"Not installed as locked: {', '.join(wrong)}.")
    portal = {"type": "application", "bom-ref": "portal", "name": "trust-assessment-portal", "version": RELEASE}
    known = {component.name: component.reference for component in components}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": portal | {"licenses": [{"expression": "Apache-2.0"}]}},
        "components": [_component(component) for component in components],
        "dependencies": [
            {"ref": "portal", "dependsOn": sorted(known.values())},
            *({"ref": c.reference, "dependsOn": _needs(c, known)} for c in components),
        ],
    }


def page() -> str:
    """docs/licences.md."""
    base = {locked.name for locked in read(BASE)}
    test = {locked.name for locked in read(TEST)} - base
    lines = [HEAD.format(allowed=", ".join(sorted(licences.ALLOWED)))]
    for title, names in (("To run", base), ("For `scripts/test` only", test)):
        lines += ["", f"## {title}", "", "| package | licence (SPDX) |", "| --- | --- |"]
        lines += [f"| {name} | {licence_of(name) or 'unknown'} |" for name in sorted(names)]
    return "\n".join(lines) + "\n"


def licence_of(name: str) -> str | None:
    return licences.expression(name, Locked(name, "", True, ()).installed())


def _one(line: str) -> Locked:
    requirement = Requirement(line.split(" --hash=", 1)[0])
    versions, hashes = list(requirement.specifier), tuple(HASH.findall(line))
    if [version.operator for version in versions] != ["=="] or requirement.url or not hashes:
        raise ValueError(f"Not an exact version with digests: {line[:80]}")
    applies = requirement.marker is None or requirement.marker.evaluate()
    return Locked(canonicalize_name(requirement.name), versions[0].version, applies, hashes)


def _component(locked: Locked) -> dict[str, Any]:
    licence = licence_of(locked.name)
    return {
        "type": "library",
        "bom-ref": locked.reference,
        "name": locked.name,
        "version": locked.version,
        "purl": locked.reference,
        **({"licenses": [{"expression": licence}]} if licence else {}),
        # The digests of all files that the lock accepts: one of them is what was installed.
        "externalReferences": [
            {
                "type": "distribution",
                "url": locked.reference,
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in sorted(locked.hashes)],
            }
        ],
    }


def _needs(locked: Locked, known: dict[str, str]) -> list[str]:
    there = locked.installed()
    asked = [Requirement(text) for text in (there.requires if there else None) or ()]
    names = {canonicalize_name(one.name) for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})}
    return sorted(known[name] for name in names if name in known)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/sbom", description="Bill of materials, and the page of licences.")
    parser.add_argument("--licences", action="store_true", help="write docs/licences.md")
    parser.add_argument("--out", type=Path, help="write the bill there instead of to standard output")
    chosen = parser.parse_args(arguments)
    if chosen.licences:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    text = json.dumps(bill(), indent=1, ensure_ascii=False) + "\n"
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
