"""Which single score or weight would change the level of a settled case, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from assessments.presentation.figures import in_language, tenths
from assessments.standards.sensitivity import ScoreChange, WeightChange, sensitivity

from .assessing import standard_of, states_of
from .models import Case

SHOWN = 6


def what_would_change(case: Case) -> dict[str, Any]:
    """The nearest changes, smallest first. It takes some hundred assessments, so a page asks for it apart.

    `raising`, `lowering`, `weights` are lines; `further` counts those of each list that are not shown.
    """
    edition, scheme = standard_of(case)
    allowed = scheme.content["weights"]
    weights = range(allowed["minimum"], allowed["maximum"] + 1)
    found = sensitivity(edition.scoring_rules, states_of(case), scheme.rules, case.application.tier, weights)
    titles = {row.code: row.title for row in edition.criteria.all()}

    def named(level: str | None) -> str:
        return in_language(scheme.rules.level_title(level, case.application.tier))

    lists: dict[str, Sequence[ScoreChange | WeightChange]] = {
        "raising": found.raising,
        "lowering": found.lowering,
        "weights": found.weights,
    }
    return {
        "present": named(found.level),
        **{key: [_line(item, titles, named(item.level)) for item in items[:SHOWN]] for key, items in lists.items()},
        "further": {key: max(0, len(items) - SHOWN) for key, items in lists.items()},
    }


def _line(item: ScoreChange | WeightChange, titles: dict[str, str], level: str) -> str:
    about = {"criterion": f"{item.criterion} {titles[item.criterion]}", "level": level}
    if isinstance(item, WeightChange):
        words = _("%(criterion)s: weight %(needed)s instead of %(present)s → %(level)s")
        return words % {**about, "needed": item.needed, "present": item.present}
    if item.needed == item.present:
        return _("%(criterion)s: demonstrated at all → %(level)s") % about
    words = _("%(criterion)s: %(needed)s instead of %(present)s → %(level)s")
    return words % {**about, "needed": tenths(item.needed), "present": tenths(item.present)}
