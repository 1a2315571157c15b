"""The REST interface of drafting: a draft read, checked and replaced; comments read, let through and answered.

For the scheme owners of the body that keeps the standard. Resolutions and withdrawal are acts of people, by page only.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.ledger.workflow import Conflict

from . import consulting, drafting
from .api_consultations import CommentSerializer
from .documents import Problem, render_place
from .loading import content_problems
from .models import Comment, Edition, Scheme


class ChangedMeanwhile(APIException):
    status_code = 409
    default_detail = gettext_lazy("It was changed meanwhile, or it is no draft any more; read it again.")
    default_code = "conflict"


class DraftSerializer(serializers.ModelSerializer[Edition]):
    """An edition of a standard that one's organisation keeps, whatever its state."""

    standard = serializers.CharField(source="standard.code")

    class Meta:
        model = Edition
        fields = ["id", "standard", "edition", "status", "revision", "digest"]
        read_only_fields = fields


class DraftSchemeSerializer(serializers.ModelSerializer[Scheme]):
    content = serializers.DictField()

    class Meta:
        model = Scheme
        fields = ["id", "code", "edition", "status", "revision", "digest", "content"]
        read_only_fields = fields


class DraftContentSerializer(DraftSerializer):
    content = serializers.DictField()
    schemes = DraftSchemeSerializer(many=True)

    class Meta(DraftSerializer.Meta):
        fields = [*DraftSerializer.Meta.fields, "content", "schemes"]


class WrittenSerializer(serializers.Serializer[Any]):
    """A whole text in the place of the one that was read at `revision`."""

    revision = serializers.IntegerField()
    content = serializers.DictField()


class ProblemSerializer(serializers.Serializer[Any]):
    place = serializers.CharField(help_text="Where in the content, for example `criteria[3].weight`.")
    problem = serializers.CharField()


class OwnersCommentSerializer(CommentSerializer):
    """A comment as its moderator sees it; addresses stay on the page."""

    class Meta(CommentSerializer.Meta):
        fields = ["id", "status", "submitted_at", *CommentSerializer.Meta.fields]
        read_only_fields = fields


class ActSerializer(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=["release", "withhold", "answer"])
    reason = serializers.CharField(required=False, default="", max_length=2000, help_text="Why it is withheld.")
    outcome = serializers.ChoiceField(choices=Comment.Outcome.choices, required=False)
    answer = serializers.CharField(required=False, default="", max_length=5000)


def _kept(request: Request, pk: int) -> Edition:
    rows = Edition.objects.owned_by(request.user).select_related("standard__owner").prefetch_related("schemes")
    return get_object_or_404(rows, pk=pk)


def _shown(problems: list[Problem]) -> list[dict[str, str]]:
    chinese = (get_language() or "").startswith("zh")
    return [
        {"place": render_place(item.place), "problem": item.text.zh if chinese else item.text.en} for item in problems
    ]


class DraftsView(APIView):
    """All editions of the standards that one's organisation keeps."""

    @extend_schema(responses=DraftSerializer(many=True), operation_id="drafts_list")
    def get(self, request: Request) -> Response:
        rows = Edition.objects.owned_by(request.user).select_related("standard").order_by("standard__code", "-pk")
        return Response(DraftSerializer(rows, many=True).data)


class DraftView(APIView):
    """One edition with its schemes. A draft is replaced as a whole, and only by a text that the checks find sound."""

    @extend_schema(responses=DraftContentSerializer, operation_id="drafts_read")
    def get(self, request: Request, pk: int) -> Response:
        return Response(DraftContentSerializer(_kept(request, pk)).data)

    @extend_schema(request=WrittenSerializer, responses=DraftContentSerializer, operation_id="drafts_replace")
    def put(self, request: Request, pk: int) -> Response:
        edition = _kept(request, pk)
        given = WrittenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fixed = {key: edition.content[key] for key in ("document", "code", "edition")}
        content = {key: value for key, value in given.validated_data["content"].items() if key != "status"} | fixed
        problems = content_problems(content, str(edition))
        if problems:
            raise ApiValidationError({"content": [f"{row['place']}: {row['problem']}" for row in _shown(problems)]})

        def replace(held: dict[str, Any]) -> None:
            held.clear()
            held.update(content)

        try:
            drafting.change_edition(edition, replace, actor=request.user, revision=given.validated_data["revision"])
        except Conflict:
            raise ChangedMeanwhile from None
        return Response(DraftContentSerializer(_kept(request, pk)).data)


class CheckView(APIView):
    """What the checks find in the draft and its schemes; the same as on the page and by `manage.py standards check`."""

    @extend_schema(responses=ProblemSerializer(many=True), operation_id="drafts_check")
    def get(self, request: Request, pk: int) -> Response:
        return Response(ProblemSerializer(_shown(drafting.problems_of(_kept(request, pk))), many=True).data)


class DraftCommentsView(APIView):
    """All comments on an edition, also those that nobody has let through yet."""

    @extend_schema(responses=OwnersCommentSerializer(many=True), operation_id="drafts_comments")
    def get(self, request: Request, pk: int) -> Response:
        rows = Comment.objects.filter(consultation__edition=_kept(request, pk)).order_by("pk")
        return Response(OwnersCommentSerializer(rows, many=True).data)


class DraftCommentView(APIView):
    """Let a comment through, withhold it with a reason, or answer it."""

    @extend_schema(request=ActSerializer, responses=OwnersCommentSerializer, operation_id="drafts_comment")
    def post(self, request: Request, pk: int, comment: int) -> Response:
        rows = Comment.objects.filter(consultation__edition=_kept(request, pk))
        row = get_object_or_404(rows.select_related("consultation__edition__standard"), pk=comment)
        given = ActSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            _carry_out(row, given.validated_data, request.user)
        except ValidationError as refused:
            detail = refused.message_dict if hasattr(refused, "error_dict") else {"detail": refused.messages}
            raise ApiValidationError(detail) from refused
        except Conflict:
            raise ChangedMeanwhile from None
        row.refresh_from_db()
        return Response(OwnersCommentSerializer(row).data)


def _carry_out(row: Comment, asked: dict[str, Any], actor: Any) -> None:
    if asked["act"] == "release":
        consulting.release(row, actor=actor)
    elif asked["act"] == "withhold":
        consulting.withhold(row, actor=actor, reason=asked["reason"])
    else:
        consulting.answer(row, actor=actor, outcome=asked.get("outcome", ""), text=asked["answer"])


urlpatterns = [
    path("drafts/", DraftsView.as_view(), name="standard-drafts"),
    path("drafts/<int:pk>/", DraftView.as_view(), name="standard-draft"),
    path("drafts/<int:pk>/check/", CheckView.as_view(), name="standard-draft-check"),
    path("drafts/<int:pk>/comments/", DraftCommentsView.as_view(), name="standard-draft-comments"),
    path("drafts/<int:pk>/comments/<int:comment>/", DraftCommentView.as_view(), name="standard-draft-comment"),
]
