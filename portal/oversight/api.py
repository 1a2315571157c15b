"""The REST interface of an authority's oversight: the figures of the board, and the history page by page."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.accounts.rules import is_regulator
from assessments.presentation.paging import keyset_page
from portal.registry import indexing

from . import board, history
from .views import HistoryForm

PAGE_SIZE = 100


class HistoryLineSerializer(serializers.Serializer[Any]):
    """One event; `reason` is empty where it belongs to a case, `published` says whether the public sees it."""

    at = serializers.DateTimeField()
    event = serializers.ChoiceField(choices=list(history.KINDS))
    published = serializers.BooleanField()
    number = serializers.CharField()
    system = serializers.CharField()
    vendor = serializers.CharField()
    body = serializers.CharField()
    tier = serializers.CharField()
    level = serializers.CharField()
    reason = serializers.CharField()


class HistoryPageSerializer(serializers.Serializer[Any]):
    results = HistoryLineSerializer(many=True)
    next = serializers.CharField()
    previous = serializers.CharField()


def _asked(request: Request) -> None:
    if not is_regulator(request.user):
        raise Http404


class OversightView(APIView):
    """The figures of the authority's board; codes in place of words."""

    @extend_schema(operation_id="oversight", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        _asked(request)
        indexing.catch_up()
        return Response(board.read().as_json())


class HistoryView(APIView):
    """Everything that happened to certificates, orders and applications that led to none, newest first."""

    @extend_schema(
        operation_id="oversight_history",
        parameters=[
            OpenApiParameter("words", OpenApiTypes.STR, description="A number, a system, a vendor or a body."),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=list(history.KINDS)),
            OpenApiParameter("body", OpenApiTypes.UUID),
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
            OpenApiParameter("page", OpenApiTypes.STR, description="`next` or `previous` of an earlier answer."),
        ],
        responses=HistoryPageSerializer,
    )
    def get(self, request: Request) -> Response:
        _asked(request)
        form = HistoryForm(request.query_params)
        if not form.is_valid():
            raise ApiValidationError({name: [str(line) for line in lines] for name, lines in form.errors.items()})
        page = keyset_page(
            form.entries(), order="-sequence", cursor=request.query_params.get("page", ""), size=PAGE_SIZE
        )
        results = [line.as_json() for line in history.lines(page.items)]
        return Response({"results": results, "next": page.next, "previous": page.previous})


urlpatterns = [
    path("oversight/", OversightView.as_view(), name="oversight"),
    path("oversight/history/", HistoryView.as_view(), name="oversight-history"),
]
