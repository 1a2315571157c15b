"""Two to four certificates side by side: the same facts of each, in the same order, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.presentation.charts import Drawing, radar
from assessments.presentation.figures import written_day
from portal.certificates import showing, wording
from portal.certificates.models import Certificate
from portal.certificates.number import normalised

FEWEST, MOST = 2, 4
LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Choice:
    """What was asked for: certificates in the order of the address, and numbers that are in no certificate."""

    certificates: list[Certificate]
    unknown: list[str]

    @property
    def fits(self) -> bool:
        return FEWEST <= len(self.certificates) <= MOST

    @property
    def too_many(self) -> bool:
        return len(self.certificates) > MOST


@dataclass(frozen=True)
class Column:
    """One certificate at the head of its column."""

    number: str
    name: str
    standing: str
    word: Any
    radar: Drawing | None


@dataclass(frozen=True)
class Cell:
    """One certificate's entry in a row; `mark` says how it stands to the others, `of` is the certificate's number."""

    text: str
    mark: str = ""
    of: str = ""


@dataclass(frozen=True)
class Row:
    """One fact of all certificates. `term` names it, `note` says how far apart they are."""

    term: str
    cells: list[Cell]
    note: str = ""


@dataclass(frozen=True)
class Score:
    """A criterion or a characteristic in one certificate: integer tenths, or why there are none."""

    tenths: int | None
    reason: str


def choose(asked: Iterable[str]) -> Choice:
    """The published certificates of the numbers, however they were typed, each once."""
    numbers = list(dict.fromkeys(number for text in asked if (number := _plain(text))))
    found = Certificate.objects.published().select_related("body", "holder").in_bulk(numbers, field_name="number")
    return Choice([found[n] for n in numbers if n in found], [n for n in numbers if n not in found])


def side_by_side(certificates: Sequence[Certificate]) -> dict[str, Any]:
    """Everything for the template `registry/compare.html`."""
    snapshots = [certificate.snapshot for certificate in certificates]
    columns = [_column(certificate) for certificate in certificates]
    differing, same = _criteria(snapshots)
    return {
        "columns": columns,
        "facts": _named(_facts(certificates), columns),
        "characteristics": _named(_characteristics(snapshots), columns),
        "differing": _named(differing, columns),
        "same": same,
        "scope": _named(_scope(snapshots), columns),
        "cautions": _cautions(snapshots),
    }


def _named(rows: Iterable[Row], columns: Sequence[Column]) -> list[Row]:
    """The rows with each cell under the number of its certificate, for a narrow screen."""
    return [
        replace(
            row,
            cells=[replace(cell, of=column.number) for cell, column in zip(row.cells, columns, strict=True)],
        )
        for row in rows
    ]


def _plain(text: str) -> str:
    return normalised(text.replace("\x00", ""))[:LONGEST_NUMBER]


def _column(certificate: Certificate) -> Column:
    system, standing = certificate.snapshot["system"], certificate.standing()
    name = f"{showing.either(system['name'])} {system['version']}"
    return Column(certificate.number, name, standing, showing.STANDINGS[standing], _small_radar(certificate, name))


def _small_radar(certificate: Certificate, name: str) -> Drawing | None:
    """The radar with codes for names, so that it can be read where four stand beside one another."""
    axes = [entry for entry in certificate.snapshot["characteristics"] if not entry["beside"]]
    if len(axes) < 3:
        return None
    scores = [(axis["code"], axis["code"], None if axis["tenths"] is None else axis["tenths"] / 10) for axis in axes]
    return radar(scores, title=_("Scores of %(system)s, 0 to 100") % {"system": name})


def _facts(certificates: Sequence[Certificate]) -> list[Row]:
    terms: list[tuple[str, Callable[[Certificate], str]]] = [
        (_("Holder"), lambda one: showing.either(one.snapshot["holder"]["name"])),
        (_("AI system"), lambda one: showing.either(one.snapshot["system"]["name"])),
        (_("Version"), lambda one: one.snapshot["system"]["version"]),
        (_("Level and risk tier"), lambda one: showing.either(one.snapshot["level_name"])),
        (_("Standard"), lambda one: _edition(one.snapshot)),
        (_("Evaluation body"), lambda one: showing.either(one.snapshot["body"]["name"])),
        (_("Granted"), lambda one: written_day(one.granted_on)),
        (_("Valid until"), lambda one: written_day(one.valid_until)),
        (_("Next surveillance due"), lambda one: written_day(one.surveillance_due)),
    ]
    return [Row(term, [Cell(read(one) or "–") for one in certificates]) for term, read in terms]


def _scope(snapshots: Sequence[dict[str, Any]]) -> list[Row]:
    of_each = [showing.scope_of(snapshot) for snapshot in snapshots]
    return [
        Row(entries[0][0], [Cell(text or "–") for _term, text in entries]) for entries in zip(*of_each, strict=True)
    ]


def _characteristics(snapshots: Sequence[dict[str, Any]]) -> list[Row]:
    titles, scores = _scores(snapshots, "characteristics", _("not rated"))
    return [_row(f"{code} {title}", scores[code]) for code, title in titles.items()]


def _criteria(snapshots: Sequence[dict[str, Any]]) -> tuple[list[Row], list[Row]]:
    """The criteria in which the certificates differ, and those in which they do not."""
    titles, scores = _scores(snapshots, "criteria", _("not scored"))
    differing = {code for code, of_each in scores.items() if len(set(of_each)) > 1}
    rows = [(code, _row(f"{code} {title}", scores[code])) for code, title in titles.items()]
    return [row for code, row in rows if code in differing], [row for code, row in rows if code not in differing]


def _scores(
    snapshots: Sequence[dict[str, Any]], part: str, unscored: str
) -> tuple[dict[str, str], dict[str, list[Score]]]:
    """Titles by code in the order in which they first occur, and each certificate's score of it."""
    titles: dict[str, str] = {}
    for snapshot in snapshots:
        for entry in snapshot[part]:
            titles.setdefault(entry["code"], showing.either(entry["title"]))
    found = [{entry["code"]: _score(entry, unscored) for entry in snapshot[part]} for snapshot in snapshots]
    missing = Score(None, _("not in its standard"))
    return titles, {code: [of_one.get(code, missing) for of_one in found] for code in titles}


