"""The REST interface of what a client may change in its case: offer a corrected version, apply for a lower level."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Conflict
from assessments.systems.models import SystemVersion

from . import client, revising
from .access import client_case
from .models import Case, OfferedVersion


class TooLate(APIException):
    status_code = 409
    default_detail = _("The case is in review already.")
    default_code = "conflict"


class OfferSerializer(serializers.ModelSerializer[OfferedVersion]):
    name = serializers.CharField(source="version.label", read_only=True)
    version = serializers.UUIDField(source="version_id")

    class Meta:
        model = OfferedVersion
        fields = ["version", "name", "offered_at"]
        read_only_fields = ["name", "offered_at"]


class LevelsSerializer(serializers.Serializer[Any]):
    """The level applied for, and the lower ones that can be applied for instead."""

    target = serializers.CharField()
    lower = serializers.ListField(child=serializers.CharField(), read_only=True)


class OffersView(APIView):
    """Corrected versions offered to the evaluation. Offering freezes the version and opens it to the evaluators."""

    @extend_schema(responses=OfferSerializer(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        case = client_case(request.user, pk)
        return Response(OfferSerializer(case.offered_versions.select_related("version"), many=True).data)

    @extend_schema(request=OfferSerializer, responses={201: OfferSerializer})
    def post(self, request: Request, pk: Any) -> Response:
        case = client_case(request.user, pk)
        asked = OfferSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        own = organisations_of(request.user, Role.VENDOR_MEMBER)
        versions = SystemVersion.objects.filter(system__organisation__in=own).select_related("system")
        version = versions.filter(pk=asked.validated_data["version_id"]).first()
        if version is None:
            raise ApiValidationError({"version": ["There is no such version of yours."]})
        return Response(OfferSerializer(_called(revising.offer_version, case, version, actor=request.user)).data, 201)


class TargetView(APIView):
    """The level applied for; it can be lowered before the review."""

    @extend_schema(responses=LevelsSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        return Response(_levels(client_case(request.user, pk)))

    @extend_schema(request=LevelsSerializer, responses=LevelsSerializer)
    def put(self, request: Request, pk: Any) -> Response:
        case = client_case(request.user, pk)
        asked = LevelsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        _called(client.lower_target, case, asked.validated_data["target"], actor=request.user)
        return Response(_levels(get_object_or_404(Case, pk=case.pk)))


def _levels(case: Case) -> dict[str, Any]:
    return {"target": case.application.target_level, "lower": client.lower_targets(case)}


def _called(service: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a service; what it refuses becomes an answer with the same words as on the page."""
    try:
        return service(*args, **kwargs)
    except ValidationError as error:
        detail = error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        raise ApiValidationError(detail) from error
    except PermissionDenied:
        raise Http404 from None
    except Conflict:
        raise TooLate from None


urlpatterns = [
    path("cases/<uuid:pk>/offered-versions/", OffersView.as_view(), name="case-offers"),
    path("cases/<uuid:pk>/target/", TargetView.as_view(), name="case-target"),
]
