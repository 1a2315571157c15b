"""Charts as SVG text, drawn on the server: the same functions serve the page and the PDF.

Each function is pure, returns a `Drawing` (safe text with `data_table`), takes `language` ("en", "zh-hans"; the active
one by default) and `palette`: `PAGE` writes classes that follow the page's light or dark scheme, `PDF` writes colours.
"""

from assessments.presentation.charts.bars import Group, group_bars, histogram
from assessments.presentation.charts.counts import count_bars
from assessments.presentation.charts.curve import epsilon_curve
from assessments.presentation.charts.grid import corruption_grid
from assessments.presentation.charts.ladder import level_ladder
from assessments.presentation.charts.pictures import image_strip
from assessments.presentation.charts.radar import radar
from assessments.presentation.charts.ruler import metric_ruler
from assessments.presentation.charts.svg import LIGHT, PAGE, PDF, DataTable, Drawing, Palette

__all__ = [
    "LIGHT",
    "PAGE",
    "PDF",
    "DataTable",
    "Drawing",
    "Group",
    "Palette",
    "corruption_grid",
    "count_bars",
    "epsilon_curve",
    "group_bars",
    "histogram",
    "image_strip",
    "level_ladder",
    "metric_ruler",
    "radar",
]
