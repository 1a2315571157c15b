"""The REST interface of this room: a certificate for programs. Open to everybody."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from .models import Certificate
from .number import normalised
from .views import published

_EVENT = inline_serializer(
    "CertificateStatusEvent",
    {"status": serializers.CharField(), "at": serializers.DateTimeField(), "reason": serializers.CharField()},
)
CERTIFICATE = inline_serializer(
    "Certificate",
    {
        "number": serializers.CharField(),
        "status": serializers.ChoiceField(choices=["in_force", "suspended", "withdrawn", "cancelled", "expired"]),
        "valid_until": serializers.DateField(),
        "surveillance_due": serializers.DateField(),
        "pdf_sha256": serializers.CharField(),
        "development": serializers.BooleanField(),
        "url": serializers.URLField(),
        "pdf_url": serializers.URLField(),
        "history": serializers.ListField(child=_EVENT),
        "snapshot": serializers.DictField(),
    },
)


def described(certificate: Certificate, request: Request) -> dict[str, Any]:
    """A certificate for programs: status as of today (UTC), history, and the frozen data."""
    return {
        "number": certificate.number,
        "status": certificate.standing(),
        "valid_until": certificate.valid_until.isoformat(),
        "surveillance_due": certificate.surveillance_due.isoformat(),
        "pdf_sha256": certificate.pdf_sha256,
        "development": certificate.is_development,
        "url": request.build_absolute_uri(reverse("certificates:certificate", args=[certificate.number])),
        "pdf_url": request.build_absolute_uri(reverse("certificates:pdf", args=[certificate.number])),
        "history": [
            {"status": event.status, "at": event.happened_at.isoformat(), "reason": event.reason}
            for event in certificate.status_events.all()
        ],
        "snapshot": certificate.snapshot,
    }


@extend_schema(responses=CERTIFICATE)
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def certificate(request: Request, number: str) -> Response:
    """Read one published certificate: its status today, its history, its frozen data."""
    return Response(described(published(normalised(number)), request))


urlpatterns = [path("certificates/<str:number>/", certificate, name="certificate")]
