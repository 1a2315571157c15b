"""The REST interface of this room: systems, versions, files, and uploads in pieces that can be resumed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.accounts.models import Organisation, Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Conflict
from assessments.presentation.listing import PAGE, envelope, listed

from . import api_readings, services, uploads
from .models import Artifact, System, SystemVersion, Upload
from .views import acting_organisation, downloaded, own_systems, visible_version


class SystemSerializer(serializers.ModelSerializer[System]):
    class Meta:
        model = System
        fields = ["id", "name_en", "name_zh", "description", "sector"]
        read_only_fields = ["id"]


class VersionSerializer(serializers.ModelSerializer[SystemVersion]):
    class Meta:
        model = SystemVersion
        fields = [
            "id",
            "system",
            "label",
            "status",
            "intended_use",
            "environment",
            "population",
            "intended_use_other",
            "environment_other",
            "population_other",
            "languages",
            "profile",
            "schema",
        ]
        read_only_fields = ["id", "system", "status"]


class ArtifactSerializer(serializers.ModelSerializer[Artifact]):
    sha256 = serializers.CharField(source="blob_id", read_only=True)
    size = serializers.IntegerField(source="blob.size", read_only=True)

    class Meta:
        model = Artifact
        fields = ["id", "role", "origin", "filename", "sha256", "size", "inspection", "description", "refusal"]
        read_only_fields = fields


class UploadStartSerializer(serializers.Serializer[Any]):
    version = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Artifact.Role.choices)
    origin = serializers.ChoiceField(choices=Artifact.Origin.choices, default=Artifact.Origin.SUPPLIED)
    filename = serializers.CharField(max_length=1000)
    size = serializers.IntegerField()


class UploadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    offset = serializers.IntegerField(read_only=True)
    size = serializers.IntegerField(read_only=True)
    chunk = serializers.IntegerField(read_only=True, help_text="Largest piece to send, in bytes.")
    status = serializers.CharField(read_only=True)


class SystemsView(APIView):
    """A vendor's systems."""

    @extend_schema(operation_id="systems", parameters=[PAGE], responses=envelope("SystemPage", SystemSerializer))
    def get(self, request: Request) -> Response:
        return listed(request, own_systems(request), SystemSerializer, order="name_en")

    @extend_schema(request=SystemSerializer, responses={201: SystemSerializer})
    def post(self, request: Request) -> Response:
        organisation = Organisation.objects.filter(pk__in=organisations_of(request.user, Role.VENDOR_MEMBER)).first()
        if organisation is None:
            raise Http404
        data = _valid(SystemSerializer(data=request.data))
        system = _called(services.create_system, organisation=organisation, actor=request.user, **data)
        return Response(SystemSerializer(system).data, status=201)


class VersionsView(APIView):
    """The versions of a system."""

    @extend_schema(operation_id="versions", parameters=[PAGE], responses=envelope("VersionPage", VersionSerializer))
    def get(self, request: Request, pk: Any) -> Response:
        system = get_object_or_404(own_systems(request), pk=pk)
        return listed(request, system.versions.all(), VersionSerializer, order="created_at")

    @extend_schema(request=VersionSerializer, responses={201: VersionSerializer})
    def post(self, request: Request, pk: Any) -> Response:
        system = get_object_or_404(own_systems(request), pk=pk)
        data = _valid(VersionSerializer(data=request.data))
        version = _called(services.create_version, system, actor=request.user, **data)
        return Response(VersionSerializer(version).data, status=201)


