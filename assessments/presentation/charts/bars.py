"""Bars of groups with interval, n and the four-fifths line; and a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette, span
from assessments.presentation.figures import interval, number

FOUR_FIFTHS = 0.8
BAR_H, GAP, TOP, REACH = 18.0, 14.0, 26.0, 300.0


@dataclass(frozen=True)
class Group:
    """One group's rate (a share of 1), its interval and how many it rests on; `too_few` is said and hatched."""

    name: str
    rate: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    too_few: bool = False


def group_bars(
    groups: Sequence[Group],
    *,
    four_fifths: bool = True,
    title: str = "",
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw each group's rate from 0 to 1. The line stands at four fifths of the highest rate of a group large
    enough to count (29 CFR 1607.4(D)); it is left out when the rate is an error rate (`four_fifths` False)."""
    with translation.override(language or translation.get_language()):
        side = max((span(group.name, 12) for group in groups), default=0) + 16
        bottom = TOP + (BAR_H + GAP) * len(groups)
        canvas = Canvas(side + REACH + 190, bottom + 26, palette)
        for share in (0, 0.25, 0.5, 0.75, 1):
            x = side + share * REACH
            canvas.line(x, TOP - 6, x, bottom, "control" if share == 0 else "line")
            canvas.text(x, bottom + 15, f"{share:g}", size=10.5, anchor="middle", fill="muted")
        for place, group in enumerate(groups):
            _bar(canvas, side, TOP + (BAR_H + GAP) * place, group)
        counted = [group.rate for group in groups if group.rate is not None and not group.too_few]
        if four_fifths and counted:
            x = side + FOUR_FIFTHS * max(counted) * REACH
            canvas.line(x, TOP - 6, x, bottom, "failed", width=1.5, dash="5 3")
            canvas.text(x, TOP - 11, _("four fifths of the highest"), size=10.5, anchor="middle", fill="failed")
        heading = title or _("Rate of each group")
        rows = tuple(
            (g.name, _("too few") if g.too_few else number(g.rate), interval(g.low, g.high), str(g.n)) for g in groups
        )
        described = "; ".join(f"{row[0]}: {row[1]} ({row[2]}), n = {row[3]}" for row in rows)
        return canvas.drawing(
            heading, described, DataTable(heading, (_("Group"), _("Rate"), _("95 % interval"), "n"), rows)
        )


def _bar(canvas: Canvas, side: float, y: float, group: Group) -> None:
    canvas.text(side - 10, y + 13, group.name, size=12, anchor="end")
    if group.rate is not None:
        if group.too_few:
            canvas.hatch(side, y, group.rate * REACH, BAR_H, "control")
        else:
            canvas.rectangle(side, y, group.rate * REACH, BAR_H, "di")
    if group.low is not None and group.high is not None:
        middle = y + BAR_H / 2
        canvas.line(side + group.low * REACH, middle, side + group.high * REACH, middle, "text", width=1.75)
        for share in (group.low, group.high):
            canvas.line(side + share * REACH, middle - 5, side + share * REACH, middle + 5, "text", width=1.75)
    words = f"{number(group.rate)}  n = {group.n}"
    if group.too_few:
        words = f"{words} · {_('too few')}"
    canvas.text(side + REACH + 14, y + 13, words, size=11.5, fill="muted" if group.too_few else "text")


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    mark: tuple[float, str] | None = None,
    title: str = "",
    axis: str = "",
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw `counts` over the bins between `edges` (one more than counts), from zero; `mark` is (value, words)."""
    if len(edges) != len(counts) + 1:
        raise ValueError("A histogram needs one edge more than it has counts.")
    with translation.override(language or translation.get_language()):
        canvas = Canvas(520, 236, palette)
        left, right, top, bottom = 48.0, 500.0, 26.0, 184.0
        highest = max([*counts, 1])
        reach = (edges[-1] - edges[0]) or 1.0

        def across(value: float) -> float:
            return left + (value - edges[0]) / reach * (right - left)

        for place, count in enumerate(counts):
            height = count / highest * (bottom - top)
            start, end = across(edges[place]), across(edges[place + 1])
            canvas.rectangle(start + 0.5, bottom - height, end - start - 1, height, "accent")
        canvas.line(left, bottom, right, bottom, "control")
        canvas.text(left - 8, top + 6, str(highest), size=10.5, anchor="end", fill="muted")
        canvas.text(left - 8, bottom + 4, "0", size=10.5, anchor="end", fill="muted")
        for value in (edges[0], (edges[0] + edges[-1]) / 2, edges[-1]):
            canvas.text(across(value), bottom + 17, f"{value:.3g}", size=10.5, anchor="middle", fill="muted")
        if axis:
            canvas.text((left + right) / 2, bottom + 38, axis, size=11.5, anchor="middle", fill="muted")
        if mark:
            x = across(mark[0])
            canvas.line(x, top - 8, x, bottom, "failed", width=1.75, dash="5 3")
            canvas.text(x, top - 12, mark[1], size=11, anchor="middle", fill="failed")
        heading = title or _("Distribution")
        rows = tuple((interval(edges[i], edges[i + 1]), str(count)) for i, count in enumerate(counts))
        described = _("%(count)s values in %(bins)s bins, the fullest holds %(highest)s") % {
            "count": sum(counts),
            "bins": len(counts),
            "highest": max([*counts, 0]),
        }
        return canvas.drawing(heading, described, DataTable(heading, (_("From – to"), _("Count")), rows))
