"""The guides: which there are, whom they serve, and their texts in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import translation

from assessments.accounts.models import Role
from assessments.accounts.rules import has_role

from .markdown import Document, Section, read

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True)
class Guide:
    """One guide; `role` is whose it is, "" for everybody."""

    code: str
    role: str = ""

    @property
    def document(self) -> Document:
        """Its text in the language of the page."""
        return document(self.code, "zh-hans" if (translation.get_language() or "").startswith("zh") else "en")

    def section(self, anchor: str) -> Section:
        """Raises StopIteration for an anchor that it does not have."""
        return next(section for section in self.document.sections if section.anchor == anchor)


ALL = (
    Guide("visitor"),
    Guide("certificate"),
    Guide("vendor", Role.VENDOR_MEMBER),
    Guide("lead", Role.LEAD_EVALUATOR),
    Guide("evaluator", Role.EVALUATOR),
    Guide("reviewer", Role.REVIEWER),
    Guide("scheme-owner", Role.SCHEME_OWNER),
    Guide("regulator", Role.REGULATOR),
    Guide("administrator", Role.ADMINISTRATOR),
    Guide("api"),
)
BY_CODE = {guide.code: guide for guide in ALL}


@cache
def document(code: str, language: str) -> Document:
    """The text of a guide, read once."""
    return read((TEXTS / language / f"{code}.md").read_text(encoding="utf-8"), language)


def of_person(person: Any) -> list[Guide]:
    """The guides of the roles that somebody holds."""
    return [guide for guide in ALL if guide.role and has_role(person, guide.role)]


def search(words: str) -> Iterator[tuple[Guide, Section]]:
    """The sections that hold every word; those with all of them in the title come first."""
    wanted = words.lower().split()
    found: list[tuple[bool, int, Guide, Section]] = []
    for guide in ALL if wanted else ():
        title = guide.document.title.lower()
        for section in guide.document.sections:
            heading = section.title.lower()
            if all(word in heading or word in title or word in section.text.lower() for word in wanted):
                found.append((not all(word in heading for word in wanted), len(found), guide, section))
    for _elsewhere, _at, guide, section in sorted(found, key=lambda entry: entry[:2]):
        yield guide, section