def _score(entry: dict[str, Any], unscored: str) -> Score:
    reason = showing.CRITERION_STATES.get(entry.get("state", ""))
    if reason is None and entry["tenths"] is not None:
        return Score(entry["tenths"], "")
    return Score(None, str(reason or unscored))


def _row(term: str, scores: Sequence[Score]) -> Row:
    """Each score with the words "highest" or "lowest" where they differ, and how far apart they are."""
    figures = [score.tenths for score in scores if score.tenths is not None]
    high, low = (max(figures), min(figures)) if len(figures) > 1 else (None, None)

    def mark(tenths: int | None) -> str:
        if tenths is None or high == low:
            return ""
        return pgettext("score", "highest") if tenths == high else pgettext("score", "lowest") if tenths == low else ""

    cells = [Cell(score.reason or wording.score(score.tenths), mark(score.tenths)) for score in scores]
    return Row(term, cells, _distance(high, low, complete=len(figures) == len(scores)))


def _distance(high: int | None, low: int | None, *, complete: bool) -> str:
    apart = "" if high is None or low is None or high == low else wording.score(high - low)
    words = _("%(points)s points apart") % {"points": apart} if apart else ""
    if complete:
        return words or _("equal")
    return _("%(words)s; not scored in all") % {"words": words} if words else _("not scored in all")


def _cautions(snapshots: Sequence[dict[str, Any]]) -> list[str]:
    """What forbids reading the figures as a ranking."""
    found = []
    if len({_edition(snapshot) for snapshot in snapshots}) > 1:
        found.append(_("They rest on different standards or editions, so equal codes need not ask for the same."))
    if len({snapshot["tier"] for snapshot in snapshots}) > 1:
        found.append(_("Their risk tiers differ: the same level asks for more at a higher risk."))
    return found


def _edition(snapshot: dict[str, Any]) -> str:
    return f"{snapshot['standard']['code']} {snapshot['standard']['edition']}"
