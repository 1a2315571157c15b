"""The scheme owner writes a draft scheme, as a whole in YAML or one method's thresholds as a table; checked live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.ledger.workflow import Conflict
from evaluations.methods.registry import declared

from . import drafting
from .documents import DocumentRefused, Problem, parse_document, render_place
from .exchange.formats import write_yaml
from .forms_life import SchemeForm
from .forms_thresholds import ThresholdsEditor
from .loading import content_problems
from .models import Edition, Scheme, Status
from .views_drafts import conflict, kept_edition
from .wording import method_title


def drafted_scheme(edition: Edition, pk: int) -> Scheme:
    """A draft scheme that can be written now; 404 when it is none, or lies before the public with its edition."""
    drafts = edition.schemes.filter(status=Status.DRAFT).exclude(standard_edition__status=Status.CONSULTATION)
    return get_object_or_404(drafts, pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scheme(request: HttpRequest, pk: int, scheme_pk: int) -> HttpResponse:
    """Write a draft scheme as YAML: problems are named with their lines."""
    edition = kept_edition(request, pk)
    row = drafted_scheme(edition, scheme_pk)
    posted = request.method == "POST"
    form = SchemeForm(request.POST if posted else None, initial={"text": write_yaml(row.content).decode()})
    problems: list[Problem] | None = None
    if form.is_valid():
        try:
            content = parse_document(form.cleaned_data["text"], str(row)).content
            problems = _scheme_problems(form.cleaned_data["text"], row, edition)
        except DocumentRefused as refusal:
            content, problems = {}, list(refusal.problems)
        if content and request.POST.get("action") != "check":
            try:
                revision = int(request.POST.get("revision") or -1)
                drafting.change_scheme(row, content, actor=request.user, revision=revision)
            except (Conflict, ValueError):
                return conflict(request, request.path, [(str(row), form.cleaned_data["text"])])
            messages.success(request, _("Saved."))
            return redirect("drafts:scheme", pk=pk, scheme_pk=scheme_pk)
    elif not posted:
        problems = content_problems(row.content, str(row), edition.content)
    language = get_language() or "en"
    context = {
        "edition": edition,
        "scheme": row,
        "form": form,
        "lines": None if problems is None else [problem.in_language(language) for problem in problems],
        "revision": request.POST.get("revision", row.revision),
        "methods": methods_of(edition, row),
    }
    name = "_lines.html" if request.headers.get("HX-Request") else "scheme.html"
    return render(request, f"standards/drafts/{name}", context, status=400 if posted and not form.is_valid() else 200)


def _scheme_problems(text: str, row: Scheme, edition: Edition) -> list[Problem]:
    """As `content_problems`, with the lines of what stands in the box."""
    lines = parse_document(text, str(row)).lines
    content = parse_document(text, str(row)).content
    found = content_problems(content, str(row), edition.content)
    return [Problem(item.file, _line(lines, item.place), item.place, item.text) for item in found]


def _line(lines: Mapping[tuple[str | int, ...], int], place: tuple[str | int, ...]) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def methods_of(edition: Edition, scheme: Scheme) -> list[dict[str, Any]]:
    """The methods that the edition names or the scheme has thresholds for: id, criteria, whether there is a table."""
    named: dict[str, list[str]] = {method: [] for method in scheme.content["thresholds"]}
    for criterion in edition.content["criteria"]:
        for method in criterion.get("methods", ()):
            named.setdefault(method["id"], []).append(criterion["code"])
    return [
        {"id": method, "title": method_title(method), "codes": codes, "held": method in scheme.content["thresholds"]}
        for method, codes in sorted(named.items())
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def thresholds(request: HttpRequest, pk: int, scheme_pk: int, method: str) -> HttpResponse:
    """Write one method's thresholds. "Check" (and htmx, while typing) keeps nothing; "Save" keeps all."""
    edition = kept_edition(request, pk)
    row = drafted_scheme(edition, scheme_pk)
    found = next((item for item in methods_of(edition, row) if item["id"] == method), None)
    if found is None:
        if method not in declared():
            raise Http404
        found = {"id": method, "title": method_title(method), "codes": [], "held": False}
    posted = request.method == "POST"
    editor = ThresholdsEditor(row.content["thresholds"].get(method, {}), request.POST if posted else None)
    valid = posted and editor.is_valid()
    content = _with(row.content, method, editor.content()) if valid else row.content
    if valid and request.POST.get("action") != "check":
        try:
            revision = int(request.POST.get("revision") or -1)
            drafting.change_scheme(row, content, actor=request.user, revision=revision)
        except (Conflict, ValueError):
            return conflict(request, request.path, _written(editor))
        messages.success(request, _("Saved."))
        return redirect("drafts:thresholds", pk=pk, scheme_pk=scheme_pk, method=method)
    lines = None if posted and not valid else _lines(content_problems(content, str(row), edition.content), method)
    context = {
        "edition": edition,
        "scheme": row,
        "method": found,
        "editor": editor,
        "lines": lines,
        "revision": request.POST.get("revision", row.revision),
        "scores": range(6),
    }
    name = "_lines.html" if request.headers.get("HX-Request") else "thresholds.html"
    return render(request, f"standards/drafts/{name}", context, status=400 if posted and not valid else 200)


def _with(content: Mapping[str, Any], method: str, written: Mapping[str, Any]) -> dict[str, Any]:
    """The scheme with these thresholds in the method's place; without it when nothing is written."""
    table = {**content["thresholds"], method: written}
    return {**content, "thresholds": {key: value for key, value in table.items() if value}}


def _lines(problems: list[Problem], method: str) -> list[str]:
    """What is wrong with this method, in the language of the request; what is wrong elsewhere, with its place."""
    chinese = (get_language() or "").startswith("zh")
    here = ("thresholds", method)
    ordered = sorted(problems, key=lambda problem: problem.place[:2] != here)
    shown = []
    for problem in ordered:
        place = problem.place[2:] if problem.place[:2] == here else problem.place
        words = problem.text.zh if chinese else problem.text.en
        shown.append(f"{render_place(place)}: {words}" if place else words)
    return shown


def _written(editor: ThresholdsEditor) -> list[tuple[str, str]]:
    """What was typed, to be copied after a conflict."""
    texts = [(str(bound.label), str(bound.value() or "")) for bound in editor.form]
    rows = [" ".join(str(bound.value() or "") for bound in (row["metric"], *row.points)) for row in editor.rows]
    return [pair for pair in [*texts, (_("Thresholds"), "\n".join(row for row in rows if row.strip()))] if pair[1]]
