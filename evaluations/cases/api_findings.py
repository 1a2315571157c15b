"""The REST interface of findings and results, as the client's page has them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.ledger.workflow import Conflict
from assessments.systems.models import Artifact

from . import answer_files
from .access import client_case
from .assessing import assess_case, grades
from .findings import answer_finding, told
from .models import AnswerFile, Case, Finding
from .report import summary_json


class AnswerFileSerializer(serializers.ModelSerializer[AnswerFile]):
    """A document with an answer; its bytes are at `/api/files/{id}/`."""

    id = serializers.UUIDField(source="artifact_id", read_only=True)
    filename = serializers.CharField(source="artifact.filename", read_only=True)
    sha256 = serializers.CharField(source="artifact.blob_id", read_only=True)
    size = serializers.IntegerField(source="artifact.blob.size", read_only=True)
    inspection = serializers.CharField(source="artifact.inspection", read_only=True)

    class Meta:
        model = AnswerFile
        fields = ["id", "filename", "sha256", "size", "inspection", "round", "sent_at"]
        read_only_fields = fields


class FileToAnswerSerializer(serializers.Serializer[Any]):
    file = serializers.UUIDField(help_text="The id of a finished upload with the role `answer`.")


class FindingSerializer(serializers.ModelSerializer[Finding]):
    files = serializers.SerializerMethodField(help_text="Documents with the answers; `sent_at` is null until then.")
    grade = serializers.SerializerMethodField(help_text="major or minor, as the score has it now; null otherwise.")

    class Meta:
        model = Finding
        fields = [
            "id", "criterion", "kind", "grade", "status", "round", "text", "told_at", "answer", "due_on", "answered_at",
            "remark", "files", "revision",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(AnswerFileSerializer(many=True))
    def get_files(self, finding: Finding) -> Any:
        return AnswerFileSerializer(self.context["files"].get(finding.pk, []), many=True).data

    def get_grade(self, finding: Finding) -> str | None:
        derived: dict[str, str] = self.context["grades"]
        return derived.get(finding.criterion) if finding.kind == Finding.Kind.NONCONFORMITY else None


class AnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=8000)
    due_on = serializers.DateField(help_text="By when it is done.")
    revision = serializers.IntegerField(min_value=0, help_text="The revision of the finding as it was read.")


def _shown(case: Case, rows: Any, *, many: bool) -> Any:
    files = answer_files.files_of(rows if many else [rows], inside=False)
    return FindingSerializer(rows, many=many, context={"grades": grades(assess_case(case)), "files": files}).data


class FindingsView(APIView):
    """What the client was told of."""

    @extend_schema(responses=FindingSerializer(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        case = client_case(request.user, pk)
        return Response(_shown(case, list(told(case)), many=True))


class AnswerView(APIView):
    """Answer a nonconformity with a corrective action."""

    @extend_schema(request=AnswerSerializer, responses=FindingSerializer)
    def post(self, request: Request, pk: Any, finding: int) -> Response:
        case = client_case(request.user, pk, "cases.answer_finding")
        row = get_object_or_404(told(case), pk=finding)
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            answer_finding(row, actor=request.user, **given.validated_data)
        except ValidationError as refused:
            raise serializers.ValidationError(refused.message_dict) from refused
        except Conflict:
            return _conflict()
        return Response(_shown(case, row, many=False))


class AnswerFilesView(APIView):
    """Put an uploaded document to the answer that is being written."""

    @extend_schema(request=FileToAnswerSerializer, responses={201: AnswerFileSerializer})
    def post(self, request: Request, pk: Any, finding: int) -> Response:
        row = _answerable(request, pk, finding)
        given = FileToAnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        files = Artifact.objects.visible_to(request.user).filter(pk=given.validated_data["file"])
        file = files.filter(version=row.case.application.version).first()
        if file is None:
            raise serializers.ValidationError({"file": ["There is no such file of the version applied for."]})
        try:
            held = answer_files.put_to(row, file, actor=request.user)
        except ValidationError as refused:
            raise serializers.ValidationError(refused.message_dict) from refused
        except Conflict:
            return _conflict()
        return Response(AnswerFileSerializer(held).data, status=201)


class AnswerFileView(APIView):
    """Take a document back before the answer is sent."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any, finding: int, file: Any) -> Response:
        row = _answerable(request, pk, finding)
        held = get_object_or_404(row.files.select_related("finding__case", "artifact"), artifact=file)
        try:
            answer_files.take_back(held, actor=request.user)
        except Conflict:
            return _conflict()
        return Response(status=204)


def _answerable(request: Request, pk: Any, finding: int) -> Finding:
    case = client_case(request.user, pk, "cases.answer_finding")
    row: Finding = get_object_or_404(told(case).select_related("case__application__version"), pk=finding)
    return row


def _conflict() -> Response:
    return Response({"detail": "It is not open, or it was changed."}, status=status.HTTP_409_CONFLICT)


class ResultView(APIView):
    """The outcome of a decided case of one's own: level and scores (docs/schemas/summary.schema.json)."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: Any) -> Response:
        case = client_case(request.user, pk)
        if case.status != Case.Status.DECIDED:
            raise Http404
        return Response(summary_json(case))


urlpatterns = [
    path("cases/<uuid:pk>/findings/", FindingsView.as_view(), name="case-findings"),
    path("cases/<uuid:pk>/findings/<int:finding>/answer/", AnswerView.as_view(), name="finding-answer"),
    path("cases/<uuid:pk>/findings/<int:finding>/files/", AnswerFilesView.as_view(), name="answer-files"),
    path("cases/<uuid:pk>/findings/<int:finding>/files/<uuid:file>/", AnswerFileView.as_view(), name="answer-file"),
    path("cases/<uuid:pk>/result/", ResultView.as_view(), name="case-result"),
]
