"""The REST interface of a draft as a whole: thrown away, or filled from an earlier application."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.ledger.workflow import Conflict

from . import drafts
from .access import application_for


class NoDraft(APIException):
    status_code = 409
    default_detail = _("It is no draft any more, or it was changed meanwhile; read it again.")
    default_code = "conflict"


class SourceSerializer(serializers.Serializer[Any]):
    earlier = serializers.UUIDField(help_text="The earlier application.")


class CopiedSerializer(serializers.Serializer[Any]):
    evidence = serializers.IntegerField(help_text="For how many criteria evidence was taken over.")


class DiscardView(APIView):
    """Delete a draft with its answers; the version and its files stay."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk, "applications.edit_application")
        try:
            drafts.discard(application, actor=request.user)
        except Conflict:
            raise NoDraft from None
        return Response(status=204)


class CopyView(APIView):
    """Fill what is still empty in a draft from an earlier application of the same organisation."""

    @extend_schema(request=SourceSerializer, responses=CopiedSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk, "applications.edit_application")
        asked = SourceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        source = application_for(request.user, asked.validated_data["earlier"], "applications.edit_application")
        try:
            copied = drafts.copy_answers(application, source, actor=request.user)
        except Conflict:
            raise NoDraft from None
        return Response({"evidence": copied})


urlpatterns = [
    path("applications/<uuid:pk>/discard/", DiscardView.as_view(), name="application-discard"),
    path("applications/<uuid:pk>/copy/", CopyView.as_view(), name="application-copy"),
]
