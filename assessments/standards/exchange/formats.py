"""The formats by name: what the command and the pages offer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from evaluations.methods.frame import Text

from ..documents import DocumentRefused, Problem, parse_bytes
from . import checklist
from .cyclonedx import write_cyclonedx
from .oscal.catalog import write_catalog
from .oscal.mapping import read_mapping, write_mapping
from .oscal.profile import select, write_profile
from .oscal.reading import catalog_of, read_oscal, standard_in
from .report import Imported, Report
from .workbook import read_workbook, write_workbook

JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARKDOWN = "text/markdown; charset=utf-8"
YAML = "application/yaml; charset=utf-8"


@dataclass(frozen=True)
class Exported:
    """What a writer needs: content of an edition, when it last changed, its scheme, the reader's language, and the
    risk tier of a profile (none: the scheme's highest)."""

    content: Mapping[str, Any]
    modified: datetime
    scheme: Mapping[str, Any] | None = None
    language: str = "en"
    tier: str = ""


@dataclass(frozen=True)
class Format:
    """A format in which an edition can be had. `suffix` ends the file's name."""

    suffix: str
    media_type: str
    write: Callable[[Exported], bytes]


def binding_gates(scheme: Mapping[str, Any], tier: str) -> list[str]:
    """The kinds of gate that the scheme's lowest level asks for at a tier."""
    return [rule["gate"] for rule in scheme["levels"][0]["gates"] if tier in rule.get("tiers", [tier])]


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def write_yaml(content: Mapping[str, Any]) -> bytes:
    """YAML as `documents` reads it: no aliases, texts in their own script."""
    return yaml.dump(dict(content), Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120).encode()


def in_one_line(value: Any) -> str:
    """A small value as YAML on one line, for a field of a form."""
    written: str = yaml.dump(
        value, Dumper=_Plain, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**6
    )
    return written.strip()


class _Plain(yaml.SafeDumper):
    """Writes equal things twice; our reader refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _profile(exported: Exported) -> bytes:
    if exported.scheme is None:
        raise ValueError("a profile needs a scheme, which says what is obligatory")
    tier = exported.tier or exported.scheme["tiers"][-1]["code"]
    return _json(write_profile(exported.content, tier, binding_gates(exported.scheme, tier), exported.modified))


FORMATS: dict[str, Format] = {
    "oscal": Format("oscal.json", JSON, lambda it: _json(write_catalog(it.content, it.modified))),
    "oscal-profile": Format("oscal-profile.json", JSON, _profile),
    "oscal-mapping": Format("oscal-mapping.json", JSON, lambda it: _json(write_mapping(it.content, it.modified))),
    "cyclonedx": Format("cdx.json", JSON, lambda it: _json(write_cyclonedx(it.content, it.modified, it.scheme))),
    "xlsx": Format("xlsx", XLSX, lambda it: write_workbook(it.content)),
    "yaml": Format("yaml", YAML, lambda it: write_yaml(it.content)),
    "markdown": Format("checklist.md", MARKDOWN, lambda it: checklist.write_markdown(it.content, it.language).encode()),
    "checklist": Format("checklist.xlsx", XLSX, lambda it: checklist.write_workbook(it.content, it.language)),
}


def read_any(raw: bytes, file: str, *, code: str = "", profile: tuple[bytes, str] | None = None) -> Imported:
    """The standard in a file, by the ending of its name: .json (OSCAL catalogue), .xlsx, .yaml or .yml.

    A profile (its bytes and name) narrows a catalogue. The result is always a draft; it has the right shape for
    `loading` to check. Raises DocumentRefused.
    """
    ending = file.lower().rpartition(".")[2]
    if ending == "xlsx":
        return read_workbook(raw, file)
    if ending in ("yaml", "yml"):
        return Imported({**parse_bytes(raw, file).content, "status": "draft"}, Report())
    catalog = catalog_of(read_oscal(raw, file), file)
    if profile is None:
        return standard_in(catalog, code, file)
    chosen = read_oscal(*profile)
    if "profile" not in chosen:
        text = Text("a profile is expected", "应为基线（profile）")
        raise DocumentRefused([Problem(profile[1], 1, (next(iter(chosen)),), text)])
    narrowed = Report()
    found = standard_in(select(catalog, chosen["profile"], narrowed), code, file)
    found.report.take(narrowed)
    return found


def with_mapping(imported: Imported, raw: bytes, file: str) -> Imported:
    """The standard with the relations that an OSCAL mapping collection adds. Raises DocumentRefused."""
    document = read_oscal(raw, file)
    if "mapping-collection" not in document:
        text = Text("a mapping collection is expected", "应为映射集合（mapping-collection）")
        raise DocumentRefused([Problem(file, 1, (next(iter(document)),), text)])
    mapped = read_mapping(document["mapping-collection"], imported.content)
    imported.report.take(mapped.report)
    return Imported(mapped.content, imported.report)
