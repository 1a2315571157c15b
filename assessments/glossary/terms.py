"""The terms of the glossary: data in both languages, read once, found by any of their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from evaluations.readers.text import Text

DATA = Path(__file__).parent / "data"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, where it was built


class UnknownTerm(LookupError):
    """The glossary has no term of that name."""


@dataclass(frozen=True)
class Term:
    """One term. `slug` is its anchor and never changes; `sources` say where its meaning comes from.

    `related` are slugs, `places` names of pages on which it may be met, `field` the part of the glossary it stands in.
    """

    slug: str
    name: Text
    meaning: Text
    sources: tuple[Text, ...]
    related: tuple[str, ...]
    places: tuple[str, ...]
    field: str
    also: tuple[str, ...] = ()

    @property
    def names(self) -> Iterator[str]:
        """All that it is called, in both languages."""
        yield from (self.name.en, self.name.zh, *self.also)

    def holds(self, word: str) -> bool:
        """Whether a word, in lower case, occurs in its names or its meaning."""
        return any(word in text.lower() for text in (*self.names, self.meaning.en, self.meaning.zh))


@dataclass(frozen=True, eq=False)
class Glossary:
    """All terms by slug, in the order of their fields; titles of fields and places."""

    terms: dict[str, Term]
    fields: dict[str, Text]
    places: dict[str, Text]

    def of_field(self, code: str) -> list[Term]:
        return [term for term in self.terms.values() if term.field == code]

    def get(self, name: str) -> Term:
        """The term of that slug or name, in either language; capitals do not matter. Raises UnknownTerm."""
        slug = name if name in self.terms else self._by_name.get(name.lower(), "")
        if not slug:
            raise UnknownTerm(name)
        return self.terms[slug]

    def search(self, words: str) -> list[Term]:
        """The terms that hold every word; those named so come first."""
        wanted = words.lower().split()
        found = [term for term in self.terms.values() if wanted and all(term.holds(word) for word in wanted)]
        whole = " ".join(wanted)
        return sorted(found, key=lambda term: not any(whole in name.lower() for name in term.names))

    def related(self, term: Term) -> list[Term]:
        """Those that it names, then those that name it."""
        backwards = [other.slug for other in self.terms.values() if term.slug in other.related]
        return [self.terms[slug] for slug in dict.fromkeys((*term.related, *backwards))]

    @cached_property
    def _by_name(self) -> dict[str, str]:
        named: dict[str, str] = {}
        for term in self.terms.values():
            for name in term.names:
                named.setdefault(name.lower(), term.slug)
        return named


@cache
def glossary() -> Glossary:
    """The glossary as it stands in `data/`."""
    frame = _read("fields")
    fields = {code: Text(**title) for code, title in frame["fields"].items()}
    terms = {slug: _term(slug, code, entry) for code in fields for slug, entry in _read(code).items()}
    return Glossary(terms, fields, {code: Text(**title) for code, title in frame["places"].items()})


def _read(name: str) -> dict[str, Any]:
    text = (DATA / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=LOADER)  # noqa: S506  one of the two safe loaders
    return content


def _term(slug: str, code: str, entry: dict[str, Any]) -> Term:
    sources = (Text(source, source) if isinstance(source, str) else Text(**source) for source in entry["source"])
    return Term(
        slug=slug,
        name=Text(**entry["term"]),
        meaning=Text(**entry["means"]),
        sources=tuple(sources),
        related=tuple(entry["related"]),
        places=tuple(entry["where"]),
        field=code,
        also=tuple(entry.get("also", ())),
    )
