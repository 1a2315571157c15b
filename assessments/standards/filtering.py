"""Search within an edition, and filters by phase, kind, tier and modality. Read from the address, so links hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from .applicability import applies
from .exchange.formats import binding_gates
from .models import Criterion, Edition, Kind, Scheme, in_current_language
from .wording import PHASES, fact_choices

MODALITY = "modality"
LONGEST = 100


@dataclass(frozen=True)
class Choice:
    """One filter as a form shows it; the first option, without a value, lets everything pass."""

    name: str
    label: str
    chosen: str
    options: list[tuple[str, str]]


class Filter:
    """What a reader asked for; unknown values are taken for none."""

    def __init__(self, query: QueryDict, edition: Edition, scheme: Scheme | None) -> None:
        self.words = " ".join(query.get("q", "")[:LONGEST].split())
        self.scheme = scheme
        self.choices = [
            _choice(query, "phase", _("Phase"), [(code, str(words)) for code, words in PHASES.items()]),
            _choice(query, "kind", _("Kind of criterion"), [(value, str(label)) for value, label in Kind.choices]),
        ]
        if scheme is not None:
            tiers = [(tier["code"], in_current_language(tier["title"])) for tier in scheme.content["tiers"]]
            self.choices.append(_choice(query, "tier", _("Shall be met at"), tiers))
        if any(fact["name"] == MODALITY for fact in edition.content["facts"]):
            options = [(str(value), words) for value, words in fact_choices(edition, MODALITY)]
            self.choices.append(_choice(query, MODALITY, _("Input"), options))
        self._chosen = {choice.name: choice.chosen for choice in self.choices if choice.chosen}

    @property
    def is_active(self) -> bool:
        return bool(self.words or self._chosen)

    def passes(self, row: Criterion) -> bool:
        """Whether a criterion is shown. Of a modality it is not shown only when it can never apply there."""
        chosen = self._chosen
        return (
            chosen.get("phase", "") in ("", *row.phases)
            and chosen.get("kind", row.kind) == row.kind
            and ("tier" not in chosen or self._binds(row, chosen["tier"]))
            and (MODALITY not in chosen or applies(row.applies_when, {MODALITY: chosen[MODALITY]}))
            and self._has_words(row)
        )

    def _binds(self, row: Criterion, tier: str) -> bool:
        return self.scheme is not None and row.gate in binding_gates(self.scheme.content, tier)

    def _has_words(self, row: Criterion) -> bool:
        if not self.words:
            return True
        text = " ".join(
            [row.code, row.title_en, row.title_zh, row.statement_en, row.statement_zh, *_texts(row.content)]
        )
        folded = text.casefold()
        return all(word in folded for word in self.words.casefold().split())


def _choice(query: QueryDict, name: str, label: str, options: list[tuple[str, str]]) -> Choice:
    asked = query.get(name, "")
    return Choice(name, label, asked if asked in dict(options) else "", options)


def _texts(value: Any) -> list[str]:
    """Every text in a criterion's content: evidence, guidance, anchors, references."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []
