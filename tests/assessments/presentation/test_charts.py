"""Charts are valid, say their figures, put marks where the numbers are, and look the same on page and paper."""

from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation

from assessments.presentation import charts

NS = "{http://www.w3.org/2000/svg}"
SCORES = [
    ("RC", "Reliability", 78.46),
    ("TE", "Transparency", 91.0),
    ("DP", "Data <protection>", 66.2),
    ("CR", "Responsibility", 83.5),
    ("DI", "Inclusiveness", 100),
]
TABLE = [(0.05, 0), (0.2, 1), (0.35, 2), (0.5, 3), (0.65, 4), (0.8, 5)]
DRAW = {
    "radar": lambda p: charts.radar(SCORES, "en", palette=p),
    "ruler": lambda p: charts.metric_ruler(TABLE, 0.56, 0.5, 0.6, 500, palette=p),
    "curve": lambda p: charts.epsilon_curve(
        [(0.1, 0.5, 0.4, 0.6), (0.2, 0.2, 0.1, 0.3)], clean=1, chance=0.1, palette=p
    ),
    "grid": lambda p: charts.corruption_grid([("noise", [0.9, 0.7, 0.5, None, 0.2])], palette=p),
    "bars": lambda p: charts.group_bars(
        [charts.Group("a", 0.5, 0.4, 0.6, 90), charts.Group("b", 0.4, n=3, too_few=True)], palette=p
    ),
    "histogram": lambda p: charts.histogram([0, 1, 2], [3, 4], mark=(1.5, "here"), palette=p),
    "counts": lambda p: charts.count_bars([("a", 3), ("b", 0)], title="Things", heading="Kind", palette=p),
    "ladder": lambda p: charts.level_ladder(["Basic", "Enhanced"], 1, target=2, palette=p),
}


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  our own text


