"""The REST interface of this room: standards and schemes, readable by anyone."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from . import api_consultations, api_drafts
from .models import Edition, Scheme


class EditionSerializer(serializers.ModelSerializer):
    standard = serializers.CharField(source="standard.code")

    class Meta:
        model = Edition
        fields = ["standard", "edition", "status", "published_at", "digest"]


class EditionContentSerializer(EditionSerializer):
    content = serializers.DictField()

    class Meta(EditionSerializer.Meta):
        fields = [*EditionSerializer.Meta.fields, "content"]


class SchemeSerializer(serializers.ModelSerializer):
    standard_edition: serializers.Field = serializers.StringRelatedField()
    content = serializers.DictField()

    class Meta:
        model = Scheme
        fields = ["code", "edition", "standard_edition", "status", "published_at", "digest", "content"]


@extend_schema(responses=EditionSerializer(many=True), operation_id="standards_list")
@api_view(["GET"])
@permission_classes([AllowAny])
def standards(request: Request) -> Response:
    """All editions of all standards that the public may read."""
    return Response(EditionSerializer(Edition.objects.public().select_related("standard"), many=True).data)


@extend_schema(responses=EditionContentSerializer, operation_id="standards_read")
@api_view(["GET"])
@permission_classes([AllowAny])
def standard(request: Request, code: str, edition: str) -> Response:
    """One edition with its whole content; the digest is SHA-256 over the content as canonical JSON (RFC 8785)."""
    row = get_object_or_404(Edition.objects.public().select_related("standard"), standard__code=code, edition=edition)
    return Response(EditionContentSerializer(row).data)


@extend_schema(responses=SchemeSerializer, operation_id="schemes_read")
@api_view(["GET"])
@permission_classes([AllowAny])
def scheme(request: Request, code: str, edition: str) -> Response:
    """One scheme with its whole content, thresholds included."""
    row = get_object_or_404(
        Scheme.objects.public().select_related("standard_edition__standard"),
        code=code,
        edition=edition,
    )
    return Response(SchemeSerializer(row).data)


urlpatterns: list[Any] = [
    path("standards/", standards, name="standards"),
    path("standards/<str:code>/<str:edition>/", standard, name="standard"),
    path("schemes/<str:code>/<str:edition>/", scheme, name="scheme"),
    *api_consultations.urlpatterns,
    *api_drafts.urlpatterns,
]
