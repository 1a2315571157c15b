"""What the criteria of an edition say about other frameworks, part by part, and what they leave out.

A relation is read from the criterion's side, with the terms of OSCAL's mapping model: the criterion is *equal* to the
part, a *subset* of it (asks for some of it), a *superset* (asks for all of it and more), or *intersects* with it.
*source* is no relation of requirements: the criterion was built from that text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .frameworks import Framework, Part, Register, UnknownReference

RELATIONS = ("equal", "superset", "subset", "intersects", "source")


@dataclass(frozen=True)
class Link:
    """One reference of one criterion; `note` is a text of two languages or None."""

    criterion: str
    relation: str
    note: Mapping[str, str] | None


@dataclass(frozen=True)
class PartRow:
    """A part of a framework (None: the framework as a whole) with all that refers to it, strongest relation first."""

    part: Part | None
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Coverage:
    """One framework as seen from an edition. `gaps` are parts on record that no criterion refers to."""

    framework: Framework
    rows: tuple[PartRow, ...]

    @property
    def criteria(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(link.criterion for row in self.rows for link in row.links))

    @property
    def gaps(self) -> tuple[Part, ...]:
        return tuple(row.part for row in self.rows if row.part is not None and not row.links)

    def count(self, characteristic: str) -> int:
        """How many criteria of a characteristic refer to the framework."""
        return sum(code.rpartition("-")[0] == characteristic for code in self.criteria)


def coverage(references: Mapping[str, Sequence[Mapping[str, Any]]], register: Register) -> list[Coverage]:
    """Every framework on record, in the order of the register; `references` maps criterion codes to their references.

    A reference without a record is left out here; `checks` refuses it in a full edition.
    """
    links: dict[tuple[str, str | None], list[Link]] = {}
    for code, items in references.items():
        for item in items:
            try:
                framework, part = register.find(item["to"])
            except UnknownReference:
                continue
            link = Link(code, item.get("relation", "source"), item.get("note"))
            links.setdefault((framework.id, part.id if part else None), []).append(link)
    return [Coverage(framework, _rows(framework, links)) for framework in register.frameworks]


def _rows(framework: Framework, links: Mapping[tuple[str, str | None], list[Link]]) -> tuple[PartRow, ...]:
    whole = links.get((framework.id, None), [])
    rows = [PartRow(None, _sorted(whole))] if whole or not framework.parts else []
    rows += [PartRow(part, _sorted(links.get((framework.id, part.id), []))) for part in framework.parts]
    return tuple(rows)


def _sorted(links: Sequence[Link]) -> tuple[Link, ...]:
    # The sort is stable: within a relation the order of the edition stays.
    return tuple(sorted(links, key=lambda link: RELATIONS.index(link.relation)))
