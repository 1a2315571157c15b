"""The editor of a draft: one criterion a page, checked while it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.ledger.workflow import Conflict

from . import drafting
from .forms_draft import CriterionEditor
from .loading import content_problems
from .models import Edition, Status
from .problems import found_in
from .views_drafts import conflict, kept_edition

BLANK = {"en": "", "zh": ""}


def fingerprint(criterion: Mapping[str, Any]) -> str:
    """What a page has seen of a criterion: two people who write different criteria do not disturb each other."""
    return hashlib.sha256(rfc8785.dumps(dict(criterion))).hexdigest()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def criterion(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Write one criterion. "Check" (and htmx, while typing) says what is wrong and keeps nothing; "Save" keeps all."""
    edition = kept_edition(request, pk, draft=True)
    index = _index(edition, code)
    held = edition.content["criteria"][index]
    editor = CriterionEditor(held, request.POST if request.method == "POST" else None)
    valid = request.method == "POST" and editor.is_valid()
    problems: Any = None
    if valid and request.POST.get("action") != "check":
        if request.POST.get("seen") == fingerprint(held) and _saved(request, edition, index, editor.content()):
            messages.success(request, _("%(code)s is saved.") % {"code": code})
            return redirect("drafts:criterion", pk=pk, code=code)
        return conflict(request, request.path, _written(editor))
    if valid or request.method != "POST":
        written = editor.content() if valid else held
        problems = found_in(edition, content_problems(_with(edition, index, written), str(edition)))
    here = [problem for problem in problems or () if problem.criterion == code]
    context = {
        "edition": edition,
        "code": code,
        "held": held,
        "editor": editor,
        "problems": None if problems is None else here,
        "elsewhere": len(problems or ()) - len(here),
        "form": editor.form,
        "seen": request.POST.get("seen") or fingerprint(held),
        "neighbours": _neighbours(edition, index),
        "thresholds": _thresholds(edition, held),
        "invalid": request.method == "POST" and not valid,
    }
    if request.headers.get("HX-Request"):
        return render(request, "standards/drafts/_problems.html", context)
    return render(request, "standards/drafts/criterion.html", context, status=400 if context["invalid"] else 200)


def _index(edition: Edition, code: str) -> int:
    for index, item in enumerate(edition.content["criteria"]):
        if item["code"] == code:
            return index
    raise Http404


def _with(edition: Edition, index: int, written: dict[str, Any]) -> dict[str, Any]:
    criteria = list(edition.content["criteria"])
    criteria[index] = written
    return {**edition.content, "criteria": criteria}


def _saved(request: HttpRequest, edition: Edition, index: int, written: dict[str, Any]) -> bool:
    def change(content: dict[str, Any]) -> None:
        content["criteria"][index] = written

    try:
        drafting.change_edition(edition, change, actor=request.user, revision=edition.revision)
    except Conflict:
        return False
    return True


def _written(editor: CriterionEditor) -> list[tuple[str, str]]:
    """What was typed and differs from what was there, to be copied after a conflict."""
    form = editor.form
    return [(str(form[name].label), str(form[name].value())) for name in form.changed_data]


def _neighbours(edition: Edition, index: int) -> dict[str, str]:
    codes = [item["code"] for item in edition.content["criteria"]]
    return {
        "previous": codes[index - 1] if index else "",
        "next": codes[index + 1] if index + 1 < len(codes) else "",
    }


def _thresholds(edition: Edition, held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The threshold tables that the draft scheme gives the methods of this criterion."""
    scheme = edition.schemes.filter(status=Status.DRAFT).first()
    if scheme is None:
        return []
    named = [method["id"] for method in held.get("methods", ())]
    return [
        {"id": method, "tables": scheme.content["thresholds"].get(method, {}).get("tables", ()), "scheme": scheme.pk}
        for method in named
    ]


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A blank criterion at the end of its characteristic, with the next free number."""
    edition = kept_edition(request, pk, draft=True)
    characteristic = request.POST.get("characteristic", "")
    if characteristic not in {item["code"] for item in edition.content["characteristics"]}:
        raise Http404
    numbers = [
        int(number)
        for prefix, _dash, number in (item["code"].rpartition("-") for item in edition.content["criteria"])
        if prefix == characteristic
    ]
    code = f"{characteristic}-{max(numbers, default=0) + 1}"
    blank = {"code": code, "title": BLANK, "statement": BLANK, "kind": "E", "gate": "none", "weight": 2, "phases": []}

    def change(content: dict[str, Any]) -> None:
        places = [i for i, item in enumerate(content["criteria"]) if item["code"].startswith(f"{characteristic}-")]
        content["criteria"].insert(places[-1] + 1 if places else len(content["criteria"]), blank)

    return _changed(request, edition, change) or redirect("drafts:criterion", pk=pk, code=code)


@login_required
@require_POST
def move(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One place up or down; the code stays."""
    edition = kept_edition(request, pk, draft=True)
    index = _index(edition, code)
    other = index + (-1 if request.POST.get("direction") == "up" else 1)

    def change(content: dict[str, Any]) -> None:
        criteria = content["criteria"]
        if 0 <= other < len(criteria):
            criteria[index], criteria[other] = criteria[other], criteria[index]

    return _changed(request, edition, change) or redirect("drafts:criterion", pk=pk, code=code)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Take a criterion out of the draft."""
    edition = kept_edition(request, pk, draft=True)
    index = _index(edition, code)
    refused = _changed(request, edition, lambda content: content["criteria"].pop(index))
    if refused is None:
        messages.success(request, _("%(code)s is removed from the draft.") % {"code": code})
    return refused or redirect("drafts:draft", pk=pk)


def _changed(request: HttpRequest, edition: Edition, change: Any) -> HttpResponse | None:
    """Change a draft as it was read a moment ago; the page of a conflict when somebody was quicker."""
    try:
        drafting.change_edition(edition, change, actor=request.user, revision=edition.revision)
    except Conflict:
        return conflict(request, request.path)
    return None
