"""The charts of a result, drawn. A result comes from outside our trust, so what cannot be drawn is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.presentation import charts
from assessments.presentation.charts import DataTable, Drawing
from assessments.presentation.figures import in_language, number

_MOST = 400


@dataclass(frozen=True)
class Shown:
    """A chart's title and its drawing, or a table where figures in rows say it best."""

    title: str
    drawing: Drawing | None = None
    table: DataTable | None = None


def _curve(data: Mapping[str, Any], title: str) -> Shown:
    known = zip(data["x"][:_MOST], data["y"], data["low"], data["high"], strict=False)
    points = [(float(x), float(y), low, high) for x, y, low, high in known if y is not None]
    clean, chance, primary = (data.get(name) for name in ("clean", "chance", "primary"))
    unit = in_language(data.get("x_label") or "")
    drawing = charts.epsilon_curve(points, clean=clean, chance=chance, primary=primary, title=title, unit=unit)
    return Shown(title, drawing)


def _grid(data: Mapping[str, Any], title: str) -> Shown:
    names = [in_language(name) for name in data.get("row_titles") or data["rows"]][:_MOST]
    rows = list(zip(names, data["values"], strict=False))
    return Shown(title, charts.corruption_grid(rows, severities=[str(name) for name in data["columns"]], title=title))


def _bars(data: Mapping[str, Any], title: str) -> Shown:
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
    return Shown(title, charts.group_bars(groups, four_fifths=data.get("line") is not None, title=title))


def _histogram(data: Mapping[str, Any], title: str) -> Shown:
    edges, counts = data["edges"][: _MOST + 1], data["counts"][:_MOST]
    return Shown(title, charts.histogram(edges, counts, title=title, axis=in_language(data.get("axis") or "")))


def _heat(data: Mapping[str, Any], title: str) -> Shown:
    corner = f"{in_language(data.get('row_title') or '')} / {in_language(data.get('column_title') or '')}"
    headings = (corner, *(str(name) for name in data["columns"][:_MOST]))
    rows = tuple(
        (str(name), *(number(value, 0) for value in values[:_MOST]))
        for name, values in zip(data["rows"][:_MOST], data["values"], strict=False)
    )
    return Shown(title, table=DataTable(title, headings, rows))


# A ruler needs the thresholds of a standard, which the rooms above know; the metric itself is shown as a figure.
_WAYS: dict[str, Callable[[Mapping[str, Any], str], Shown]] = {
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


def draw_all(result: Mapping[str, Any]) -> list[Shown]:
    """Every chart of a result document that can be drawn, in its order and in the reader's language."""
    shown = []
    for chart in result["charts"]:
        way = _WAYS.get(chart["kind"])
        if way is None:
            continue
        try:
            shown.append(way(chart["data"], in_language(chart["title"])))
        except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
            continue
    return shown
