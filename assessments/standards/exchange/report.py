"""What an import could not hold, and what it had to supply: said to whoever imports, never passed over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from evaluations.methods.frame import Text

PLACES_SHOWN = 3


@dataclass
class Report:
    """Counts of what was not held and of what was supplied, each with the first places."""

    not_held: Counter[Text] = field(default_factory=Counter)
    supplied: Counter[Text] = field(default_factory=Counter)
    places: dict[Text, list[str]] = field(default_factory=dict)

    def drop(self, what: Text, place: str = "") -> None:
        """Note something of the file that a standard has no room for."""
        self._note(self.not_held, what, place)

    def supply(self, what: Text, place: str = "") -> None:
        """Note something that a standard needs and the file does not say."""
        self._note(self.supplied, what, place)

    def take(self, other: Report) -> None:
        """Add what another step of the same import reported."""
        self.not_held.update(other.not_held)
        self.supplied.update(other.supplied)
        for what, places in other.places.items():
            self.places.setdefault(what, []).extend(places)

    def lines(self, language: str) -> list[str]:
        """One line for each kind of thing, for a terminal or a page."""
        chinese = language.startswith("zh")
        words = ("未保留", "已补充") if chinese else ("not held", "supplied")
        return [
            self._line(word, what, count, chinese)
            for word, counts in zip(words, (self.not_held, self.supplied), strict=True)
            for what, count in counts.items()
        ]

    def _line(self, word: str, what: Text, count: int, chinese: bool) -> str:
        shown = self.places.get(what, [])
        more = "…" if count > len(shown) and shown else ""
        if chinese:
            where = f"（{'、'.join(shown)}{more}）" if shown else ""
            return f"{word}：{what.zh}，{count} 处{where}"
        where = f" ({', '.join(shown)}{more})" if shown else ""
        return f"{word}: {what.en}, {count}×{where}"

    def _note(self, counts: Counter[Text], what: Text, place: str) -> None:
        counts[what] += 1
        shown = self.places.setdefault(what, [])
        if place and len(shown) < PLACES_SHOWN and place not in shown:
            shown.append(place)


@dataclass(frozen=True)
class Imported:
    """The content of a standard as read from another format, and what to know about it."""

    content: dict[str, Any]
    report: Report
