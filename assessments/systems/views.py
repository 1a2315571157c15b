"""Pages about systems, their versions and their files."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.accounts.models import Organisation, Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Conflict

from . import readings, services, storage
from .forms import FileForm, SystemForm, VersionForm
from .models import Artifact, Reading, System, SystemVersion

# What a browser cannot run, whatever the bytes are; everything else is just bytes.
TAME_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}


def own_systems(request: HttpRequest) -> Any:
    """The systems of the organisations in which the person is a vendor member."""
    return System.objects.filter(organisation__in=organisations_of(request.user, Role.VENDOR_MEMBER))


def visible_version(request: HttpRequest, pk: Any, permission: str) -> SystemVersion:
    """The version, if the person may do this with it; else 404."""
    version = get_object_or_404(
        SystemVersion.objects.visible_to(request.user).select_related("system__organisation"), pk=pk
    )
    if not request.user.has_perm(permission, version):
        raise Http404
    return version


@login_required
@require_safe
def system_list(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("accounts.use_vendor_pages"):
        raise Http404
    systems = own_systems(request).annotate(version_count=Count("versions")).order_by("name_en")
    return render(request, "systems/list.html", {"systems": systems})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def system_create(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("accounts.use_vendor_pages"):
        raise Http404
    organisation = Organisation.objects.filter(pk__in=organisations_of(request.user, Role.VENDOR_MEMBER)).first()
    form = SystemForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and organisation is not None:
        try:
            system = services.create_system(organisation=organisation, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name_en", error.messages[0])
        else:
            return redirect("systems:version-create", pk=system.pk)
    return render(request, "systems/edit.html", {"form": form, "heading": _("Describe a system")}, status=_status(form))


@login_required
@require_safe
def system_page(request: HttpRequest, pk: Any) -> HttpResponse:
    system = get_object_or_404(own_systems(request), pk=pk)
    return render(
        request, "systems/system.html", {"system": system, "versions": system.versions.order_by("created_at")}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version_create(request: HttpRequest, pk: Any) -> HttpResponse:
    system = get_object_or_404(own_systems(request), pk=pk)
    form = VersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version = services.create_version(system, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("label", error.messages[0])
        else:
            return redirect("systems:version", pk=version.pk)
    context = {"form": form, "heading": _("Describe a version"), "system": system}
    return render(request, "systems/edit.html", context, status=_status(form))


def written(form: VersionForm) -> list[tuple[str, str]]:
    """What a form says, field by field: for a page that shows two versions side by side."""
    return [(str(bound.label), str(bound.value())) for bound in form if bound.value()]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version_edit(request: HttpRequest, pk: Any) -> HttpResponse:
    version = visible_version(request, pk, "systems.edit_version")
    form = VersionForm(request.POST or None, instance=version)
    if request.method == "POST" and form.is_valid():
        version.revision = int(request.POST.get("revision") or version.revision)
        try:
            services.edit_version(version, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        except Conflict:
            now = VersionForm(instance=SystemVersion.objects.get(pk=pk))
            both = {"back_url": request.path, "texts": written(form), "present": written(now)}
            return render(request, "presentation/conflict.html", both, status=409)
        else:
            messages.success(request, _("Saved."))
            return redirect("systems:version", pk=pk)
    context = {"form": form, "heading": _("Change the description"), "version": version, "system": version.system}
    return render(request, "systems/edit.html", context, status=_status(form))


@login_required
@require_safe
def version_page(request: HttpRequest, pk: Any) -> HttpResponse:
    version = visible_version(request, pk, "systems.view_version")
    artifacts = list(files_of(request, version))
    unread = (Artifact.Inspection.AWAITING, Artifact.Inspection.RUNNING)
    context = {
        "version": version,
        "artifacts": artifacts,
        "being_read": any(a.inspection in unread for a in artifacts),
        "may_edit": request.user.has_perm("systems.edit_version", version) and version.status == "draft",
        "may_add": request.user.has_perm("systems.add_artifact", version),
        "may_see_readings": request.user.has_perm("systems.see_readings", version),
        "form": FileForm(for_body=not is_own(request, version)),
    }
    partial = request.headers.get("HX-Request") and request.GET.get("part") == "files"
    return render(request, "systems/_files.html" if partial else "systems/version.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: Any) -> HttpResponse:
    """A file in one streamed request. The page's script sends it in pieces instead (api.py), and can resume."""
    version = visible_version(request, pk, "systems.add_artifact")
    own = is_own(request, version)
    initial = {"role": request.GET.get("role", "")}
    form = FileForm(request.POST or None, request.FILES or None, for_body=not own, initial=initial)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        brought = storage.bring(file.path, file.sha256)
        try:
            with transaction.atomic():
                services.add_artifact(
                    version,
                    blob=storage.named(brought),
                    filename=file.name,
                    role=form.cleaned_data["role"],
                    origin=form.cleaned_data.get("origin") or Artifact.Origin.SUPPLIED,
                    organisation=acting_organisation(request, version),
                    person=request.user,
                )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(f"{reverse('systems:version', args=[pk])}#files")
    context = {"form": form, "version": version, "own": own}
    return render(request, "systems/upload.html", context, status=_status(form))


