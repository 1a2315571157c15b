"""The REST interface of this room: what waits for the reader, and the search over everything they may see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.registry import indexing

from . import search
from .sections import in_order
from .views import boards_of


class _Placed(serializers.Serializer[Any]):
    url = serializers.SerializerMethodField()

    def get_url(self, shown: Any) -> str:
        return settings.SITE_URL + shown.url if shown.url else ""


class TaskSerializer(_Placed):
    """One thing that waits, in the reader's language; `url` is the page on which it is done."""

    text = serializers.CharField()
    about = serializers.CharField()
    reason = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    due = serializers.DateField(allow_null=True)
    late = serializers.BooleanField(source="is_late")


class HitSerializer(_Placed):
    number = serializers.CharField()
    name = serializers.CharField()
    facts = serializers.CharField()
    state = serializers.CharField()


class GroupSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(source="anchor")
    title = serializers.CharField()
    hits = HitSerializer(many=True)
    has_more = serializers.BooleanField()


class TasksView(APIView):
    """What waits for the reader: what is due comes first, then what has waited longest."""

    @extend_schema(responses=TaskSerializer(many=True))
    def get(self, request: Request) -> Response:
        tasks = in_order(task for board in boards_of(request.user) for task in board.tasks)
        return Response(TaskSerializer(tasks, many=True).data)


class SearchView(APIView):
    """The first things of each kind that the words name, among those that the reader may see."""

    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, required=True)], responses=GroupSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        indexing.catch_up()
        words = search.plain_words(request.query_params.get("q", ""))
        return Response(GroupSerializer(search.find(request.user, words), many=True).data)


urlpatterns = [
    path("tasks/", TasksView.as_view(), name="tasks"),
    path("search/", SearchView.as_view(), name="search"),
]