def words(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{NS}text")]


@pytest.mark.parametrize("name", DRAW)
def test_chart_is_valid_titled_and_carries_its_data(name: str) -> None:
    drawing = DRAW[name](charts.PAGE)
    root = parsed(drawing)
    assert root.get("role") == "img"
    assert root.find(f"{NS}title").text
    assert root.find(f"{NS}desc").text
    assert root.get("aria-label").startswith(root.find(f"{NS}title").text)
    assert drawing.data_table.rows
    assert all(len(row) == len(drawing.data_table.headings) for row in drawing.data_table.rows)
    assert "style=" not in drawing


@pytest.mark.parametrize("name", DRAW)
def test_paper_has_the_same_marks_with_colours_in_place_of_classes(name: str) -> None:
    page, paper = DRAW[name](charts.PAGE), DRAW[name](charts.PDF)
    assert "class=" not in paper
    assert "#" in paper
    assert len(list(parsed(page).iter())) == len(list(parsed(paper).iter()))
    assert words(page) == words(paper)


def test_each_colour_of_a_chart_has_its_rule_in_the_style_sheet() -> None:
    css = (Path(__file__).resolve().parents[3] / "static" / "css" / "components.css").read_text()
    for token in charts.LIGHT:
        assert f".fill-{token} {{" in css
        assert f".stroke-{token} {{" in css
    used = {
        name for draw in DRAW.values() for name in re.findall(r"(?:fill|stroke)-[a-z-]+(?=[ \"])", draw(charts.PAGE))
    }
    used -= {"fill-opacity", "stroke-width", "stroke-linejoin", "stroke-dasharray"}
    assert all(f".{name} {{" in css for name in used)


def test_light_colours_are_those_of_the_page() -> None:
    css = (Path(__file__).resolve().parents[3] / "static" / "css" / "foundation.css").read_text()
    light = css[: css.index("prefers-color-scheme")]
    for token, colour in charts.LIGHT.items():
        found = re.search(rf"--{token}: (#[0-9a-f]+);", light)
        assert found, token
        value = found[1] if len(found[1]) == 7 else "#" + "".join(2 * digit for digit in found[1][1:])
        assert value == colour, token


def test_radar_places_points_at_their_scores_and_floors_the_figures() -> None:
    svg = charts.radar(SCORES, "en")
    dots = list(parsed(svg).iter(f"{NS}circle"))
    rim = next(e for e in parsed(svg).iter(f"{NS}polygon")).get("points").split()
    points = [tuple(float(n) for n in pair.split(",")) for pair in rim]
    centre = (sum(x for x, _y in points) / 5, sum(y for _x, y in points) / 5)
    for dot, edge, (_code, _label, score) in zip(dots, points, SCORES, strict=True):
        reach = math.dist(centre, (float(dot.get("cx")), float(dot.get("cy"))))
        assert reach == pytest.approx(math.dist(centre, edge) * score / 100, abs=0.1)
    assert "78.4" in words(svg)
    assert "78.5" not in words(svg)
    assert "Data <protection>" in words(svg)


def test_radar_leaves_a_gap_where_a_characteristic_is_not_rated() -> None:
    svg = charts.radar([*SCORES[:4], ("DI", "Inclusiveness", None)], "en")
    assert "not rated" in words(svg)
    assert len(list(parsed(svg).iter(f"{NS}circle"))) == 4
    assert ("Inclusiveness", "not rated") in svg.data_table.rows


def test_radar_refuses_fewer_than_three_axes() -> None:
    with pytest.raises(ValueError, match="three axes"):
        charts.radar(SCORES[:2])


def test_chart_speaks_the_language_asked_for_whatever_is_active() -> None:
    with translation.override("en"):
        svg = charts.radar([*SCORES[:4], ("DI", "多元包容", None)], "zh-hans")
        assert "未评定" in words(svg)
        assert translation.get_language() == "en"


def ruler_mark(svg: str) -> float:
    diamond = next(parsed(svg).iter(f"{NS}polygon")).get("points").split()
    return float(diamond[0].split(",")[0])


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_ruler_has_the_better_end_at_the_right(direction: str) -> None:
    table = TABLE if direction == "higher" else [(0.9, 0), (0.8, 1), (0.7, 2), (0.6, 3), (0.55, 4), (0.52, 5)]
    good, bad = (0.75, 0.1) if direction == "higher" else (0.53, 0.85)
    assert ruler_mark(charts.metric_ruler(table, good, direction=direction)) > ruler_mark(
        charts.metric_ruler(table, bad, direction=direction)
    )


def test_ruler_reaches_over_values_outside_the_table() -> None:
    mark = ruler_mark(charts.metric_ruler(TABLE, 0.99))
    assert 0 < mark < 460


def test_ruler_of_an_undefined_value_has_no_mark() -> None:
    assert not list(parsed(charts.metric_ruler(TABLE, None)).iter(f"{NS}polygon"))


def test_bars_draw_the_four_fifths_line_from_groups_that_are_large_enough() -> None:
    groups = [charts.Group("a", 0.5, n=100), charts.Group("b", 0.45, n=100), charts.Group("c", 1.0, n=2, too_few=True)]
    svg = charts.group_bars(groups, language="en")
    dashed = [e for e in parsed(svg).iter(f"{NS}line") if e.get("stroke-dasharray")]
    grid = [e for e in parsed(svg).iter(f"{NS}line") if not e.get("stroke-dasharray")][:5]
    zero, one = float(grid[0].get("x1")), float(grid[4].get("x1"))
    assert (float(dashed[0].get("x1")) - zero) / (one - zero) == pytest.approx(0.4, abs=1e-3)
    assert any("too few" in text for text in words(svg))
    without = charts.group_bars(groups, four_fifths=False)
    assert not [e for e in parsed(without).iter(f"{NS}line") if e.get("stroke-dasharray")]


def test_grid_says_in_figures_what_its_colours_say() -> None:
    svg = charts.corruption_grid([("noise", [0.9, 0.7, 0.2, None])], severities=("1", "2", "3", "4"), language="en")
    fills = [e.get("class") for e in parsed(svg).iter(f"{NS}rect")]
    assert fills == ["fill-passed-soft", "fill-attention-soft", "fill-failed-soft", "fill-sunken"]
    assert words(svg)[-4:] == ["0.90", "0.70", "0.20", "–"]


def test_count_bars_begin_at_zero_and_are_as_long_as_their_counts() -> None:
    drawing = charts.count_bars([("first", 8), ("<second>", 2), ("none", 0)], title="Things", heading="Kind")
    bars = [float(e.get("width")) for e in parsed(drawing).iter(f"{NS}rect")]
    assert bars == [pytest.approx(4 * bars[1]), bars[1], 0]
    assert drawing.data_table.headings[0] == "Kind"
    assert drawing.data_table.rows == (("first", "8"), ("<second>", "2"), ("none", "0"))
    assert "&lt;second&gt;" in drawing
    long = charts.count_bars([("A very long name of an evaluation body in some place", 3)], title="T", heading="Body")
    assert "…</text>" in long
    assert long.data_table.rows[0][0].endswith("in some place")
    assert long.count("in some place") == drawing.count("&lt;second&gt;: 2"), "whole in the description"
    assert parsed(charts.count_bars([], title="Nothing", heading="Kind")) is not None


def test_histogram_bars_are_as_high_as_their_counts() -> None:
    bars = [float(e.get("height")) for e in parsed(charts.histogram([0, 1, 2, 3], [2, 8, 4])).iter(f"{NS}rect")]
    assert [bar / max(bars) for bar in bars] == pytest.approx([0.25, 1, 0.5], abs=0.01)
    with pytest.raises(ValueError, match="edge"):
        charts.histogram([0, 1], [1, 2])


def test_ladder_fills_the_levels_that_are_reached() -> None:
    svg = charts.level_ladder(["Basic", "Enhanced", "Excellent"], 2, target=2, language="en")
    assert [e.get("class") for e in parsed(svg).iter(f"{NS}rect")] == [
        "fill-passed-soft",
        "fill-passed-soft",
        "fill-sunken",
    ]
    assert svg.data_table.rows[1] == ("Enhanced", "reached · target")
