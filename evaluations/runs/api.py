"""The REST interface of this room: a vendor tests its own version and follows its runs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.ledger.workflow import Conflict
from assessments.presentation.listing import PAGE, envelope, listed

from . import services
from .models import Run
from .views import own_version, visible_run


class RunSerializer(serializers.ModelSerializer[Run]):
    # Empty unless the run has failed.
    failure_kind = serializers.ChoiceField(choices=Run.FailureKind.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Run
        fields = [
            "id", "purpose", "scope", "method", "method_version", "parameters", "seed", "status", "progress", "message",
            "requested_at", "started_at", "ended_at", "attempt", "failure_kind", "failure_reason", "sandbox_level",
        ]  # fmt: skip
        read_only_fields = fields


class RunWithResultSerializer(RunSerializer):
    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "inputs", "sandbox", "seal", "result"]
        read_only_fields = fields


class SelfTestSerializer(serializers.Serializer[Any]):
    method = serializers.CharField(max_length=60)
    parameters = serializers.DictField(required=False, default=dict)


class VersionRunsView(APIView):
    """Self-tests of one's own version."""

    @extend_schema(operation_id="self_tests", parameters=[PAGE], responses=envelope("RunPage", RunSerializer))
    def get(self, request: Request, pk: Any) -> Response:
        version = own_version(request, pk)
        runs = Run.objects.visible_to(request.user).filter(scope=version.pk)
        return listed(request, runs, RunSerializer, order="-requested_at")

    @extend_schema(request=SelfTestSerializer, responses={201: RunSerializer})
    def post(self, request: Request, pk: Any) -> Response:
        version = own_version(request, pk)
        asked = SelfTestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            run = services.request_self_test(version, actor=request.user, **asked.validated_data)
        except ValidationError as error:
            raise ApiValidationError(error.messages) from error
        return Response(RunSerializer(run).data, status=201)


class RunView(APIView):
    """One run; with its sealed result when it has finished."""

    @extend_schema(responses=RunWithResultSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        return Response(RunWithResultSerializer(visible_run(request, pk)).data)


class RunCancelView(APIView):
    """Cancel a run that waits or runs."""

    @extend_schema(request=None, responses=RunSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        run = visible_run(request, pk, "runs.steer_run")
        try:
            services.cancel_run(run, actor=request.user)
        except Conflict:
            run = get_object_or_404(Run, pk=run.pk)
            return Response(RunSerializer(run).data, status=409)
        return Response(RunSerializer(run).data)


class AgainSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, help_text="Why it is run again; it stays with both runs.")


class RunAgainView(APIView):
    """Run an ended test again, with a reason; the earlier run stays."""

    @extend_schema(request=AgainSerializer, responses={201: RunSerializer})
    def post(self, request: Request, pk: Any) -> Response:
        run = visible_run(request, pk, "runs.steer_run")
        asked = AgainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            again = services.rerun_with_reason(run, actor=request.user, reason=asked.validated_data["reason"])
        except ValidationError as error:
            raise ApiValidationError(error.messages) from error
        except Conflict:
            return Response(RunSerializer(get_object_or_404(Run, pk=run.pk)).data, status=409)
        return Response(RunSerializer(again).data, status=201)


urlpatterns = [
    path("versions/<uuid:pk>/runs/", VersionRunsView.as_view(), name="version-runs"),
    path("runs/<uuid:pk>/", RunView.as_view(), name="run"),
    path("runs/<uuid:pk>/cancel/", RunCancelView.as_view(), name="run-cancel"),
    path("runs/<uuid:pk>/again/", RunAgainView.as_view(), name="run-again"),
]
