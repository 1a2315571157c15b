"""The REST interface of findings and results, as the client's page has them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.ledger.workflow import Conflict

from .access import client_case
from .assessing import assess_case, grades
from .findings import answer_finding, told
from .models import Case, Finding
from .report import summary_json


class FindingSerializer(serializers.ModelSerializer[Finding]):
    grade = serializers.SerializerMethodField(help_text="major or minor, as the score has it now; null otherwise.")

    class Meta:
        model = Finding
        fields = [
            "id", "criterion", "kind", "grade", "status", "round", "text", "told_at", "answer", "due_on", "answered_at",
            "remark", "revision",
        ]  # fmt: skip
        read_only_fields = fields

    def get_grade(self, finding: Finding) -> str | None:
        derived: dict[str, str] = self.context["grades"]
        return derived.get(finding.criterion) if finding.kind == Finding.Kind.NONCONFORMITY else None


class AnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=8000)
    due_on = serializers.DateField(help_text="By when it is done.")
    revision = serializers.IntegerField(min_value=0, help_text="The revision of the finding as it was read.")


def _shown(case: Case, rows: Any, *, many: bool) -> Any:
    return FindingSerializer(rows, many=many, context={"grades": grades(assess_case(case))}).data


class FindingsView(APIView):
    """What the client was told of."""

    @extend_schema(responses=FindingSerializer(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        case = client_case(request.user, pk)
        return Response(_shown(case, told(case), many=True))


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
            return Response({"detail": "It is not open, or it was changed."}, status=status.HTTP_409_CONFLICT)
        return Response(_shown(case, row, many=False))


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
    path("cases/<uuid:pk>/result/", ResultView.as_view(), name="case-result"),
]
