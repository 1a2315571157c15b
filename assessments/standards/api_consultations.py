"""The REST interface of public consultation: what was said about a draft and answered; the place to say it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import consulting
from .models import Comment, Consultation
from .views_consultations import consulted


class Closed(APIException):
    status_code = 409
    default_detail = _("No round of comments is open.")
    default_code = "conflict"


class CommentSerializer(serializers.ModelSerializer[Comment]):
    class Meta:
        model = Comment
        fields = ["criterion", "name", "affiliation", "text", "proposal", "outcome", "answer", "answered_at"]
        read_only_fields = fields


class RoundSerializer(serializers.ModelSerializer[Consultation]):
    """One round: its days, the digest of the text that was put to the public, and the comments on it."""

    stage = serializers.CharField()
    comments = serializers.SerializerMethodField()

    class Meta:
        model = Consultation
        fields = ["opens_on", "closes_on", "stage", "digest", "comments"]
        read_only_fields = fields

    @extend_schema_field(CommentSerializer(many=True))
    def get_comments(self, row: Consultation) -> Any:
        comments = Comment.objects.filter(consultation=row).public().order_by("pk")
        return CommentSerializer(comments, many=True).data


class CommentingSerializer(serializers.Serializer[Any]):
    """A comment of the person to whom the token belongs; a moderator reads it before it is shown."""

    name = serializers.CharField(max_length=120, help_text="Shown beside the comment.")
    affiliation = serializers.CharField(max_length=200, required=False, default="")
    criterion = serializers.CharField(
        required=False, default="", help_text="Empty: the draft as a whole; `scheme`: the scheme beside it."
    )
    text = serializers.CharField(max_length=5000)
    proposal = serializers.CharField(max_length=5000, required=False, default="")


class ConsultationView(APIView):
    """The rounds of a consultation, newest first, with the comments that a moderator let through."""

    permission_classes = [AllowAny]

    @extend_schema(responses=RoundSerializer(many=True))
    def get(self, request: Request, code: str, edition: str) -> Response:
        _row, rounds = consulted(code, edition)
        return Response(RoundSerializer(rounds, many=True).data)


class CommentsView(APIView):
    """Comment on the open round. It needs a token, so that a flood has a sender."""

    @extend_schema(request=CommentingSerializer, responses={201: CommentSerializer})
    def post(self, request: Request, code: str, edition: str) -> Response:
        _row, rounds = consulted(code, edition)
        if rounds[0].stage != "open":
            raise Closed
        person: Any = request.user
        given = CommentingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            made = consulting.comment(rounds[0], person=person, email=person.email, **given.validated_data)
        except ValidationError as refused:
            detail = refused.message_dict if hasattr(refused, "error_dict") else {"detail": refused.messages}
            raise ApiValidationError(detail) from refused
        return Response(CommentSerializer(made).data, status=201)


_PLACE = "standards/<str:code>/<str:edition>/consultation/"
urlpatterns = [
    path(_PLACE, ConsultationView.as_view(), name="consultation"),
    path(f"{_PLACE}comments/", CommentsView.as_view(), name="consultation-comments"),
]
