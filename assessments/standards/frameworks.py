"""Laws, standards and guidance that criteria refer to, as records with their status and dates (`data/frameworks.yaml`).

A reference is written as it is cited: the framework's name, then the part ("EU 2024/1689 Art. 15"). It holds
identifiers and words of our own, never the text of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluations.methods.frame import Text

SEPARATORS = " ,–"


class UnknownReference(LookupError):
    """A reference that leads to no record; `text` says what is missing."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True)
class Part:
    """An article, function or area of a framework: its identifier and what it is about, in our own words."""

    id: str
    title: Text


@dataclass(frozen=True)
class Framework:
    """One record. `dates` maps issued, in_force, applies, superseded, withdrawn to a year, month or day (ISO 8601).

    `certainty` is how well status and dates are known: official (read in an official text), secondary (said by another
    source), general (general knowledge, not checked) or unconfirmed. `parts_are` says whether `parts` are all of it.
    """

    id: str
    cited_as: str
    title: Text
    issuer: Text
    kind: str
    status: str
    dates: Mapping[str, str]
    certainty: str
    note: Text | None
    parts: tuple[Part, ...]
    parts_are: str

    def part(self, identifier: str) -> Part:
        """Raises KeyError when the framework has no such part on record."""
        for part in self.parts:
            if part.id == identifier:
                return part
        raise KeyError(identifier)


@dataclass(frozen=True)
class Register:
    """All framework records."""

    frameworks: tuple[Framework, ...]
    checked_on: str

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Register:
        """Read checked content; raises KeyError on content that was not checked."""
        return cls(tuple(_framework(item) for item in content["frameworks"]), content["checked_on"])

    def get(self, identifier: str) -> Framework:
        """Raises KeyError when there is no record of that id."""
        for framework in self.frameworks:
            if framework.id == identifier:
                return framework
        raise KeyError(identifier)

    def find(self, cited: str) -> tuple[Framework, Part | None]:
        """The framework, and the part of it, that a reference leads to. Raises UnknownReference."""
        fitting = [item for item in self.frameworks if _begins(cited, item.cited_as)]
        if not fitting:
            raise UnknownReference(Text(f"no framework is on record for {cited}", f"框架记录中没有 {cited}"))
        framework = max(fitting, key=lambda item: len(item.cited_as))
        rest = cited[len(framework.cited_as) :].strip(SEPARATORS)
        if not rest:
            return framework, None
        try:
            return framework, framework.part(rest)
        except KeyError:
            text = Text(f"{framework.cited_as} has no part {rest} on record", f"{framework.cited_as} 未登记 {rest}")
            raise UnknownReference(text) from None


def _begins(cited: str, name: str) -> bool:
    return cited == name or (cited.startswith(name) and cited[len(name)] in SEPARATORS)


def _framework(item: Mapping[str, Any]) -> Framework:
    return Framework(
        id=item["id"],
        cited_as=item["cited_as"],
        title=_text(item["title"]),
        issuer=_text(item["issuer"]),
        kind=item["kind"],
        status=item["status"],
        dates=item.get("dates", {}),
        certainty=item["certainty"],
        note=_text(item["note"]) if "note" in item else None,
        parts=tuple(Part(part["id"], _text(part["title"])) for part in item.get("parts", ())),
        parts_are=item.get("parts_are", "selected"),
    )


def _text(value: Mapping[str, str]) -> Text:
    return Text(value["en"], value["zh"])
