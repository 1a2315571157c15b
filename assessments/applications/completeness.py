"""What is still missing before an application can be submitted, in words, step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.accounts.models import in_reader_language
from assessments.standards.models import Gate
from assessments.systems.manifests import build_manifest
from assessments.systems.models import Artifact
from assessments.systems.services import current_artifacts
from evaluations.readers.manifest import parse_manifest
from evaluations.readers.refusal import Refused

from .models import HANDED_IN, Application
from .steps import criteria_asking_evidence, declared_facts, edition_of, schemes_for

DECLARED_TRUE = ("truthful", "right_to_data", "sole_body")


@dataclass(frozen=True)
class Missing:
    """One thing to do: the step where it is done, and what it is, in the reader's language."""

    step: str
    text: str
    criterion: str = ""


def missing_parts(application: Application) -> list[Missing]:
    """All that keeps the application from being submitted; an empty list when nothing does."""
    return [
        *_profile(application),
        *_standard(application),
        *_body(application),
        *_model(application),
        *_evidence(application),
        *_declarations(application),
    ]


def _profile(application: Application) -> Iterator[Missing]:
    version = application.version
    if not version.intended_use.strip():
        yield Missing("profile", _("Say what the system is for (intended use)."))
    for fact in declared_facts(edition_of(application)):
        if version.profile.get(fact["name"]) is None:
            title = in_reader_language(fact["title"]["en"], fact["title"]["zh"])
            yield Missing("profile", _("Answer in the profile: %(fact)s.") % {"fact": title})


def _standard(application: Application) -> Iterator[Missing]:
    if application.scheme is None:
        yield Missing("standard", _("Choose the standard and scheme."))
    elif not schemes_for(application).filter(pk=application.scheme.pk).exists():
        yield Missing("standard", _("The scheme that you chose takes no applications any more. Choose another."))
    if not application.target_level:
        yield Missing("standard", _("Choose the level that you aim at."))


def _body(application: Application) -> Iterator[Missing]:
    if application.body is None:
        yield Missing("body", _("Choose the evaluation body."))


def _model(application: Application) -> Iterator[Missing]:
    files = list(current_artifacts(application.version))
    yield from _unread(files)
    readable = {file.role for file in files if file.inspection == Artifact.Inspection.ACCEPTED}
    if not readable & {Artifact.Role.MODEL, Artifact.Role.PREDICTIONS}:
        yield Missing("model", _("Add the model, or a table of its predictions."))
    if not readable & {Artifact.Role.TEST, Artifact.Role.PREDICTIONS}:
        yield Missing("model", _("Add test data."))
    else:
        yield from _declared(application)


def _unread(files: list[Artifact]) -> Iterator[Missing]:
    for file in files:
        name = {"name": file.filename}
        if file.inspection in (Artifact.Inspection.AWAITING, Artifact.Inspection.RUNNING):
            yield Missing("model", _("Wait until “%(name)s” has been read.") % name)
        elif file.inspection == Artifact.Inspection.REFUSED:
            yield Missing("model", _("Replace or remove “%(name)s”: it was refused.") % name)
        elif file.inspection == Artifact.Inspection.FAILED:
            yield Missing("model", _("Send “%(name)s” again: the portal failed to read it.") % name)


def _declared(application: Application) -> Iterator[Missing]:
    schema = application.version.schema or {}
    model = schema.get("model") or {}
    if not model.get("task"):
        yield Missing("model", _("Say whether the model classifies or predicts a value."))
        return
    if model["task"] == "classification" and not model.get("classes"):
        yield Missing("model", _("Name the classes in the order of the model’s outputs."))
    if not ((schema.get("data") or {}).get("test") or {}).get("label"):
        yield Missing("model", _("Name the column or array that holds the true answer."))
    if not schema.get("claims"):
        yield Missing("model", _("State at least one performance claim: it is what the test checks."))
    refused = manifest_refusal(application)
    if refused is not None:
        reason = in_reader_language(refused.reason.en, refused.reason.zh)
        yield Missing("model", f"{reason} ({refused.place})")


def manifest_refusal(application: Application) -> Refused | None:
    """Why the manifest that the declared schema makes with the present files cannot be used, if so."""
    manifest, _inputs = build_manifest(application.version)
    try:
        parse_manifest(json.dumps(manifest, ensure_ascii=False).encode(), _("Declared schema"))
    except Refused as refused:
        return refused
    return None


def _evidence(application: Application) -> Iterator[Missing]:
    given = evidence_given(application)
    for criterion in criteria_asking_evidence(application):
        if criterion.gate == Gate.M and criterion.code not in given:
            text = _("Give evidence for %(code)s, %(title)s: it is required for every system.")
            yield Missing("evidence", text % {"code": criterion.code, "title": criterion.title}, criterion.code)


def evidence_given(application: Application) -> set[str]:
    """The codes of criteria for which there is an explanation or a file that still counts."""
    rows = application.evidence.select_related("artifact")
    return {row.criterion for row in rows if row.explanation.strip() or (row.artifact and not row.artifact.replaced_at)}


def _declarations(application: Application) -> Iterator[Missing]:
    if not all(application.declarations.get(name) is True for name in DECLARED_TRUE):
        yield Missing("declarations", _("Confirm each declaration."))
    if not isinstance(application.declarations.get("generative"), bool):
        yield Missing("declarations", _("Say whether the system is generative."))
    others = Application.objects.filter(version=application.version_id, status__in=HANDED_IN - {"concluded"})
    if others.exclude(pk=application.pk).exists():
        yield Missing("declarations", _("Another application for the same version is under way."))
