"""The form of the step “model and data”: how the model is fed and read, what the data holds, what is claimed."""

from __future__ import annotations

import math
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import services
from .declared import ReadFiles, column_values, form_values, proposed_schema, schema_from
from .models import Application

SEPARATORS = re.compile(r"[\s,，、;；]+")
TASKS = [("classification", _("It assigns classes")), ("regression", _("It predicts a value"))]
KINDS = [
    ("", "–"),
    ("logits", _("logits, before softmax or sigmoid")),
    ("probabilities", _("probabilities")),
    ("score", _("scores without unit")),
    ("label", _("the label itself")),
    ("value", _("a predicted value")),
]
LAYOUTS = [("", "–"), ("flat", _("flat: one row of values")), ("NCHW", "NCHW"), ("NHWC", "NHWC")]
TYPES = [
    ("numeric", pgettext_lazy("type of data", "number")),
    ("integer", _("whole number")),
    ("categorical", _("category")),
    ("boolean", _("yes or no")),
    ("text", _("text")),
]
METRICS = [
    ("", "–"),
    ("accuracy", _("accuracy")),
    ("balanced_accuracy", _("balanced accuracy")),
    ("auc", _("area under the ROC curve")),
    ("f1", "F1"),
    ("precision", _("precision")),
    ("recall", _("recall")),
    ("rmse", _("root mean squared error")),
    ("mae", _("mean absolute error")),
]
AVERAGES = [("", "–"), ("macro", _("macro")), ("weighted", _("weighted")), ("binary", _("positive class"))]


class NumbersField(forms.CharField):
    """Numbers separated by commas or spaces; `whole` asks for positive whole numbers."""

    def __init__(self, *, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=20_000, **kwargs)
        self.whole = whole

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(f"{number:.17g}" for number in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        parts = [part for part in SEPARATORS.split(super().clean(value)) if part]
        try:
            numbers: list[Any] = [int(part) if self.whole else float(part) for part in parts]
        except ValueError:
            raise forms.ValidationError(_("Write numbers, separated by commas.")) from None
        if not all(math.isfinite(number) for number in numbers) or (self.whole and min(numbers, default=1) < 1):
            raise forms.ValidationError(_("One of these numbers is not possible here."))
        return numbers or None


class NamesField(forms.CharField):
    """Names, one a line or separated by commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=200_000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        names = [str(name) for name in value]
        return "\n".join(names) if any("," in name for name in names) else ", ".join(names)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        parts = text.splitlines() if "\n" in text.strip() else re.split(r"[,，、]", text)
        names = [part.strip() for part in parts if part.strip()]
        if len(set(names)) != len(names):
            raise forms.ValidationError(_("A name stands here twice."))
        return names or None


class SharesField(forms.CharField):
    """Shares of the population: `sex: f 0.5, m 0.5`, one attribute a line."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{a}: " + ", ".join(f"{g} {s:g}" for g, s in shares.items()) for a, shares in value.items())

    def clean(self, value: Any) -> Any:
        population: dict[str, dict[str, float]] = {}
        for line in super().clean(value).splitlines():
            if not line.strip():
                continue
            attribute, colon, rest = line.replace("：", ":").partition(":")
            shares = [part.strip().rpartition(" ") for part in re.split(r"[,，]", rest) if part.strip()]
            try:
                population[attribute.strip()] = {group.strip(): float(share) for group, _space, share in shares}
            except ValueError:
                shares = []
            if not colon or not shares or not all(0 <= s <= 1 for s in population[attribute.strip()].values()):
                raise forms.ValidationError(_("Write each line as “sex: f 0.5, m 0.5”, with shares from 0 to 1."))
        return population or None


def number(label: Any, **kwargs: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, widget=forms.NumberInput(attrs={"step": "any"}), **kwargs)


