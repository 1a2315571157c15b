"""Who has read it, by the interface: of a version here, of an application in the room above."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.presentation.paging import keyset_page

from . import readings
from .models import Reading
from .views import visible_version

PAGE_SIZE = 100
PAGE = OpenApiParameter("page", OpenApiTypes.STR, description="`next` or `previous` of an earlier answer.")


class ReadingSerializer(serializers.ModelSerializer[Reading]):
    """One thing that somebody outside the vendor read; within an hour it counts once, with its last time."""

    person = serializers.SerializerMethodField()
    organisation = serializers.SerializerMethodField()

    class Meta:
        model = Reading
        fields = ["kind", "object_id", "title", "person", "organisation", "part", "occasion", "first_at", "last_at"]
        read_only_fields = fields

    def get_person(self, row: Reading) -> str:
        return str(row.person) if row.person else ""

    def get_organisation(self, row: Reading) -> str:
        return row.organisation.name if row.organisation else ""


READINGS = inline_serializer(
    "ReadingPage",
    {
        "results": ReadingSerializer(many=True),
        "next": serializers.CharField(),
        "previous": serializers.CharField(),
    },
)


def answer(request: Request, rows: QuerySet[Reading]) -> Response:
    """One page of readings, the latest first."""
    page = keyset_page(rows, order="-last_at", cursor=request.query_params.get("page", ""), size=PAGE_SIZE)
    results = ReadingSerializer(page.items, many=True).data
    return Response({"results": results, "next": page.next, "previous": page.previous})


class VersionReadingsView(APIView):
    """Who outside the vendor has read the files of a version, and what belongs to its applications."""

    @extend_schema(operation_id="version_readings", parameters=[PAGE], responses=READINGS)
    def get(self, request: Request, pk: Any) -> Response:
        return answer(request, readings.of_version(visible_version(request, pk, "systems.see_readings").pk))


urlpatterns = [path("versions/<uuid:pk>/readings/", VersionReadingsView.as_view(), name="version-readings")]
