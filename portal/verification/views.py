"""Verification pages, open to everybody: ask, wait a moment, read the answer. They work without script."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from portal.certificates.models import Certificate
from portal.certificates.number import is_valid, normalised
from portal.certificates.showing import STANDINGS, TONES, either, standing_sentence

from . import services
from .forms import FileForm, NumberForm
from .models import Examination
from .wording import ANSWERS, TROUBLES

_FORM_OVERHEAD = 64 * 1024


@csrf_exempt  # The token is checked below, once the length is known: reading it would receive the whole file.
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The page to drop a file on or type a number into."""
    if request.method == "POST":
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.VERIFICATION_MAX_BYTES + _FORM_OVERHEAD:
            return _start_page(request, FileForm(), NumberForm(), too_large=True, status=413)
        return _receive(request)
    if "number" not in request.GET:
        return _start_page(request, FileForm(), NumberForm())
    number_form = NumberForm(request.GET)
    if number_form.is_valid():
        return redirect("verification:number", number=number_form.cleaned_data["number"])
    return _start_page(request, FileForm(), number_form, status=422)


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _start_page(request, form, NumberForm(), status=422)
    try:
        examination = services.accept(form.cleaned_data["file"])
    except services.TooLargeError:
        return _start_page(request, FileForm(), NumberForm(), too_large=True, status=413)
    except services.BusyError:
        form.add_error("file", _("Many files are being checked right now. Try again in a minute."))
        return _start_page(request, form, NumberForm(), status=503)
    return redirect("verification:result", pk=examination.pk)


def _start_page(
    request: HttpRequest, file_form: FileForm, number_form: NumberForm, *, too_large: bool = False, status: int = 200
) -> HttpResponse:
    limit = settings.VERIFICATION_MAX_BYTES
    context = {"file_form": file_form, "number_form": number_form, "limit": limit, "too_large": too_large}
    return render(request, "verification/start.html", context, status=status)


@never_cache
@require_safe
def result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The answer about a file, or that it is being checked; the page asks again by itself."""
    examination = get_object_or_404(Examination.objects.select_related("certificate"), pk=pk)
    template = "verification/_result.html" if getattr(request, "htmx", False) else "verification/result.html"
    return render(request, template, _result_context(examination))


def _result_context(examination: Examination) -> dict[str, Any]:
    waiting = examination.status in (Examination.Status.QUEUED, Examination.Status.RUNNING)
    words = None
    if examination.status == Examination.Status.FAILED:
        words = TROUBLES.get(examination.facts.get("trouble", ""), TROUBLES["platform"])
    elif not waiting:
        words = ANSWERS[examination.answer]
    context: dict[str, Any] = {"examination": examination, "waiting": waiting, "words": words}
    if words:
        context["claimed"] = examination.facts.get("number", "")
        context["signers"] = [s["signer"] for s in examination.facts.get("signatures", []) if s["signer"]]
    if examination.certificate:
        context |= status_context(examination.certificate)
    return context


def status_context(certificate: Certificate) -> dict[str, Any]:
    """Status and its meaning, as both ways to ask show it."""
    standing = certificate.standing()
    return {
        "certificate": certificate,
        "holder": either(certificate.snapshot["holder"]["name"]),
        "system": f"{either(certificate.snapshot['system']['name'])} {certificate.snapshot['system']['version']}",
        "level": either(certificate.snapshot["level_name"]),
        "standing": standing,
        "standing_word": STANDINGS[standing],
        "standing_tone": TONES[standing],
        "standing_sentence": standing_sentence(certificate),
    }


@never_cache
@require_safe
def number(request: HttpRequest, number: str) -> HttpResponse:
    """What the register knows about a number."""
    canonical = normalised(number)
    if canonical != number:
        return redirect("verification:number", number=canonical)
    certificate = Certificate.objects.published().filter(number=number).first()
    context: dict[str, Any] = {"number": number, "well_formed": is_valid(number)}
    if certificate:
        context |= status_context(certificate)
    return render(request, "verification/number.html", context, status=200 if certificate else 404)