class VersionView(APIView):
    """One version; a draft can be changed."""

    @extend_schema(responses=VersionSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        return Response(VersionSerializer(visible_version(request, pk, "systems.view_version")).data)

    @extend_schema(request=VersionSerializer, responses=VersionSerializer)
    def patch(self, request: Request, pk: Any) -> Response:
        version = visible_version(request, pk, "systems.edit_version")
        data = _valid(VersionSerializer(version, data=request.data, partial=True))
        _called(services.edit_version, version, **data)
        return Response(VersionSerializer(version).data)


class ArtifactsView(APIView):
    """The current files of a version, each with its digest and what the portal read from it."""

    @extend_schema(operation_id="files", parameters=[PAGE], responses=envelope("FilePage", ArtifactSerializer))
    def get(self, request: Request, pk: Any) -> Response:
        version = visible_version(request, pk, "systems.view_version")
        files = Artifact.objects.visible_to(request.user).filter(version=version, replaced_at=None)
        return listed(request, files.select_related("blob"), ArtifactSerializer, order="uploaded_at")


class ArtifactView(APIView):
    """One file: its bytes, or DELETE to remove it from a draft."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: Any) -> Any:
        return downloaded(request, pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: Any) -> Response:
        artifact = get_object_or_404(Artifact.objects.visible_to(request.user), pk=pk)
        if not request.user.has_perm("systems.edit_version", artifact.version):
            raise Http404
        _called(services.remove_artifact, artifact, actor=request.user)
        return Response(status=204)


class UploadsView(APIView):
    """Begin an upload."""

    @extend_schema(request=UploadStartSerializer, responses={201: UploadSerializer})
    def post(self, request: Request) -> Response:
        data = _valid(UploadStartSerializer(data=request.data))
        version = visible_version(request, data.pop("version"), "systems.add_artifact")
        organisation = acting_organisation(request, version)
        upload = _called(uploads.start_upload, version, person=request.user, organisation=organisation, **data)
        return Response(_described(upload), status=201)


class UploadView(APIView):
    """How far an upload is; append a piece at the offset."""

    parser_classes: list[Any] = []

    @extend_schema(responses=UploadSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        return Response(_described(_own_upload(request, pk)))

    @extend_schema(
        request={"application/offset+octet-stream": OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)],
        responses={200: UploadSerializer, 409: UploadSerializer},
    )
    def patch(self, request: Request, pk: Any) -> Response:
        upload = _own_upload(request, pk)
        try:
            offset = int(request.headers.get("Upload-Offset", ""))
            length = int(request.headers.get("Content-Length", ""))
        except ValueError:
            raise ApiValidationError({"detail": "Send Upload-Offset and Content-Length."}) from None
        if length > settings.UPLOAD_CHUNK_BYTES:
            raise ApiValidationError({"detail": f"Send at most {settings.UPLOAD_CHUNK_BYTES} bytes in a piece."})
        try:
            _called(uploads.append_chunk, upload, offset, request.stream or request._request)  # noqa: SLF001
        except uploads.WrongOffset:
            return Response(_described(upload), status=409)
        return Response(_described(upload))


class UploadFinishView(APIView):
    """End an upload: the digest is taken over the whole file, which becomes an artifact."""

    @extend_schema(request=None, responses={201: ArtifactSerializer, 409: UploadSerializer})
    def post(self, request: Request, pk: Any) -> Response:
        upload = _own_upload(request, pk)
        try:
            artifact = _called(uploads.finish_upload, upload)
        except uploads.WrongOffset:
            return Response(_described(upload), status=409)
        return Response(ArtifactSerializer(artifact).data, status=201)


def _own_upload(request: Request, pk: Any) -> Upload:
    return get_object_or_404(Upload.objects.select_related("version", "organisation"), pk=pk, person=request.user)


def _described(upload: Upload) -> dict[str, Any]:
    offset = upload.size if upload.status == Upload.Status.FINISHED else uploads.received(upload)
    values = {"id": upload.pk, "offset": offset, "size": upload.size, "status": upload.status}
    return UploadSerializer({**values, "chunk": settings.UPLOAD_CHUNK_BYTES}).data


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _called(service: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a service; what it refuses becomes an answer with the same words as on the page."""
    try:
        return service(*args, **kwargs)
    except ValidationError as error:
        raise ApiValidationError(
            error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        ) from error
    except Conflict:
        raise ApiValidationError({"detail": "Somebody else changed this first; read it again."}) from None


urlpatterns = [
    path("systems/", SystemsView.as_view(), name="systems"),
    path("systems/<uuid:pk>/versions/", VersionsView.as_view(), name="versions"),
    path("versions/<uuid:pk>/", VersionView.as_view(), name="version"),
    path("versions/<uuid:pk>/files/", ArtifactsView.as_view(), name="files"),
    path("files/<uuid:pk>/", ArtifactView.as_view(), name="file"),
    path("uploads/", UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", UploadView.as_view(), name="upload"),
    path("uploads/<uuid:pk>/finish/", UploadFinishView.as_view(), name="upload-finish"),
    *api_readings.urlpatterns,
]
