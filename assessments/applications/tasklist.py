"""The task list: each step with its address and how far it is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .completeness import evidence_given, missing_parts
from .models import Application
from .steps import STEPS, content_of, criteria_asking_evidence


def step_address(application: Application, step: str) -> str:
    """Where a step is filled in."""
    if step == "evidence":
        return reverse("applications:evidence", args=[application.pk])
    return reverse("applications:step", args=[application.pk, step])


def task_list(application: Application) -> list[dict[str, Any]]:
    """The steps as the component `step_list` takes them, with “check your answers” at the end."""
    missing = missing_parts(application)
    open_steps = {step: [part for part in missing if part.step == step] for step in STEPS}
    tasks: list[dict[str, Any]] = []
    for step, title in STEPS.items():
        parts = open_steps[step]
        state = "done" if not parts else "active" if _is_begun(application, step) else "waiting"
        note = _note(application, step, len(parts))
        tasks.append({"title": title, "url": step_address(application, step), "state": state, "note": note})
    check = reverse("applications:answers", args=[application.pk])
    ready = "active" if not missing else "waiting"
    note = _("Everything is filled in.") if not missing else _("When the steps above are complete.")
    return [*tasks, {"title": _("Check your answers and submit"), "url": check, "state": ready, "note": note}]


def _is_begun(application: Application, step: str) -> bool:
    if step == "evidence":
        return application.evidence.exists()
    if step == "model":
        return bool(application.version.schema) or application.version.artifacts.exists()
    if step == "body":
        return application.body_id is not None
    if step == "standard":
        return application.scheme_id is not None
    return bool(content_of(application, step))


def _note(application: Application, step: str, open_parts: int) -> str:
    if step == "evidence" and application.edition:
        asked = {criterion.code for criterion in criteria_asking_evidence(application)}
        given = len(asked & evidence_given(application))
        return _("Given for %(given)d of %(asked)d criteria") % {"given": given, "asked": len(asked)}
    if not open_parts:
        return ""
    return ngettext("%(count)d thing to do", "%(count)d things to do", open_parts) % {"count": open_parts}
