"""All answers of an application on one page, in words: for the applicant to check, for the body to read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from assessments.accounts.models import in_reader_language
from assessments.presentation.figures import joined

from .declared import form_values
from .forms import DeclarationsForm
from .models import Application
from .schema_form import METRICS, DeclaredForm
from .steps import STEPS, declared_facts, edition_of, evidence_of
from .tasklist import step_address

Pair = tuple[Any, Any]
METRIC_NAMES = dict(METRICS)


def answers_of(application: Application) -> list[dict[str, Any]]:
    """Sections {step, title, url, items}: `items` are pairs of question and answer; evidence has rows of its own."""
    makers = {
        "profile": _profile,
        "standard": _standard,
        "body": lambda row: [(_("Evaluation body"), row.body.name if row.body else "")],
        "model": _model,
        "evidence": lambda row: [],
        "declarations": _declarations,
    }
    sections: list[dict[str, Any]] = [
        {"step": step, "title": title, "url": step_address(application, step), "items": makers[step](application)}
        for step, title in STEPS.items()
    ]
    for section in sections:
        if section["step"] == "evidence":
            section["rows"] = _evidence(application)
    return sections


def _yes_no(value: Any) -> Any:
    return (
        {True: _("Yes"), False: _("No"), None: ""}.get(value, value)
        if value is None or isinstance(value, bool)
        else value
    )


def _both(text: str, other: str) -> str:
    """A description, with the same in the other language below it where it was given."""
    return "\n".join(part for part in (text, other) if part)


def _profile(application: Application) -> list[Pair]:
    version = application.version
    pairs: list[Pair] = [
        (_("System"), str(version)),
        (_("Intended use"), _both(version.intended_use, version.intended_use_other)),
        (_("Environment of use"), _both(version.environment, version.environment_other)),
        (_("People served"), _both(version.population, version.population_other)),
    ]
    for fact in declared_facts(edition_of(application)):
        value = version.profile.get(fact["name"])
        title = (fact.get("titles") or {}).get(value) if isinstance(value, str) else None
        shown = in_reader_language(title["en"], title["zh"]) if title else _yes_no(value)
        pairs.append((in_reader_language(fact["title"]["en"], fact["title"]["zh"]), shown))
    return pairs


def _standard(application: Application) -> list[Pair]:
    edition, scheme = application.edition, application.scheme
    return [
        (_("Standard"), f"{edition.title} · {edition}" if edition else ""),
        (_("Scheme"), f"{scheme.title} · {scheme}" if scheme else ""),
        (_("Level that you aim at"), application.get_target_level_display() if application.target_level else ""),
    ]


def _model(application: Application) -> list[Pair]:
    schema = application.version.schema or {}
    form = DeclaredForm(initial=form_values(schema))
    pairs: list[Pair] = []
    for bound in form:
        choices = dict(getattr(bound.field, "choices", []))
        value = bound.value()
        if value is not None and value is not False and value != "":
            pairs.append((bound.label, choices.get(value, _yes_no(value))))
    test = (schema.get("data") or {}).get("test") or {}
    for key, title in (("features", _("Model inputs")), ("sensitive", _("Sensitive attributes"))):
        if test.get(key):
            pairs.append((title, joined(entry["name"] for entry in test[key])))
    for key, title in (("identifiers", _("Columns that identify a record")), ("personal", _("Personal information"))):
        if test.get(key):
            pairs.append((title, joined(test[key])))
    for claim in schema.get("claims") or []:
        text = _("%(metric)s %(value)s, at least %(least)s") if "minimum" in claim else _("%(metric)s %(value)s")
        metric = METRIC_NAMES.get(claim["metric"], claim["metric"])
        pairs.append((_("Claim"), text % {"metric": metric, "value": claim["value"], "least": claim.get("minimum")}))
    return pairs


def _declarations(application: Application) -> list[Pair]:
    form = DeclarationsForm(application)
    return [(bound.label, _yes_no(application.declarations.get(bound.name))) for bound in form]


def _evidence(application: Application) -> list[dict[str, Any]]:
    if application.edition is None:
        return []
    titles = {criterion.code: criterion for criterion in application.edition.criteria.all()}
    order = list(titles)
    rows = [row for row in evidence_of(application) if row.criterion in titles and (row.explanation or row.artifact)]
    rows.sort(key=lambda row: order.index(row.criterion))
    return [{"criterion": titles[row.criterion], "evidence": row} for row in rows]
