"""The REST interface of this room: a vendor applies, gives evidence, submits, and reads where it stands."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.accounts.models import Organisation, Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Conflict
from assessments.standards.models import Scheme
from assessments.systems.models import Artifact, Reading, SystemVersion

from . import api_drafts, readings, services
from .access import RELATED, application_for
from .agreement import agreement_text
from .completeness import missing_parts
from .models import Agreement, Application, Evidence, Level, Tier
from .standing import standing_of


class ChangedMeanwhile(APIException):
    status_code = 409
    default_detail = _("Somebody else changed this first, or it was handed in; read it again.")
    default_code = "conflict"


class MissingSerializer(serializers.Serializer[Any]):
    step = serializers.CharField()
    text = serializers.CharField()
    criterion = serializers.CharField()


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """An application as its parties read it."""

    scheme = serializers.SerializerMethodField()
    edition = serializers.SerializerMethodField()
    profile = serializers.DictField(source="version.profile")
    schema = serializers.DictField(source="version.schema")
    # Empty until admission.
    tier = serializers.ChoiceField(choices=Tier.choices, allow_blank=True, read_only=True)
    missing = serializers.SerializerMethodField()
    next = serializers.SerializerMethodField()

    class Meta:
        model = Application
        fields = [
            "id", "number", "version", "status", "revision", "scheme", "edition", "target_level", "body",
            "declarations", "profile", "schema", "tier", "admission_reason", "submitted_at", "admitted_at", "due_on",
            "missing", "next",
        ]  # fmt: skip
        read_only_fields = fields

    def get_scheme(self, row: Application) -> str | None:
        return str(row.scheme) if row.scheme else None

    def get_edition(self, row: Application) -> str | None:
        return str(row.edition) if row.edition else None

    @extend_schema_field(MissingSerializer(many=True))
    def get_missing(self, row: Application) -> list[dict[str, str]]:
        parts = missing_parts(row) if row.is_editable else []
        return [{"step": part.step, "text": part.text, "criterion": part.criterion} for part in parts]

    def get_next(self, row: Application) -> str:
        standing = standing_of(row)
        return f"{standing.who}: {standing.next}" if standing.who else standing.next


class ApplicationStartSerializer(serializers.Serializer[Any]):
    version = serializers.UUIDField()


class ApplicationChangeSerializer(serializers.Serializer[Any]):
    """What an applicant sets; a field that is left out stays as it is."""

    scheme = serializers.CharField(required=False, help_text="Code and edition, as in TAI/1.")
    target_level = serializers.ChoiceField(choices=Level.choices, required=False)
    body = serializers.UUIDField(required=False)
    profile = serializers.DictField(required=False)
    schema = serializers.DictField(required=False, help_text="In the terms of the manifest: model, data, claims.")
    declarations = serializers.DictField(child=serializers.BooleanField(), required=False)


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    artifact = serializers.UUIDField(source="artifact_id", required=False, allow_null=True)

    class Meta:
        model = Evidence
        fields = ["criterion", "explanation", "artifact", "page"]
        read_only_fields = ["criterion"]


class BodySerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ["id", "name_en", "name_zh"]


class BodiesView(APIView):
    """The evaluation bodies to which one can apply."""

    @extend_schema(responses=BodySerializer(many=True))
    def get(self, request: Request) -> Response:
        bodies = Organisation.objects.filter(kind=Organisation.Kind.BODY, memberships__role=Role.LEAD_EVALUATOR)
        return Response(BodySerializer(bodies.distinct().order_by("name_en"), many=True).data)


class ApplicationsView(APIView):
    """The applications that one may see; begin one for a version of one's own."""

    @extend_schema(responses=ApplicationSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = Application.objects.visible_to(request.user).select_related(*RELATED).order_by("-created_at")[:200]
        return Response(ApplicationSerializer(rows, many=True).data)

    @extend_schema(request=ApplicationStartSerializer, responses={201: ApplicationSerializer})
    def post(self, request: Request) -> Response:
        wanted = _valid(ApplicationStartSerializer(data=request.data))["version"]
        own = organisations_of(request.user, Role.VENDOR_MEMBER)
        version = get_object_or_404(SystemVersion, pk=wanted, system__organisation__in=own)
        application = _called(services.start_application, version, actor=request.user)
        return Response(ApplicationSerializer(application).data, status=201)


class ApplicationView(APIView):
    """One application: read it with what is missing and what comes next; change it while it is a draft or returned."""

    @extend_schema(responses=ApplicationSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        return Response(ApplicationSerializer(application_for(request.user, pk)).data)

    @extend_schema(request=ApplicationChangeSerializer, responses=ApplicationSerializer)
    def patch(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk, "applications.edit_application")
        data = _valid(ApplicationChangeSerializer(data=request.data))
        _change(application, request.user, data)
        return Response(ApplicationSerializer(application).data)


def _change(application: Application, actor: Any, data: dict[str, Any]) -> None:
    if "scheme" in data or "target_level" in data:
        scheme = _scheme(data["scheme"]) if "scheme" in data else application.scheme
        level = data.get("target_level", application.target_level)
        _called(services.choose_standard, application, actor=actor, scheme=scheme, target_level=level)
    if "body" in data:
        body = Organisation.objects.filter(pk=data["body"], kind=Organisation.Kind.BODY).first()
        if body is None:
            raise ApiValidationError({"body": "There is no such evaluation body."})
        _called(services.choose_body, application, actor=actor, body=body)
    if "profile" in data:
        _called(services.save_profile, application, actor=actor, profile=data["profile"])
    if "schema" in data:
        _called(services.save_schema, application, actor=actor, schema=data["schema"])
    if "declarations" in data:
        _called(services.save_declarations, application, actor=actor, declarations=data["declarations"])


def _scheme(named: str) -> Scheme:
    code, _slash, edition = named.partition("/")
    scheme = Scheme.objects.filter(code=code, edition=edition).first()
    if scheme is None:
        raise ApiValidationError({"scheme": "There is no such scheme; name it as CODE/EDITION."})
    return scheme


class EvidencesView(APIView):
    """All evidence of an application."""

    @extend_schema(responses=EvidenceSerializer(many=True))
    def get(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk)
        readings.note_reading(request.user, Reading.Kind.EVIDENCE, application)
        return Response(EvidenceSerializer(application.evidence.order_by("criterion"), many=True).data)


class EvidenceView(APIView):
    """Evidence for one criterion; what is sent replaces what was there."""

    @extend_schema(request=EvidenceSerializer, responses=EvidenceSerializer)
    def put(self, request: Request, pk: Any, code: str) -> Response:
        application = application_for(request.user, pk, "applications.edit_application")
        data = _valid(EvidenceSerializer(data=request.data))
        named = data.get("artifact_id")
        artifact = Artifact.objects.visible_to(request.user).filter(pk=named).first() if named else None
        if named and artifact is None:
            raise ApiValidationError({"artifact": "There is no such file of this version."})
        values = {"explanation": data.get("explanation", ""), "artifact": artifact, "page": data.get("page")}
        _called(services.save_evidence, application, code, actor=request.user, **values)
        return Response(EvidenceSerializer(application.evidence.get(criterion=code)).data)


class SubmitView(APIView):
    """Hand the application in. 400 names what is missing."""

    @extend_schema(request=None, responses=ApplicationSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk, "applications.submit_application")
        _called(services.submit, application, actor=request.user)
        return Response(ApplicationSerializer(application).data)


class WithdrawView(APIView):
    """Take the application back."""

    @extend_schema(request=None, responses=ApplicationSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk, "applications.withdraw_application")
        _called(services.withdraw, application, actor=request.user)
        return Response(ApplicationSerializer(application).data)


class AgreementSerializer(serializers.ModelSerializer[Agreement]):
    """The agreement: SHA-256 of the whole file, its text in the reader's language, who has signed when."""

    text = serializers.SerializerMethodField()

    class Meta:
        model = Agreement
        fields = ["text_version", "text_sha256", "vendor_signed_at", "body_signed_at", "text"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_text(self, row: Agreement) -> list[dict[str, Any]]:
        text = agreement_text(row.text_version)
        blocks = text.zh if (get_language() or "").startswith("zh") else text.en
        return [{"kind": block.kind, "lines": list(block.lines)} for block in blocks]


class AgreementView(APIView):
    """The evaluation agreement, once the application is admitted: read it before you sign."""

    @extend_schema(responses=AgreementSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk)
        agreement = getattr(application, "agreement", None)
        if agreement is None:
            raise Http404
        readings.note_reading(request.user, Reading.Kind.AGREEMENT, application)
        return Response(AgreementSerializer(agreement).data)


class SignView(APIView):
    """Sign the evaluation agreement for the client."""

    @extend_schema(request=None, responses=ApplicationSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        application = application_for(request.user, pk, "applications.sign_agreement")
        _called(services.sign_agreement, application, actor=request.user)
        return Response(ApplicationSerializer(application).data)


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _called(service: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a service; what it refuses becomes an answer with the same words as on the page."""
    try:
        return service(*args, **kwargs)
    except ValidationError as error:
        detail = error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        raise ApiValidationError(detail) from error
    except Conflict:
        raise ChangedMeanwhile from None


urlpatterns = [
    path("bodies/", BodiesView.as_view(), name="bodies"),
    path("applications/", ApplicationsView.as_view(), name="applications"),
    path("applications/<uuid:pk>/", ApplicationView.as_view(), name="application"),
    path("applications/<uuid:pk>/evidence/", EvidencesView.as_view(), name="evidences"),
    path("applications/<uuid:pk>/evidence/<str:code>/", EvidenceView.as_view(), name="evidence"),
    path("applications/<uuid:pk>/submit/", SubmitView.as_view(), name="application-submit"),
    path("applications/<uuid:pk>/withdraw/", WithdrawView.as_view(), name="application-withdraw"),
    path("applications/<uuid:pk>/agreement/", AgreementView.as_view(), name="application-agreement"),
    path("applications/<uuid:pk>/sign/", SignView.as_view(), name="application-sign"),
    *api_drafts.urlpatterns,
    *readings.api_urlpatterns,
]
