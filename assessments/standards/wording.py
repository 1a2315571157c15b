"""How parts of a standard and a scheme are put into words on a page, in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from evaluations.methods.declared import DECLARED
from evaluations.methods.registry import is_installed

from .frameworks import UnknownReference
from .loading import register
from .models import Criterion, Edition, Scheme, in_current_language

PHASES: dict[str, str | Promise] = {
    "P": gettext_lazy("planning and design"),
    "D": gettext_lazy("development and test"),
    "O": gettext_lazy("operation and use"),
    "G": gettext_lazy("governance"),
}

# How a criterion stands to a part of a framework, in the order of strength.
RELATIONS: dict[str, str | Promise] = {
    "equal": gettext_lazy("asks for the same"),
    "superset": gettext_lazy("asks for all of it and more"),
    "subset": gettext_lazy("asks for some of it"),
    "intersects": gettext_lazy("overlaps with it"),
    "source": gettext_lazy("was built from it"),
}
FRAMEWORK_STATUSES: dict[str, str | Promise] = {
    "in_force": pgettext_lazy("framework", "in force"),
    "draft": pgettext_lazy("framework", "draft"),
    "superseded": pgettext_lazy("framework", "superseded"),
    "withdrawn": pgettext_lazy("framework", "withdrawn"),
}
CERTAINTIES: dict[str, str | Promise] = {
    "official": gettext_lazy("read in an official text or listing"),
    "secondary": gettext_lazy("from a secondary source"),
    "general": gettext_lazy("general knowledge, not checked against the text"),
    "unconfirmed": gettext_lazy("unconfirmed"),
}
DATES: dict[str, str | Promise] = {
    "issued": pgettext_lazy("date of a framework", "issued"),
    "in_force": pgettext_lazy("date of a framework", "in force since"),
    "applies": pgettext_lazy("date of a framework", "main duties apply from"),
    "superseded": pgettext_lazy("date of a framework", "superseded"),
    "withdrawn": pgettext_lazy("date of a framework", "withdrawn"),
}

FIELDS: dict[str, str | Promise] = {
    "title": pgettext_lazy("field of a criterion", "Title"),
    "summary": pgettext_lazy("field of a standard", "Summary"),
    "status_note": pgettext_lazy("field of a standard", "Note on its status"),
    "scope": pgettext_lazy("field of a standard", "Scope"),
    "stage": pgettext_lazy("field of a standard", "Stage"),
    "facts": pgettext_lazy("field of a standard", "Facts of a system's profile"),
    "characteristics": pgettext_lazy("field of a standard", "Characteristics"),
    "statement": pgettext_lazy("field of a criterion", "Requirement"),
    "rationale": pgettext_lazy("field of a criterion", "Rationale"),
    "kind": pgettext_lazy("field of a criterion", "Kind"),
    "methods": pgettext_lazy("field of a criterion", "Test methods"),
    "gate": pgettext_lazy("field of a criterion", "Gate"),
    "weight": pgettext_lazy("field of a criterion", "Weight"),
    "phases": pgettext_lazy("field of a criterion", "Phases"),
    "applies_when": pgettext_lazy("field of a criterion", "Applies when"),
    "belongs_to": pgettext_lazy("field of a criterion", "Belongs to"),
    "extension": pgettext_lazy("field of a criterion", "Extension"),
    "evidence": pgettext_lazy("field of a criterion", "Evidence"),
    "guidance": pgettext_lazy("field of a criterion", "Guidance to the evaluator"),
    "anchors": pgettext_lazy("field of a criterion", "What the scores mean"),
    "references": pgettext_lazy("field of a criterion", "References"),
}


@dataclass(frozen=True)
class ThresholdRow:
    """One metric of a method with its value for each of the scores 0 to 5."""

    metric: str
    points: list[str]


@dataclass(frozen=True)
class MethodView:
    """A method under a criterion, with the thresholds of one scheme."""

    id: str
    title: str
    installed: bool
    when: str
    source: str
    rows: list[ThresholdRow]
    steps: list[tuple[str, str]]
    caps: list[str]


@dataclass(frozen=True)
class ReferenceView:
    """A reference of a criterion; `framework` is the id of its record, empty when there is none."""

    to: str
    framework: str
    relation: str
    note: str


def obligation(gate: str) -> str:
    """The modal verb that a gate stands for (GB/T 1.1-2020)."""
    if gate == "M":
        return _("shall, at every risk tier")
    if gate == "M+":
        return _("shall for high risk, should for others")
    return _("should")


def phases(criterion: Criterion) -> str:
    return " · ".join(str(PHASES[phase]) for phase in criterion.phases)


def fact_choices(edition: Edition, name: str) -> list[tuple[Any, str]]:
    """(value, words) of a fact of the profile, for forms. Raises KeyError when the edition has no such fact."""
    fact = _facts(edition.content)[name]
    return [(value, _value_words(fact, value)) for value in fact["values"]]


def fact_title(edition: Edition, name: str) -> str:
    return in_current_language(_facts(edition.content)[name]["title"])


def predicate_words(content: Mapping[str, Any], predicate: Mapping[str, Any]) -> str:
    """A predicate as words, "always" when it is empty."""
    if not predicate:
        return pgettext("condition", "always")
    if "fact" in predicate:
        fact = _facts(content)[predicate["fact"]]
        values = [predicate["is"]] if "is" in predicate else predicate["in"]
        shown = pgettext("between values", " or ").join(_value_words(fact, value) for value in values)
        return pgettext("condition", "%(fact)s: %(value)s") % {
            "fact": in_current_language(fact["title"]),
            "value": shown,
        }
    if "not" in predicate:
        return pgettext("condition", "not (%(condition)s)") % {"condition": predicate_words(content, predicate["not"])}
    joint, parts = (
        (pgettext("between conditions", "; and "), predicate["all"])
        if "all" in predicate
        else (pgettext("between conditions", "; or "), predicate["any"])
    )
    return joint.join(predicate_words(content, part) for part in parts)


def method_views(criterion: Criterion, content: Mapping[str, Any], scheme: Scheme | None) -> list[MethodView]:
    """The methods of a criterion as a page shows them; thresholds are the scheme's, if there is one."""
    thresholds = scheme.content["thresholds"] if scheme else {}
    return [_method_view(method, content, thresholds.get(method["id"], {})) for method in criterion.methods]


