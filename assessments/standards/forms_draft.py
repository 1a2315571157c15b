"""Forms in which a draft is written: one criterion, the edition as a whole, a new draft. Texts stand in pairs.

A form turns what is typed into content and refuses only what has no form at all (a parameter that is no YAML). What is
missing or contradicts something is left to the checks of the whole draft, which say so with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from evaluations.methods.registry import declared

from .documents import DocumentRefused, parse_document
from .exchange.formats import write_yaml
from .forms_texts import Bilingual, PlainData, gathered, is_text, spread
from .models import Gate, Kind
from .wording import FIELDS, PHASES, RELATIONS

SCORES = range(6)
BLANK_ROWS = 2


class EvidenceForm(Bilingual, forms.Form):
    """One thing that an applicant is asked to give."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_pair("text", gettext("Evidence"), rows=2)

    @staticmethod
    def initial_of(item: Mapping[str, str]) -> dict[str, Any]:
        return spread("text", item)

    def content(self) -> dict[str, Any] | None:
        text = gathered(self.cleaned_data, "text")
        return text if any(text.values()) else None


class MethodForm(forms.Form):
    """A test method of the criterion, with its parameters and the condition under which it runs."""

    id = forms.ChoiceField(label=_("Test method"), required=False)
    parameters = PlainData(label=_("Parameters (YAML)"), required=False)
    when = PlainData(label=_("Run when (YAML)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(name for name, item in declared().items() if not item.tool)
        held = self.initial.get("id", "")
        choices = [*named, *([held] if held and held not in named else [])]
        chosen: Any = self.fields["id"]
        chosen.choices = [("", gettext("none")), *[(name, name) for name in choices]]

    @staticmethod
    def initial_of(item: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": item["id"], "parameters": item.get("parameters"), "when": item.get("when")}

    def content(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        if not data.get("id"):
            return None
        return {key: data[key] for key in ("id", "parameters", "when") if data.get(key)}


class ReferenceForm(Bilingual, forms.Form):
    """How the criterion stands to a part of a framework."""

    to = forms.CharField(label=_("Framework and part, as cited"), required=False, max_length=200)
    relation = forms.ChoiceField(label=_("Relation: the criterion …"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relation: Any = self.fields["relation"]
        relation.choices = [("", gettext("none")), *[(code, f"{code}: {words}") for code, words in RELATIONS.items()]]
        self.add_pair("note", gettext("Note"))

    @staticmethod
    def initial_of(item: Mapping[str, Any]) -> dict[str, Any]:
        return {"to": item["to"], "relation": item.get("relation", ""), **spread("note", item.get("note"))}

    def content(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        if not data.get("to"):
            return None
        note = gathered(data, "note")
        found: dict[str, Any] = {"to": data["to"]}
        if data.get("relation"):
            found["relation"] = data["relation"]
        return {**found, "note": note} if any(note.values()) else found


class CriterionForm(Bilingual, forms.Form):
    """One criterion, without its lists. The code stays: a criterion of another code is another criterion."""

    kind = forms.ChoiceField(label=_("Kind of criterion"), choices=Kind.choices)
    gate = forms.ChoiceField(label=_("Gate"), choices=Gate.choices)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=100)
    phases = forms.MultipleChoiceField(
        label=_("Phases"), choices=PHASES.items(), required=False, widget=forms.CheckboxSelectMultiple
    )
    belongs_to = forms.ChoiceField(
        label=_("Belongs to"),
        required=False,
        choices=[("", _("not said")), ("system", _("the system")), ("organisation", _("the organisation"))],
    )
    applies_when = PlainData(
        label=_("Applies when (YAML; empty: always)"),
        required=False,
        help_text=_("For example {fact: affects_people, is: true}; all, any and not join conditions."),
    )
    extension = forms.BooleanField(label=_("Goes beyond the text that the standard builds on"), required=False)
    PAIRS = (("title", 0), ("statement", 4), ("rationale", 4), ("guidance", 8))

    def __init__(self, criterion: Mapping[str, Any], data: Any = None) -> None:
        held = {key: criterion.get(key) for key in ("kind", "gate", "weight", "phases", "belongs_to", "applies_when")}
        held["extension"] = criterion.get("extension", False)
        for name, _rows in self.PAIRS:
            held |= spread(name, criterion.get(name))
        for score, anchor in zip(SCORES, criterion.get("anchors") or [None] * 6, strict=True):
            held |= spread(f"anchor{score}", anchor)
        super().__init__(data, initial=held)
        phases: Any = self.fields["phases"]
        phases.asked = True
        for name, rows in self.PAIRS:
            self.add_pair(name, str(FIELDS[name]), rows=rows)
        for score in SCORES:
            self.add_pair(f"anchor{score}", gettext("Score %(score)s means") % {"score": score}, rows=3)

    def pairs(self, *names: str) -> Iterator[tuple[Any, Any]]:
        """Bound fields side by side."""
        for name in names:
            yield self[f"{name}_en"], self[f"{name}_zh"]

    @property
    def texts(self) -> list[tuple[Any, Any]]:
        return list(self.pairs(*[name for name, _rows in self.PAIRS]))

    @property
    def anchors(self) -> list[tuple[Any, Any]]:
        return list(self.pairs(*[f"anchor{score}" for score in SCORES]))

    def content(self, code: str) -> dict[str, Any]:
        """The criterion as typed; what is optional and empty is left out."""
        data = self.cleaned_data
        found: dict[str, Any] = {"code": code, "title": gathered(data, "title")}
        found["statement"] = gathered(data, "statement")
        for name in ("rationale", "guidance"):
            text = gathered(data, name)
            if any(text.values()):
                found[name] = text
        found |= {"kind": data["kind"], "gate": data["gate"], "weight": data["weight"], "phases": data["phases"]}
        for name in ("applies_when", "belongs_to", "extension"):
            if data[name]:
                found[name] = data[name]
        anchors = [gathered(data, f"anchor{score}") for score in SCORES]
        if any(value for anchor in anchors for value in anchor.values()):
            found["anchors"] = anchors
        return found


class Rows:
    """A list of small forms with blank ones at the end; emptying a row removes it."""

    def __init__(self, form: Any, prefix: str, items: list[Any], data: Any = None) -> None:
        factory = forms.formset_factory(form, extra=BLANK_ROWS, max_num=40, absolute_max=60)
        self.prefix = prefix
        self.forms = factory(data, prefix=prefix, initial=[form.initial_of(item) for item in items])

    def content(self) -> list[dict[str, Any]]:
        return [found for row in self.forms if (found := row.content()) is not None]


class CriterionEditor:
    """All forms of one criterion's page together."""

    LISTS = (("evidence", EvidenceForm), ("methods", MethodForm), ("references", ReferenceForm))

    def __init__(self, criterion: Mapping[str, Any], data: Any = None) -> None:
        self.code = criterion["code"]
        self.form = CriterionForm(criterion, data)
        self.lists = {name: Rows(form, name, criterion.get(name, []), data) for name, form in self.LISTS}

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *[rows.forms.is_valid() for rows in self.lists.values()]])

    def content(self) -> dict[str, Any]:
        lists = {name: rows.content() for name, rows in self.lists.items()}
        return {**self.form.content(self.code), **{name: items for name, items in lists.items() if items}}


class EditionForm(Bilingual, forms.Form):
    """What an edition says of itself; facts and characteristics as YAML."""

    stage = forms.ChoiceField(
        label=_("Stage"), choices=[("pilot", _("pilot edition")), ("full", _("full edition"))], required=False
    )
    PAIRS = (("title", 0), ("summary", 3), ("scope", 4), ("status_note", 3))
    structure = forms.CharField(
        label=_("Characteristics and facts of a system's profile (YAML)"),
        widget=forms.Textarea({"rows": 24, "class": "mono", "spellcheck": "false"}),
    )
    PARTS = ("characteristics", "facts")

    def __init__(self, content: Mapping[str, Any], data: Any = None) -> None:
        structure = write_yaml({key: content[key] for key in self.PARTS}).decode()
        held: dict[str, Any] = {"stage": content.get("stage", "full"), "structure": structure}
        for name, _rows in self.PAIRS:
            held |= spread(name, content.get(name))
        for score, anchor in zip(SCORES, content["anchors"], strict=True):
            held |= spread(f"anchor{score}", anchor)
        super().__init__(data, initial=held)
        for name, rows in self.PAIRS:
            self.add_pair(name, str(FIELDS[name]), rows=rows)
        for score in SCORES:
            self.add_pair(f"anchor{score}", gettext("Score %(score)s means") % {"score": score}, rows=2)

    @property
    def texts(self) -> list[tuple[Any, Any]]:
        return [(self[f"{name}_en"], self[f"{name}_zh"]) for name, _rows in self.PAIRS]

    @property
    def anchors(self) -> list[tuple[Any, Any]]:
        return [(self[f"anchor{score}_en"], self[f"anchor{score}_zh"]) for score in SCORES]

    def clean_structure(self) -> dict[str, Any]:
        try:
            found = parse_document(self.cleaned_data["structure"], "YAML").content
        except DocumentRefused as refusal:
            raise ValidationError([str(problem) for problem in refusal.problems]) from refusal
        if set(found) != set(self.PARTS) or not all(isinstance(found[key], list) for key in self.PARTS):
            raise ValidationError(gettext("Two lists are expected: characteristics and facts."))
        for item in found["characteristics"]:
            if not isinstance(item, dict) or not {"code", "title"} <= set(item) or not is_text(item["title"]):
                raise ValidationError(gettext("Each characteristic has a code, and a title with en and zh."))
        return found

    def content(self) -> dict[str, Any]:
        data = self.cleaned_data
        texts = {name: gathered(data, name) for name, _rows in self.PAIRS}
        anchors = [gathered(data, f"anchor{score}") for score in SCORES]
        return {"stage": data["stage"], **texts, **data["structure"], "anchors": anchors}
