"""How the interface gives a list: page by page, in one envelope."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from .paging import keyset_page

PAGE_SIZE = 100
PAGE = OpenApiParameter("page", OpenApiTypes.STR, description="`next` or `previous` of an earlier answer.")


def envelope(name: str, serializer: type[serializers.BaseSerializer[Any]]) -> Any:
    """What such an answer holds, for the schema, where it is called `name`."""
    return inline_serializer(
        name,
        {"results": serializer(many=True), "next": serializers.CharField(), "previous": serializers.CharField()},
    )


def listed(
    request: Request, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]], *, order: str
) -> Response:
    """The page of `rows` that was asked for, in an order as `keyset_page` takes it."""
    page = keyset_page(rows, order=order, cursor=request.query_params.get("page", ""), size=PAGE_SIZE)
    results = serializer(page.items, many=True).data
    return Response({"results": results, "next": page.next, "previous": page.previous})
