"""The REST interface of this room: one's own data. Erasing is for pages alone: a token that leaked must not do it."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.accounts.models import Person

from .export import data_of


class OwnDataView(APIView):
    """All that the portal keeps about you: by section, with what it is, why it is kept, and until when."""

    @extend_schema(operation_id="me_data", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        person = get_object_or_404(Person, pk=request.user.pk)
        return Response(data_of(person))


urlpatterns = [path("me/data/", OwnDataView.as_view(), name="me-data")]
