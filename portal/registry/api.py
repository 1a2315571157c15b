"""The registry for programs: the same question, the same records, page by page. Open to everybody."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.presentation.paging import keyset_page

from . import exports, indexing, statistics
from .search import COLUMNS, ORDERS, Question, answer

API_PAGE_SIZE = 100

Record = inline_serializer("RegistryRecord", {name: serializers.CharField() for name in exports.FIELDS})


@extend_schema(
    parameters=[
        OpenApiParameter("q", OpenApiTypes.STR, description="Words in English or Chinese; all must occur."),
        OpenApiParameter("sort", OpenApiTypes.STR, enum=list(ORDERS)),
        OpenApiParameter("page", OpenApiTypes.STR, description="`next` or `previous` of an earlier answer."),
        *(OpenApiParameter(name, OpenApiTypes.STR) for name in COLUMNS),
    ],
    responses=inline_serializer(
        "RegistryPage",
        {
            "results": serializers.ListField(child=Record),
            "next": serializers.CharField(),
            "previous": serializers.CharField(),
        },
    ),
)
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def registry(request: Request) -> Response:
    """List published certificates with their present status."""
    indexing.catch_up()
    question = Question.read(request.query_params)
    page: Any = keyset_page(
        answer(question).select_related("certificate__body"),
        order=question.column,
        cursor=request.query_params.get("page", ""),
        size=API_PAGE_SIZE,
    )
    results = [exports.record(entry, request.build_absolute_uri) for entry in page.items]
    return Response({"results": results, "next": page.next, "previous": page.previous})


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="registry_statistics")
@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def registry_statistics(request: Request) -> Response:
    """How many certificates there are of each kind, and the median days to a decision; codes in place of words."""
    indexing.catch_up()
    return Response(statistics.gather().as_json())


urlpatterns = [
    path("registry/", registry, name="registry"),
    path("registry/statistics/", registry_statistics, name="registry-statistics"),
]
