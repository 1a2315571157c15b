"""The form of one method's thresholds in a draft scheme: a table of six values for each metric, the rest as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .documents import DocumentRefused, parse_document
from .exchange.formats import write_yaml
from .forms_texts import Bilingual, gathered, spread

SCORES = range(6)
BLANK_ROWS = 1
# What a method has besides its source and its tables, written as YAML.
REST = ("minimum_n", "steps", "caps")


class TableForm(forms.Form):
    """One metric with the values at which the scores 0 to 5 begin."""

    metric = forms.CharField(label=_("Metric"), required=False, max_length=60)
    minimum_n = forms.IntegerField(label=_("Least sample"), required=False, min_value=0)
    optional = forms.BooleanField(label=_("May be missing"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.initial.get("metric") or gettext("new metric")
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{row}: {field.label}"
        for score in SCORES:
            label = gettext("Score %(score)s") % {"score": score}
            widget = forms.NumberInput({"step": "any", "aria-label": f"{row}: {label}"})
            self.fields[f"point{score}"] = forms.FloatField(label=label, required=False, widget=widget)

    @staticmethod
    def initial_of(table: Mapping[str, Any]) -> dict[str, Any]:
        held = {key: table.get(key) for key in ("metric", "minimum_n", "optional")}
        return {**held, **{f"point{score}": value for score, value in enumerate(table["points"])}}

    @property
    def points(self) -> list[Any]:
        return [self[f"point{score}"] for score in SCORES]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        given = [data.get(f"point{score}") for score in SCORES]
        if data.get("metric") and None in given and not self.errors:
            raise ValidationError(gettext("%(metric)s: give all six values.") % {"metric": data["metric"]})
        if not data.get("metric") and any(value is not None for value in given):
            raise ValidationError(gettext("Name the metric to which these values belong."))
        return data

    def content(self) -> dict[str, Any] | None:
        """The table as typed; None for a row that names no metric."""
        data = self.cleaned_data
        if not data.get("metric"):
            return None
        values = [data[f"point{score}"] for score in SCORES]
        found: dict[str, Any] = {"metric": data["metric"], "points": [_plain(value) for value in values]}
        if data["minimum_n"] is not None:
            found["minimum_n"] = data["minimum_n"]
        return {**found, "optional": True} if data["optional"] else found


class ThresholdsForm(Bilingual, forms.Form):
    """Where the values come from, and what is no table: steps, limits of the score, the least sample of all."""

    rest = forms.CharField(
        label=_("Steps, limits and least sample (YAML)"),
        required=False,
        widget=forms.Textarea({"rows": 10, "class": "mono", "spellcheck": "false"}),
        help_text=_("minimum_n, steps (instead of a table) and caps, as in the scheme's file; empty: none."),
    )

    def __init__(self, held: Mapping[str, Any], data: Any = None) -> None:
        rest = {key: held[key] for key in REST if key in held}
        shown = write_yaml(rest).decode() if rest else ""
        super().__init__(data, initial={"rest": shown, **spread("source", held.get("source"))})
        self.add_pair("source", gettext("Source of the values"), rows=2)

    @property
    def texts(self) -> list[tuple[Any, Any]]:
        return [(self["source_en"], self["source_zh"])]

    def clean_rest(self) -> dict[str, Any]:
        if not self.cleaned_data["rest"].strip():
            return {}
        try:
            found = parse_document(self.cleaned_data["rest"], "YAML").content
        except DocumentRefused as refusal:
            raise ValidationError([str(problem) for problem in refusal.problems]) from refusal
        if not set(found) <= set(REST):
            raise ValidationError(gettext("Only these are expected: %(names)s.") % {"names": ", ".join(REST)})
        return found


class ThresholdsEditor:
    """All forms of one method's page together."""

    def __init__(self, held: Mapping[str, Any], data: Any = None) -> None:
        self.form = ThresholdsForm(held, data)
        factory = forms.formset_factory(TableForm, extra=BLANK_ROWS, max_num=20, absolute_max=30)
        self.rows = factory(
            data, prefix="tables", initial=[TableForm.initial_of(table) for table in held.get("tables", ())]
        )

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.rows.is_valid()])

    def content(self) -> dict[str, Any]:
        """What the scheme keeps for the method; empty when neither a table nor steps are left."""
        tables = [found for row in self.rows if (found := row.content()) is not None]
        rest = self.form.cleaned_data["rest"]
        if not tables and "steps" not in rest:
            return {}
        source = gathered(self.form.cleaned_data, "source")
        return {"source": source, **({"tables": tables} if tables else {}), **rest}


def _plain(value: float) -> int | float:
    """2.0 is written 2, as in the files."""
    return int(value) if value.is_integer() else value
