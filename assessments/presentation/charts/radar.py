"""Radar of the characteristics, with the thresholds of the levels as rings and the score in figures at each axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette, span

RADIUS = 104.0
FULL = 100.0
MARGIN = 56.0
LABEL = 14.0


@dataclass(frozen=True)
class _Axis:
    code: str
    label: str
    score: float | None
    dx: float
    dy: float


def radar(
    scores: Sequence[tuple[str, str, float | None]],
    language: str | None = None,
    *,
    thresholds: Sequence[tuple[float, str]] = ((60, ""), (75, ""), (90, "")),
    palette: Palette = PAGE,
    title: str = "",
) -> Drawing:
    """Draw at least three axes from the centre (0) to the rim (100).

    `scores` are (code, label, score on 0–100 or None when not rated), clockwise from the top; a label may hold
    two lines parted by a newline. `thresholds` are (value, name) of the rings. A characteristic that is not
    rated leaves a gap: no point, no edge to its neighbours, "not rated" at the axis.
    """
    with translation.override(language or translation.get_language()):
        axes = _axes(scores)
        side = max(span(line, LABEL) for axis in axes for line in axis.label.split("\n"))
        width = 2 * (RADIUS + max(side, MARGIN) + 14)
        # Room above and below for the label's lines; the figure beneath them is counted in the 60.
        further = 15 * max(axis.label.count("\n") for axis in axes)
        canvas = Canvas(width, 2 * RADIUS + 118 + 2 * further, palette)
        centre = (width / 2, RADIUS + 60 + further)
        _rings(canvas, centre, axes, thresholds)
        _figure(canvas, centre, axes)
        _ring_names(canvas, centre, axes, thresholds)
        for axis in axes:
            _label(canvas, centre, axis)
        heading = title or _("Scores of the characteristics, 0 to 100")
        written = [(_one_line(axis.label), _figure_of(axis.score)) for axis in axes]
        described = "; ".join(f"{name}: {figure}" for name, figure in written)
        table = DataTable(heading, (_("Characteristic"), _("Score")), tuple(written))
        return canvas.drawing(heading, described, table)


def _axes(scores: Sequence[tuple[str, str, float | None]]) -> list[_Axis]:
    if len(scores) < 3:
        raise ValueError("A radar needs at least three axes.")
    axes = []
    for place, (code, label, score) in enumerate(scores):
        angle = 2 * math.pi * place / len(scores)
        axes.append(_Axis(code, label, None if score is None else float(score), math.sin(angle), -math.cos(angle)))
    return axes


def _at(centre: tuple[float, float], axis: _Axis, value: float) -> tuple[float, float]:
    reach = RADIUS * max(0.0, min(value, FULL)) / FULL
    return centre[0] + axis.dx * reach, centre[1] + axis.dy * reach


def _rings(
    canvas: Canvas, centre: tuple[float, float], axes: Sequence[_Axis], thresholds: Sequence[tuple[float, str]]
) -> None:
    canvas.polygon([_at(centre, axis, FULL) for axis in axes], "surface", stroke="control")
    for value, _name in thresholds:
        canvas.polygon([_at(centre, axis, value) for axis in axes], "none", stroke="control", dash="3 3")
    for axis in axes:
        canvas.line(*centre, *_at(centre, axis, FULL), "line")


def _ring_names(
    canvas: Canvas, centre: tuple[float, float], axes: Sequence[_Axis], thresholds: Sequence[tuple[float, str]]
) -> None:
    """The rings' names on a patch of the ground, over the figure, so that no line runs through a letter."""
    for value, name in thresholds:
        x, y = _at(centre, axes[0], value)
        words = f"{value:g} {name}".strip()
        canvas.rectangle(x + 2, y + 2, span(words, 9) + 4, 11, "surface")
        canvas.text(x + 4, y + 11, words, size=9, fill="muted")


def _figure(canvas: Canvas, centre: tuple[float, float], axes: Sequence[_Axis]) -> None:
    places = [None if axis.score is None else _at(centre, axis, axis.score) for axis in axes]
    whole = [place for place in places if place is not None]
    if len(whole) == len(axes):
        canvas.polygon(whole, "accent", stroke="accent", width=2, opacity=0.14)
    else:
        for first, second in zip(places, places[1:] + places[:1], strict=True):
            if first and second:
                canvas.polygon([centre, first, second], "accent", opacity=0.14)
                canvas.line(*first, *second, "accent", width=2)
    for axis, place in zip(axes, places, strict=True):
        if place:
            canvas.circle(*place, 4.5, _colour(axis.code), stroke="surface", width=1.5)


def _label(canvas: Canvas, centre: tuple[float, float], axis: _Axis) -> None:
    x, y = centre[0] + axis.dx * (RADIUS + 14), centre[1] + axis.dy * (RADIUS + 14)
    anchor = "middle" if abs(axis.dx) < 0.1 else "start" if axis.dx > 0 else "end"
    lines = axis.label.split("\n")
    block = 16 * len(lines) + 20
    top = y - block if axis.dy < -0.9 else y if axis.dy > 0.6 else y - block / 2
    for place, line in enumerate(lines):
        canvas.text(x, top + 12 + 16 * place, line, size=LABEL, anchor=anchor, fill="text" if place == 0 else "muted")
    unrated = axis.score is None
    canvas.text(
        x,
        top + 12 + 16 * len(lines) + 3,
        _figure_of(axis.score),
        size=LABEL if unrated else 17,
        anchor=anchor,
        fill="muted" if unrated else _colour(axis.code),
        bold=not unrated,
    )


def _colour(code: str) -> str:
    return code.lower() if code.upper() in {"RC", "TE", "DP", "CR", "DI"} else "accent"


def _figure_of(score: float | None) -> str:
    return _("not rated") if score is None else f"{math.floor(score * 10 + 1e-9) / 10:.1f}"


def _one_line(label: str) -> str:
    return " ".join(label.split("\n"))
