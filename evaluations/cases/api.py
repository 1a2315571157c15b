"""The REST interface of this room: a client follows its case and reads the report, a body's people theirs."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.presentation.listing import PAGE, envelope, listed
from evaluations.methods.declared import DECLARED
from evaluations.methods.registry import get as get_method
from evaluations.methods.registry import is_installed
from evaluations.runs.models import Run

from . import api_client, api_findings
from .access import RELATED, case_for, client_case
from .models import SORTS, Case, PlannedRun
from .printing import LANGUAGES
from .report import report_json
from .views_report import frozen_of, language_of, pdf_response, read_report_case


class RunProgressSerializer(serializers.ModelSerializer[Run]):
    """How a planned test run goes; what it measured is told with the findings."""

    title = serializers.SerializerMethodField(help_text="The method's title, by language.")

    class Meta:
        model = Run
        fields = [
            "id",
            "method",
            "method_version",
            "title",
            "status",
            "progress",
            "requested_at",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields

    def get_title(self, run: Run) -> dict[str, str]:
        if is_installed(run.method):
            return get_method(run.method).title.as_json()
        declared = DECLARED.get(run.method)
        return declared.title.as_json() if declared else {"en": run.method, "zh": run.method}


class CaseSerializer(serializers.ModelSerializer[Case]):
    application = serializers.CharField(source="application.number", read_only=True)
    system = serializers.CharField(source="application.version.system.name_en", read_only=True)
    client = serializers.CharField(source="application.organisation.name_en", read_only=True)
    body = serializers.CharField(source="body.name_en", read_only=True)

    class Meta:
        model = Case
        fields = [
            "id",
            "number",
            "application",
            "system",
            "client",
            "body",
            "status",
            "outcome",
            "round",
            "opened_at",
            "due_on",
        ]
        read_only_fields = fields


SORT = OpenApiParameter("sort", OpenApiTypes.STR, enum=list(SORTS), description="The order; by default `due`.")


class CaseProgressSerializer(CaseSerializer):
    runs = serializers.SerializerMethodField(help_text="The runs that count, one for each planned test.")

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "runs"]
        read_only_fields = fields

    @extend_schema_field(RunProgressSerializer(many=True))
    def get_runs(self, case: Case) -> Any:
        counted = PlannedRun.objects.filter(item__plan__case=case, counted=True).order_by("item__method")
        return RunProgressSerializer([row.run for row in counted.select_related("run")], many=True).data


class CasesView(APIView):
    """The cases that one may see: a client's own, a body's that one leads or takes part in.

    The nearest last day first, as on the board; `sort` chooses another order.
    """

    @extend_schema(operation_id="cases", parameters=[PAGE, SORT], responses=envelope("CasePage", CaseSerializer))
    def get(self, request: Request) -> Response:
        mine = Case.objects.visible_to(request.user) | Case.objects.of_client(request.user)
        rows, order = mine.select_related(*RELATED).in_order(request.query_params.get("sort", ""))
        return listed(request, rows, CaseSerializer, order=order)


class CaseView(APIView):
    """One case with the progress of its test runs."""

    @extend_schema(responses=CaseProgressSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        own = Case.objects.of_client(request.user).filter(pk=pk).exists()
        case = client_case(request.user, pk) if own else case_for(request.user, pk)
        return Response(CaseProgressSerializer(case).data)


class CaseOfApplicationView(APIView):
    """The case of an application of one's own, once it is opened."""

    @extend_schema(responses=CaseProgressSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        mine = Case.objects.visible_to(request.user) | Case.objects.of_client(request.user)
        case = get_object_or_404(mine.select_related(*RELATED), application_id=pk)
        return CaseView().get(request, case.pk)


class CaseReportView(APIView):
    """The evaluation report as data: for the client once the case is decided, for the body's people at any time."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: Any) -> Response:
        case, _inside = read_report_case(request.user, pk)
        frozen = frozen_of(case)
        return Response(frozen["report"] if frozen else report_json(case))


class CaseReportPdfView(APIView):
    """The printed report: `language` is en or zh-hans. 202 while it is still being printed."""

    @extend_schema(
        parameters=[OpenApiParameter("language", enum=list(LANGUAGES))],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, 202: None},
    )
    def get(self, request: Request, pk: Any) -> Any:
        case, _inside = read_report_case(request.user, pk)
        response = pdf_response(case, language_of(request.query_params.get("language", "")))
        return response or Response(status=202, headers={"Retry-After": "30"})


urlpatterns = [
    path("cases/", CasesView.as_view(), name="cases"),
    path("cases/<uuid:pk>/", CaseView.as_view(), name="case"),
    path("cases/<uuid:pk>/report/", CaseReportView.as_view(), name="case-report"),
    path("cases/<uuid:pk>/report.pdf", CaseReportPdfView.as_view(), name="case-report-pdf"),
    path("applications/<uuid:pk>/case/", CaseOfApplicationView.as_view(), name="application-case"),
    *api_client.urlpatterns,
    *api_findings.urlpatterns,
]
