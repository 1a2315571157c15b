"""The REST interface of this room: check a file or a number. Open to everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.decorators import api_view, authentication_classes, parser_classes, permission_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from portal.certificates.models import Certificate
from portal.certificates.number import normalised

from . import services
from .answering import Answer
from .models import Examination

_EXAMINATION: dict[str, serializers.Field[Any, Any, Any, Any]] = {
    "id": serializers.UUIDField(),
    "status": serializers.ChoiceField(choices=Examination.Status.choices),
    "sha256": serializers.CharField(),
    "answer": serializers.ChoiceField(choices=[str(a) for a in Answer], allow_blank=True),
    "number": serializers.CharField(allow_blank=True),
    "certificate_status": serializers.CharField(allow_blank=True),
    "url": serializers.URLField(),
}
EXAMINATION = inline_serializer("Examination", _EXAMINATION)


class FileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


def described(examination: Examination, request: Request) -> dict[str, Any]:
    """An examination for programs; `answer` is empty until its status is done."""
    certificate = examination.certificate
    return {
        "id": str(examination.pk),
        "status": examination.status,
        "sha256": examination.sha256,
        "answer": examination.answer,
        "number": examination.facts.get("number", ""),
        "certificate_status": certificate.standing() if certificate else "",
        "url": request.build_absolute_uri(reverse("api:verify-file", args=[examination.pk])),
    }


@extend_schema(request=FileSerializer, responses={202: EXAMINATION})
@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
@parser_classes([MultiPartParser])
def verify(request: Request) -> Response:
    """Hand in a PDF to be checked; ask for the answer at `url`."""
    form = FileSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    try:
        examination = services.accept(form.validated_data["file"])
    except services.TooLargeError:
        return Response({"file": ["The file is too large."]}, status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    except services.BusyError:
        return Response({"detail": "Many files are being checked. Try again."}, status.HTTP_503_SERVICE_UNAVAILABLE)
    return Response(described(examination, request), status=status.HTTP_202_ACCEPTED)


@extend_schema(responses=EXAMINATION)
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def verify_file(request: Request, pk: UUID) -> Response:
    """The answer about a file that was handed in."""
    examination = Examination.objects.select_related("certificate").filter(pk=pk).first()
    if examination is None:
        raise Http404
    return Response(described(examination, request))


@extend_schema(
    responses=inline_serializer(
        "NumberAnswer",
        {"number": serializers.CharField(), "status": serializers.CharField(), "url": serializers.URLField()},
    )
)
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def verify_number(request: Request, number: str) -> Response:
    """The status of a certificate today, by its number; 404 when the register has none."""
    certificate = Certificate.objects.published().filter(number=normalised(number)).first()
    if certificate is None:
        raise Http404
    url = request.build_absolute_uri(reverse("api:certificate", args=[certificate.number]))
    return Response({"number": certificate.number, "status": certificate.standing(), "url": url})


urlpatterns = [
    path("verify/", verify, name="verify"),
    path("verify/<uuid:pk>/", verify_file, name="verify-file"),
    path("verify/number/<str:number>/", verify_number, name="verify-number"),
]
