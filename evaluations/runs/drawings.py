"""The charts and pictures of a result, drawn. A result is not trusted: what cannot be drawn is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from assessments.presentation import charts
from assessments.presentation.charts import PAGE, DataTable, Drawing, Palette
from assessments.presentation.figures import in_language, number

_MOST = 400


@dataclass(frozen=True)
class Shown:
    """A chart's title and its drawing, or a table where figures in rows say it best."""

    title: str
    drawing: Drawing | None = None
    table: DataTable | None = None


def _curve(data: Mapping[str, Any], title: str, palette: Palette) -> Shown:
    known = zip(data["x"][:_MOST], data["y"], data["low"], data["high"], strict=False)
    points = [(float(x), float(y), low, high) for x, y, low, high in known if y is not None]
    clean, chance, primary = (data.get(name) for name in ("clean", "chance", "primary"))
    drawing = charts.epsilon_curve(
        points,
        clean=clean,
        chance=chance,
        primary=primary,
        title=title,
        unit=in_language(data.get("x_label") or ""),
        sign=str(data.get("sign", "ε")),
        palette=palette,
    )
    return Shown(title, drawing)


def _grid(data: Mapping[str, Any], title: str, palette: Palette) -> Shown:
    names = [in_language(name) for name in data.get("row_titles") or data["rows"]][:_MOST]
    rows = list(zip(names, data["values"], strict=False))
    return Shown(
        title,
        charts.corruption_grid(rows, severities=[str(name) for name in data["columns"]], title=title, palette=palette),
    )


def _bars(data: Mapping[str, Any], title: str, palette: Palette) -> Shown:
    groups = [
        charts.Group(
            str(group["group"]),
            group["value"],
            group.get("low"),
            group.get("high"),
            int(group.get("n") or 0),
            too_few=not group.get("judged", True),
        )
        for group in data["groups"][:_MOST]
    ]
    return Shown(
        title, charts.group_bars(groups, four_fifths=data.get("line") is not None, title=title, palette=palette)
    )


def _histogram(data: Mapping[str, Any], title: str, palette: Palette) -> Shown:
    edges, counts = data["edges"][: _MOST + 1], data["counts"][:_MOST]
    return Shown(
        title, charts.histogram(edges, counts, title=title, axis=in_language(data.get("axis") or ""), palette=palette)
    )


def _heat(data: Mapping[str, Any], title: str, _palette: Palette) -> Shown:
    corner = f"{in_language(data.get('row_title') or '')} / {in_language(data.get('column_title') or '')}"
    headings = (corner, *(str(name) for name in data["columns"][:_MOST]))
    rows = tuple(
        (str(name), *(number(value, 0) for value in values[:_MOST]))
        for name, values in zip(data["rows"][:_MOST], data["values"], strict=False)
    )
    return Shown(title, table=DataTable(title, headings, rows))


# A ruler needs the thresholds of a standard, which the rooms above know; the metric itself is shown as a figure.
_WAYS: dict[str, Callable[[Mapping[str, Any], str, Palette], Shown]] = {
    "curve": _curve,
    "grid": _grid,
    "bars": _bars,
    "histogram": _histogram,
    "heat": _heat,
}


def tables_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables of a result, each cell written for the reader as (text, whether it is a number)."""
    return [
        {
            "title": in_language(table["title"]),
            "headings": [in_language(column) for column in table["columns"]],
            "rows": [[_cell(value) for value in row] for row in table["rows"]],
        }
        for table in result["tables"]
    ]


def _cell(value: Any) -> tuple[str, bool]:
    if value is None:
        return "–", False
    if isinstance(value, float):
        return number(value, 4), True
    return str(value), isinstance(value, int)


def draw_all(result: Mapping[str, Any], palette: Palette = PAGE) -> list[Shown]:
    """Every chart of a result document that can be drawn, in its order and in the reader's language."""
    return _possible(
        partial(_WAYS[chart["kind"]], chart["data"], in_language(chart["title"]), palette)
        for chart in result["charts"]
        if chart["kind"] in _WAYS
    )


def draw_pictures(result: Mapping[str, Any], palette: Palette = PAGE) -> list[Shown]:
    """The image strips of a result: original, changed, difference; or original with what an explanation marks."""
    return _possible(partial(_picture, image, palette) for image in result["images"])


def _picture(image: Mapping[str, Any], palette: Palette) -> Shown:
    title = in_language(image["title"])
    return Shown(title, charts.image_strip(image["png"], _parts_of(image["name"]), title=title, palette=palette))


def _parts_of(name: str) -> list[str]:
    """What the pictures of a strip show, by the kind that its name begins with."""
    if name.startswith("explanation"):
        return [_("original"), _("speaks for it"), _("speaks against it")]
    if name.startswith("severity"):
        return [_("original"), _("corrupted"), _("difference × 10")]
    if name.startswith("strip"):
        return [_("original"), _("perturbed"), _("difference × 10")]
    return [_("picture")]


def _possible(ways: Iterable[Callable[[], Shown]]) -> list[Shown]:
    shown = []
    for way in ways:
        try:
            shown.append(way())
        except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
            continue
    return shown
