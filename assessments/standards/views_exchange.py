"""Editions to take away, in each format, and the page that compares two of them."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from .comparison import FieldChange, compare
from .edition_text import scheme_of
from .exchange.formats import FORMATS, Exported
from .loading import content_problems
from .models import Edition, Status, in_current_language
from .wording import FIELDS

# What each download is called; the order is that of the page.
DOWNLOADS: dict[str, Any] = {
    "checklist": _("Checklist (Excel)"),
    "markdown": _("Checklist (Markdown)"),
    "xlsx": _("Whole standard (Excel)"),
    "yaml": _("Whole standard (YAML)"),
    "oscal": _("OSCAL catalogue"),
    "oscal-profile": _("OSCAL profile: obligatory at the highest risk tier"),
    "oscal-mapping": _("OSCAL mapping to other frameworks"),
    "cyclonedx": _("CycloneDX 1.6"),
}


def readable(request: HttpRequest, code: str, edition: str) -> Edition:
    """An edition that this person may read: a public one, or a draft of one's own that the checks find sound."""
    visible = Edition.objects.visible_to(request.user).select_related("standard")
    row = get_object_or_404(visible, standard__code=code, edition=edition)
    if row.status == Status.DRAFT and content_problems(row.content, str(row)):
        raise Http404
    return row


def exported_of(edition: Edition, language: str, tier: str = "") -> Exported:
    """What the writers need of an edition; whoever has it in a file can tell a draft from what is published."""
    scheme = scheme_of(edition)
    status = Status.PUBLISHED if edition.is_frozen else Status.DRAFT
    return Exported(
        content={**edition.content, "status": str(status)},
        modified=edition.published_at or timezone.now(),
        scheme=scheme.content if scheme else None,
        language=language,
        tier=tier,
    )


def downloads(edition: Edition) -> list[dict[str, str]]:
    """The formats that this edition can be had in, for its page."""
    has_scheme = scheme_of(edition) is not None
    relates = any(
        reference.get("relation", "source") != "source"
        for criterion in edition.content["criteria"]
        for reference in criterion.get("references", ())
    )
    missing = {"oscal-profile": not has_scheme, "oscal-mapping": not relates}
    return [{"name": name, "label": str(label)} for name, label in DOWNLOADS.items() if not missing.get(name, False)]


@require_safe
def download(request: HttpRequest, code: str, edition: str, name: str) -> HttpResponse:
    """An edition in one format, as a file; a checklist is in the language of the reader."""
    row = readable(request, code, edition)
    form = FORMATS.get(name)
    if form is None:
        raise Http404
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    try:
        raw = form.write(exported_of(row, language))
    except ValueError as error:
        # The page does not offer a profile without a scheme, nor a mapping without relations.
        raise Http404 from error
    response = HttpResponse(raw, content_type=form.media_type)
    response["Content-Disposition"] = f'attachment; filename="{code}-{edition}.{form.suffix}"'
    return response


@require_safe
def compare_page(request: HttpRequest, code: str, before: str, after: str) -> HttpResponse:
    """What changed from one edition of a standard to another."""
    old, new = readable(request, code, before), readable(request, code, after)
    found = compare(old.content, new.content)
    context = {
        "before": old,
        "after": new,
        "found": found,
        "added": [_named(criterion, new) for criterion in found.added],
        "removed": [_named(criterion, old) for criterion in found.removed],
        "changed": [
            {
                "code": change.code,
                "title": in_current_language(change.title),
                "url": f"{new.get_absolute_url()}#{change.code}",
                "fields": _rows(change.fields),
            }
            for change in found.changed
        ],
        "general": _rows(found.general),
    }
    return render(request, "standards/compare.html", context)


def other_editions(edition: Edition) -> list[Edition]:
    """The public editions of the same standard, newest first, to compare with."""
    return list(
        Edition.objects.public().select_related("standard").filter(standard=edition.standard).exclude(pk=edition.pk)
    )


def _named(criterion: Any, edition: Edition) -> dict[str, str]:
    return {
        "code": criterion["code"],
        "title": in_current_language(criterion["title"]),
        "url": f"{edition.get_absolute_url()}#{criterion['code']}",
    }


def _rows(fields: tuple[FieldChange, ...]) -> list[dict[str, str]]:
    """Fields as the page shows them. A text that changed in the other language only is named as well."""
    return [
        {"name": _field_name(field.path), "before": _words(field.before), "after": _words(field.after)}
        for field in fields
    ]


def _field_name(path: str) -> str:
    stem, _dot, language = path.partition(".")
    name = str(FIELDS.get(stem, stem))
    languages = {"en": pgettext("language", "English"), "zh": pgettext("language", "Chinese")}
    if not language:
        return name
    return pgettext("field and its language", "%(field)s (%(language)s)") % {
        "field": name,
        "language": languages.get(language, language),
    }


def _words(value: Any) -> str:
    """A value of a field for a table: texts in the reader's language, lists line by line, structures as JSON."""
    if value is None or isinstance(value, str):
        return value or "–"
    if isinstance(value, dict) and set(value) == {"en", "zh"}:
        return in_current_language(value)
    if isinstance(value, list):
        return "\n".join(_words(item) for item in value)
    if isinstance(value, dict) and "to" in value:
        return str(value["to"])
    if isinstance(value, dict) and set(value) >= {"code", "title"}:
        return f"{value['code']} {in_current_language(value['title'])}"
    return json.dumps(value, ensure_ascii=False)
