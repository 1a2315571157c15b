"""Public pages and files of a certificate. Everybody may read what was published; nothing else exists here."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from assessments.systems import storage
from evaluations.cases.links import report_address

from . import keyring
from .models import Certificate
from .number import normalised
from .showing import page_context
from .snapshot import canonical

IMMUTABLE = "public, max-age=31536000, immutable"


def published(number: str) -> Certificate:
    """The published certificate of a number; 404 when there is none."""
    known = Certificate.objects.published().select_related("holder", "body", "case__application")
    certificate = known.filter(number=number).first()
    if certificate is None:
        raise Http404
    return certificate


@require_safe
def certificate_page(request: HttpRequest, number: str) -> HttpResponse:
    """Status first, then what is attested. A number typed in another way leads to its own address."""
    if normalised(number) != number:
        return redirect("certificates:certificate", number=published(normalised(number)).number)
    certificate = published(number)
    context = page_context(certificate)
    if request.user.is_authenticated:
        # The holder and the body's people read what the certificate rests on; it is not public.
        context["report_url"] = report_address(request.user, certificate.case)
    return render(request, "certificates/certificate.html", context)


@require_safe
def signed_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The signed file, byte for byte as it was issued."""
    certificate = published(number)
    with storage.open_blob(certificate.pdf_sha256) as file:
        response = HttpResponse(file.read(), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{certificate.number}.pdf"'
    response["Cache-Control"] = IMMUTABLE
    return response


@require_safe
def snapshot_json(request: HttpRequest, number: str) -> HttpResponse:
    """The frozen data, the same bytes that are attached to the PDF."""
    certificate = published(number)
    response = HttpResponse(canonical(certificate.snapshot), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{certificate.number}.json"'
    response["Cache-Control"] = IMMUTABLE
    return response


@require_safe
def trust_root(request: HttpRequest) -> HttpResponse:
    """The certificate by which everybody can check our signatures with a program of their own."""
    response = HttpResponse(keyring.signing_keys().trust_root_pem(), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="trust-root.pem"'
    return response
