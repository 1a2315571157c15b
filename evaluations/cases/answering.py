"""How the pages of a case answer when a step is refused: with the form and what is wrong, or with the conflict page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

Pair = tuple[str, str]  # the name of a field, and the text in it


def conflict(
    request: HttpRequest,
    name: str,
    *args: Any,
    typed: Iterable[Pair] = (),
    present: Iterable[Pair] = (),
    reason: str = "",
) -> HttpResponse:
    """The conflict page; it leads back to the named page, gives back what was typed beside what stands there now."""
    context = {
        "back_url": reverse(name, args=args),
        "texts": [(label, text) for label, text in typed if text],
        "present": [(label, text) for label, text in present if text],
        "reason": reason,
    }
    return render(request, "presentation/conflict.html", context, status=409)


def said(form: forms.Form | None) -> list[Pair]:
    """What a form says, field by field, choices in words: for a page that shows both versions of two people."""
    return [(str(bound.label), _in_words(bound)) for bound in form or () if not bound.is_hidden]


def _in_words(bound: forms.BoundField) -> str:
    value = bound.value()
    values = value if isinstance(value, list) else [value]
    words = {str(code): str(label) for code, label in getattr(bound.field, "choices", ())}
    return "\n".join(words.get(str(each), str(each)) for each in values if each not in (None, "", False))


def add_errors(form: forms.Form, error: ValidationError) -> None:
    """Put each problem at its field, or above the form where it has none."""
    if hasattr(error, "error_dict"):
        for name, problems in error.error_dict.items():
            form.add_error(name if name in form.fields else None, problems)
    else:
        form.add_error(None, error)


def say(request: HttpRequest, error: ValidationError) -> None:
    """Problems of a step that has no form, as messages."""
    for problem in error.messages:
        messages.error(request, problem)
