"""Invented content for the design page, chosen so that each component shows each of its states."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from . import charts

TABLE = [(0.05, 0.0), (0.2, 1.0), (0.35, 2.0), (0.5, 3.0), (0.65, 4.0), (0.8, 5.0)]


class SpecimenForm(forms.Form):
    """A form with a field of each kind."""

    name = forms.CharField(
        label=gettext_lazy("Name of the system"), help_text=gettext_lazy("As it is offered to users.")
    )
    delay = forms.IntegerField(label=gettext_lazy("Response time"), required=False, min_value=1)
    modality = forms.ChoiceField(
        label=gettext_lazy("Modality"), choices=[("image", gettext_lazy("Image")), ("tabular", gettext_lazy("Table"))]
    )
    tier = forms.ChoiceField(
        label=gettext_lazy("Risk tier"),
        choices=[("minimal", gettext_lazy("minimal risk")), ("high", gettext_lazy("high risk"))],
        widget=forms.RadioSelect,
    )
    use = forms.CharField(label=gettext_lazy("Intended use"), widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label=gettext_lazy("The information is complete and true."))


def context() -> dict[str, Any]:
    """Everything that the design page shows."""
    return {
        "states": [
            ("in_force", _("in force")),
            ("suspended", _("suspended")),
            ("withdrawn", _("withdrawn")),
            ("expired", _("expired")),
            ("running", _("running")),
        ],
        "facts": [
            (_("Holder"), "Aurora Vision Ltd"),
            (_("Standard"), "TAI 0.9"),
            (_("Valid until"), "2028-11-23"),
            (_("Conditions"), ""),
        ],
        "form": SpecimenForm(initial={"name": "Aurora Digits"}),
        "wrong_form": SpecimenForm({"name": "", "modality": "sound", "tier": "", "delay": "-3"}, auto_id="wrong_%s"),
        "anchors": [{"value": n, "text": text} for n, text in enumerate(_anchors())],
        "steps": _steps(),
        "events": _events(),
        "runs": _runs(),
        "metrics": _metrics(),
        "facets": _facets(),
        "rungs": _rungs(),
        "file": {
            "name": "digits.onnx",
            "size": 26312,
            "state": "accepted",
            "state_label": _("readable"),
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "read": "ONNX, opset 15, input float32 [N,64], 10 outputs, 26.3 kB",
            "warnings": [_("The producer is not named in the file.")],
        },
        "page": {"previous": "x", "next": "y"},
        "drawings": _drawings(),
        "shown_messages": _messages(),
        "columns": [{"label": _("Group")}, {"label": _("Share"), "number": True}],
        "cells": [
            [{"label": _("Group"), "value": _("women")}, {"label": _("Share"), "value": "0.42", "number": True}],
            [{"label": _("Group"), "value": _("men")}, {"label": _("Share"), "value": "0.61", "number": True}],
        ],
        "moment_shown": datetime(2026, 11, 24, 6, 16, tzinfo=UTC),
    }


def _messages() -> list[Message]:
    return [
        Message(constants.SUCCESS, _("Saved.")),
        Message(constants.INFO, _("The run has begun.")),
        Message(constants.WARNING, _("Somebody else changed this page meanwhile.")),
        Message(constants.ERROR, _("Nothing was sent.")),
    ]


def _anchors() -> list[str]:
    return [
        _("Nothing is shown."),
        _("An intention is stated, nothing follows from it."),
        _("Partly fulfilled; important parts are missing."),
        _("The requirement is met."),
        _("Met, and its effect is checked at intervals."),
        _("Met, checked, and improved from what was found."),
    ]


def _steps() -> list[dict[str, Any]]:
    return [
        {"title": _("System and version"), "url": "#steps", "state": "done"},
        {"title": _("Model and data"), "url": "#steps", "state": "attention", "note": _("1 file could not be read")},
        {"title": _("Evidence for each criterion"), "state": "active", "current": True, "note": _("12 of 31 criteria")},
        {"title": _("Declarations"), "state": "waiting"},
    ]


def _events() -> list[dict[str, Any]]:
    return [
        {
            "at": datetime(2026, 11, 2, 8, 4, tzinfo=UTC),
            "title": _("Submitted"),
            "who": "Alice Archer, Aurora Vision Ltd",
            "tone": "running",
        },
        {
            "at": datetime(2026, 11, 3, 13, 30, tzinfo=UTC),
            "title": _("Returned for completion"),
            "who": "Lena Lindqvist",
            "text": _("The data sheet of the training sample is missing."),
            "tone": "attention",
        },
        {
            "at": datetime(2026, 11, 20, 9, 12, tzinfo=UTC),
            "title": _("Certified"),
            "who": "Rita Rossi",
            "tone": "passed",
        },
    ]


def _runs() -> list[dict[str, Any]]:
    return [
        {
            "id": 1,
            "title": "robustness.pgd",
            "subtitle": "RC-4 · n = 500 · ε = 0.1",
            "state": "running",
            "state_label": _("running"),
            "percent": 62,
            "doing": _("attacking sample 310 of 500"),
            "seconds": 83,
        },
        {"id": 2, "title": "performance.claim", "subtitle": "RC-1", "state": "finished", "state_label": _("finished")},
        {
            "id": 3,
            "title": "fairness.group",
            "subtitle": "DI-1",
            "state": "failed",
            "state_label": _("failed"),
            "reason": _("Column “sex” is missing in the test data."),
        },
    ]


def _metrics() -> list[dict[str, Any]]:
    ruler = charts.metric_ruler(TABLE, 0.564, 0.519, 0.608, 500, title="robust accuracy")
    lower = charts.metric_ruler(
        [(0.9, 0), (0.8, 1), (0.7, 2), (0.6, 3), (0.55, 4), (0.52, 5)],
        0.571,
        0.54,
        0.60,
        1000,
        direction="lower",
        title="AUC",
    )
    return [
        {
            "title": _("Correct under attack / correct clean"),
            "note": "ε = 0.1",
            "value": 0.564,
            "low": 0.519,
            "high": 0.608,
            "n": 500,
            "score": 34,
            "ruler": ruler,
            "meaning": _meaning(),
        },
        {
            "title": _("AUC of membership inference"),
            "value": 0.571,
            "low": 0.54,
            "high": 0.60,
            "n": 1000,
            "score": 35,
            "ruler": lower,
        },
        {
            "title": _("Equal opportunity"),
            "undefined": _("Too few members of the smallest group: 18 of at least 30."),
            "score": 0,
        },
    ]


def _meaning() -> dict[str, Any]:
    return {
        "title": _("Correct under attack / correct clean"),
        "says": _("Of what is answered rightly without attack, the share that stays right under it."),
        "silent": _("Attacks of another kind, or stronger ones, are not covered."),
        "unit": _("share"),
        "direction": "higher",
        "source": "arXiv:1706.06083",
    }


def _facets() -> list[dict[str, Any]]:
    return [
        {
            "title": _("Status"),
            "active": _("in force"),
            "options": [
                {"label": _("in force"), "count": 118, "url": "?", "active": True},
                {"label": _("suspended"), "count": 3, "url": "?"},
            ],
        },
        {
            "title": _("Level"),
            "open": True,
            "options": [
                {"label": _("Basic"), "count": 71, "url": "?"},
                {"label": _("Enhanced"), "count": 42, "url": "?"},
            ],
        },
    ]


def _rungs() -> list[dict[str, Any]]:
    folds = [{"title": _("Inclusiveness"), "lines": [_("DI-13 is at 1.8 of 2.0.")]}]
    missing = {"plain": [_("TE is at 71.2 of 75.")], "folds": folds}
    return [
        {"title": _("Basic"), "state": "reached", "holds": [_("Every gate M is at 3.0 or above.")]},
        {"title": _("Enhanced"), "state": "next", "missing": missing},
        {"title": _("Excellent"), "state": "beyond"},
    ]


def _picture() -> str:
    """Three grey fields side by side as PNG in base64, 30 × 10 pixels."""
    buffer = io.BytesIO()
    picture = Image.new("L", (30, 10), 128)
    picture.paste(90, (10, 0, 20, 10))
    picture.paste(200, (20, 0, 30, 10))
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _drawings() -> list[dict[str, Any]]:
    names = [_("Reliability"), _("Transparency"), _("Data protection"), _("Responsibility"), _("Inclusiveness")]
    codes = ["RC", "TE", "DP", "CR", "DI"]
    whole = list(zip(codes, names, [78.4, 91.0, 66.2, 83.5, 72.9], strict=True))
    gap = list(zip(codes, names, [78.4, 91.0, 66.2, 83.5, None], strict=True))
    groups = [
        charts.Group(_("women"), 0.42, 0.37, 0.47, 410),
        charts.Group(_("men"), 0.61, 0.57, 0.65, 590),
        charts.Group(_("not stated"), 0.5, 0.26, 0.74, 18, too_few=True),
    ]
    return [
        {"drawing": charts.radar(whole, thresholds=[(60, _("Basic")), (75, _("Enhanced")), (90, _("Excellent"))])},
        {"drawing": charts.radar(gap)},
        {
            "drawing": charts.epsilon_curve(
                [(0.03, 0.93, 0.91, 0.95), (0.05, 0.85, 0.82, 0.88), (0.1, 0.56, 0.52, 0.6), (0.2, 0.18, 0.15, 0.22)],
                clean=0.97,
                chance=0.1,
                primary=0.1,
            )
        },
        {
            "drawing": charts.corruption_grid(
                [
                    (_("noise"), [0.98, 0.95, 0.88, 0.72, 0.51]),
                    (_("blur"), [0.99, 0.97, 0.93, 0.86, 0.8]),
                    (_("brightness"), [1.0, 0.99, 0.97, 0.9, None]),
                ]
            )
        },
        {"drawing": charts.group_bars(groups)},
        {
            "drawing": charts.histogram(
                [0, 0.2, 0.4, 0.6, 0.8, 1.0], [12, 40, 88, 61, 9], mark=(0.62, _("observed")), axis=_("similarity")
            )
        },
        {
            "drawing": charts.count_bars(
                [(_("Basic"), 4), (_("Enhanced"), 9), (_("Excellent"), 2)],
                title=_("Certificates by level"),
                heading=_("Level"),
            )
        },
        {"drawing": charts.image_strip(_picture(), [_("original"), _("perturbed"), _("difference × 10")])},
        {"drawing": charts.level_ladder([_("Basic"), _("Enhanced"), _("Excellent")], 2, target=2)},
    ]