def reference_views(criterion: Criterion) -> list[ReferenceView]:
    """The references of a criterion as a page shows them, in the order of the edition."""
    return [_reference_view(item) for item in criterion.content.get("references", ())]


def _reference_view(item: Mapping[str, Any]) -> ReferenceView:
    try:
        framework = register().find(item["to"])[0].id
    except UnknownReference:
        framework = ""
    return ReferenceView(
        to=item["to"],
        framework=framework,
        relation=str(RELATIONS[item["relation"]]) if "relation" in item else "",
        note=in_current_language(item["note"]) if "note" in item else "",
    )


def method_title(method_id: str) -> str:
    """The name of a method in the language of the request; its id when nobody declares it."""
    declaration = DECLARED.get(method_id)
    return in_current_language(declaration.title.as_json()) if declaration else method_id


def _method_view(method: Mapping[str, Any], content: Mapping[str, Any], rule: Mapping[str, Any]) -> MethodView:
    when = method.get("when", {})
    return MethodView(
        id=method["id"],
        title=method_title(method["id"]),
        installed=is_installed(method["id"]),
        when=predicate_words(content, when) if when else "",
        source=in_current_language(rule["source"]) if rule else "",
        rows=[ThresholdRow(t["metric"], [f"{point:g}" for point in t["points"]]) for t in rule.get("tables", ())],
        steps=[(f"{step['score']:g}", _step_words(step)) for step in rule.get("steps", ())],
        caps=[_cap_words(cap) for cap in rule.get("caps", ())],
    )


def _step_words(step: Mapping[str, Any]) -> str:
    tests = [_test_words(test) for test in step["when"]]
    return " · ".join(tests) or pgettext("condition", "otherwise")


def _test_words(test: Mapping[str, Any]) -> str:
    if "flag" in test:
        return test["flag"]
    if "unless" in test:
        return pgettext("condition", "not (%(condition)s)") % {"condition": test["unless"]}
    sign, limit = ("≥", test["at_least"]) if "at_least" in test else ("≤", test["at_most"])
    return f"{test['metric']} {sign} {limit:g}"


def _cap_words(cap: Mapping[str, Any]) -> str:
    return _("at most %(score)s: %(reason)s") % {
        "score": f"{cap['at_most']:g}",
        "reason": in_current_language(cap["because"]),
    }


def _facts(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {fact["name"]: fact for fact in content["facts"]}


def _value_words(fact: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return in_current_language(fact["titles"][str(value)])