@login_required
@require_POST
def artifact_remove(request: HttpRequest, pk: Any) -> HttpResponse:
    artifact = get_object_or_404(Artifact.objects.visible_to(request.user), pk=pk)
    if not request.user.has_perm("systems.edit_version", artifact.version):
        raise Http404
    try:
        services.remove_artifact(artifact, actor=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(f"{reverse('systems:version', args=[artifact.version_id])}#files")


@login_required
@require_safe
def artifact_download(request: HttpRequest, pk: Any) -> FileResponse:
    """The bytes, always as a download: nothing that was uploaded is shown inline, where it could run.

    A browser that opened it all the same would run nothing: it is sandboxed, and typed only where the type is tame.
    """
    return downloaded(request, pk)


def downloaded(request: Any, pk: Any) -> FileResponse:
    """The file of that key as a download, if the person may read it; else Http404. The vendor sees who read it."""
    files = Artifact.objects.visible_to(request.user).select_related("version__system", "blob")
    artifact = get_object_or_404(files, pk=pk)
    if not request.user.has_perm("systems.read_artifact", artifact):
        raise Http404
    if request.method == "GET" and artifact.organisation_id == artifact.version.system.organisation_id:
        readings.note(request.user, Reading.Kind.FILE, artifact.pk, artifact.filename, version=artifact.version)
    response = FileResponse(
        storage.open_blob(artifact.blob_id),
        as_attachment=True,
        filename=artifact.filename,
        content_type=TAME_TYPES.get(PurePath(artifact.filename).suffix.lower(), "application/octet-stream"),
    )
    response.headers.setdefault("Content-Length", str(artifact.blob.size))  # of a bucket's stream it is not seen
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def files_of(request: HttpRequest, version: SystemVersion) -> Any:
    """The current files of a version that the person may see."""
    return (
        Artifact.objects.visible_to(request.user)
        .filter(version=version, replaced_at=None)
        .select_related("blob", "organisation")
    )


def is_own(request: HttpRequest, version: SystemVersion) -> bool:
    return version.system.organisation_id in organisations_of(request.user, Role.VENDOR_MEMBER)


def acting_organisation(request: HttpRequest, version: SystemVersion) -> Organisation:
    """For whom the person acts: the vendor of the version, or the body that evaluates it."""
    if is_own(request, version):
        return version.system.organisation
    organisation = Organisation.objects.filter(
        pk__in=organisations_of(request.user, Role.EVALUATOR, Role.LEAD_EVALUATOR)
    ).first()
    if organisation is None:
        raise Http404
    return organisation


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200