class DeclaredForm(forms.Form):
    """The single values; columns and claims stand in their own tables."""

    task = forms.ChoiceField(label=_("What the model does"), choices=TASKS, required=False, widget=forms.RadioSelect)
    output_kind = forms.ChoiceField(label=_("What its output means"), choices=KINDS, required=False)
    classes = NamesField(
        label=_("Classes, in the order of the outputs"),
        help_text=_("Written as in the column of true answers; separated by commas, or one a line."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    positive = forms.CharField(
        label=_("Positive class"), required=False, max_length=200, help_text=_("Two classes: the one that is detected.")
    )
    threshold = number(_("Threshold"), help_text=_("Two classes: from which score on the positive class is chosen."))
    input_name = forms.CharField(
        label=_("Name of the input tensor"),
        required=False,
        max_length=200,
        help_text=_("Only where there are several."),
    )
    output_name = forms.CharField(
        label=_("Name of the output tensor"),
        required=False,
        max_length=200,
        help_text=_("Only where there are several."),
    )
    lower_is_better = forms.BooleanField(label=_("The lowest output wins, as with a distance"), required=False)
    layout = forms.ChoiceField(label=_("Layout of the input"), choices=LAYOUTS, required=False)
    shape = NumbersField(
        label=_("Shape of one sample"), whole=True, help_text=_("For example 1, 8, 8; without the batch.")
    )
    scale = number(_("Scale"), help_text=_("A raw value x is fed as (x · scale − mean) / deviation."))
    mean = NumbersField(label=_("Mean"), help_text=_("One, or one for each channel or feature."))
    std = NumbersField(label=_("Deviation"), help_text=_("One, or one for each channel or feature."))
    lowest = number(_("Lowest raw value"))
    highest = number(_("Highest raw value"))
    grid = number(
        _("Step between raw values"), min_value=0, help_text=_("1 for whole grey levels; empty if continuous.")
    )
    label = forms.CharField(label=_("Column or array of true answers"), required=False, max_length=200)
    favourable = forms.CharField(
        label=_("Favourable answer"),
        required=False,
        max_length=200,
        help_text=_("The answer that is good for the person concerned; it is what group fairness compares."),
    )
    prediction = forms.CharField(
        label=_("Column of predictions"), required=False, max_length=200, help_text=_("For a table of predictions.")
    )
    prediction_above = number(_("It counts as positive above"), help_text=_("If that column holds a score."))
    score = forms.CharField(label=_("Column of scores"), required=False, max_length=200)
    population = SharesField(
        label=_("Shares of the people served"),
        required=False,
        max_length=4000,
        help_text=_("One attribute a line: sex: f 0.5, m 0.5"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Saved half done, but asked for before submission; the others depend on the system.
        for name in ("task", "output_kind", "classes", "label"):
            self.fields[name].asked = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (values.get("lowest") is None) != (values.get("highest") is None):
            self.add_error("highest", _("Give both the lowest and the highest value."))
        elif values.get("lowest") is not None and values["lowest"] >= values["highest"]:
            self.add_error("highest", _("It must be more than the lowest value."))
        if values.get("grid") == 0:
            self.add_error("grid", _("It must be more than 0."))
        return values


class ColumnForm(forms.Form):
    """One column of the data."""

    name = forms.CharField(widget=forms.HiddenInput, max_length=200)
    is_input = forms.BooleanField(label=_("model input"), required=False)
    type = forms.ChoiceField(label=_("type"), choices=TYPES, required=False)
    mutable = forms.BooleanField(label=_("can be changed by an attacker"), required=False)
    missing_allowed = forms.BooleanField(label=_("may be missing"), required=False)
    minimum = number(_("lowest"))
    maximum = number(_("highest"))
    values = NamesField(label=_("categories, in order"))
    sensitive = forms.BooleanField(label=_("sensitive attribute"), required=False)
    cuts = NumbersField(label=_("cut into groups at"))
    identifier = forms.BooleanField(label=_("identifies a record"), required=False)
    personal = forms.BooleanField(label=_("personal information"), required=False)

    @property
    def type_shown(self) -> Any:
        """The type in words, with the cuts if there are any."""
        cuts = self["cuts"].value()
        named = dict(TYPES).get(self["type"].value(), "–")
        return f"{named} ({self.fields['cuts'].prepare_value(cuts)})" if cuts else named


class ClaimForm(forms.Form):
    """One performance claim."""

    metric = forms.ChoiceField(label=_("Metric"), choices=METRICS, required=False)
    value = number(_("Claimed value"))
    average = forms.ChoiceField(label=_("Average over classes"), choices=AVERAGES, required=False)
    minimum = number(_("Least that the use needs"))


Columns = forms.formset_factory(ColumnForm, extra=0, max_num=200, absolute_max=200)
Claims = forms.formset_factory(ClaimForm, extra=1, max_num=8, absolute_max=8)


class SchemaForm:
    """The three parts as one form, with the interface of the other steps' forms."""

    def __init__(self, application: Application, data: Any = None) -> None:
        self.application = application
        self.held: dict[str, Any] = application.version.schema or {}
        self.files = ReadFiles(application.version)
        self.is_proposal = not self.held.get("model")
        shown = {**proposed_schema(self.files), **self.held} if self.is_proposal else self.held
        self.fields_form = DeclaredForm(data, initial=form_values(shown))
        # What is held is no measure for what was sent: a row equal to it would count as left empty and be lost.
        columns, claims = column_values(shown, self.files), [*(shown.get("claims") or [])]
        self.columns = Columns(data, initial=columns if data is None else None, prefix="columns")
        self.claims = Claims(data, initial=claims if data is None else None, prefix="claims")

    @property
    def parts(self) -> tuple[Any, Any, Any]:
        return self.fields_form, self.columns, self.claims

    @property
    def errors(self) -> dict[str, Any]:
        """Errors of all three parts, none if all is well."""
        found: dict[str, Any] = dict(self.fields_form.errors)
        for table in (self.columns, self.claims):
            for form in table.forms:
                found |= {form.add_prefix(name): errors for name, errors in form.errors.items()}
        return found

    @property
    def is_bound(self) -> bool:
        return self.fields_form.is_bound

    def is_valid(self) -> bool:
        # Each part is asked, so that all errors are shown at once.
        valid = [part.is_valid() for part in self.parts]
        return all(valid)

    def add_error(self, field: str | None, error: Any) -> None:
        self.fields_form.add_error(field if field in self.fields_form.fields else None, error)

    def typed(self) -> list[tuple[str, str]]:
        """What was typed, to be given back when it could not be saved."""
        fields = [(str(bound.label), str(bound.value() or "")) for bound in self.fields_form]
        claims = [
            (str(_("Claim %(number)s") % {"number": number}), " · ".join(str(b.value()) for b in row if b.value()))
            for number, row in enumerate(self.claims.forms, start=1)
        ]
        return [pair for pair in [*fields, *claims] if pair[1]]

    def renewed(self) -> SchemaForm:
        """The same form with what stands in the application now."""
        return SchemaForm(Application.objects.select_related("version").get(pk=self.application.pk))

    def save(self, actor: Any, seen: str) -> None:
        columns = [form.cleaned_data for form in self.columns.forms]
        claims = [form.cleaned_data for form in self.claims.forms]
        schema = schema_from(self.held, self.fields_form.cleaned_data, columns, claims)
        services.save_schema(self.application, actor=actor, schema=schema, seen=seen)
