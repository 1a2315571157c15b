"""The vendor's part of the main job: describe, upload, apply, submit; and the body's answer up to the agreement.

Each step looks at what is there and does what is missing, so that an interrupted demo goes on where it stopped.
"""

from __future__ import annotations

from typing import Any

from assessments.accounts.models import Organisation, Person
from assessments.applications import services as applications
from assessments.applications.models import Application
from assessments.applications.steps import criteria_asking_evidence
from assessments.standards.models import Scheme
from assessments.systems import uploads
from assessments.systems.forms import OTHER_LANGUAGE
from assessments.systems.models import Artifact, System, SystemVersion, Upload
from assessments.systems.services import create_system, create_version, current_artifacts
from assessments.systems.storage import digest_file

from .bundles import Delivery
from .dossier import Dossier, NotCertified
from .progress import Progress

CHUNK = 256 * 1024
UNREAD = (Artifact.Inspection.AWAITING, Artifact.Inspection.RUNNING)
DECLARED = {"truthful": True, "right_to_data": True, "sole_body": True, "generative": False}


def describe(dossier: Dossier, progress: Progress) -> None:
    """The system and its version, by their names."""
    words, vendor = dossier.words, dossier.vendor
    system = System.objects.filter(organisation=dossier.organisation, name_en=dossier.name).first()
    if system is None:
        texts = {name: words[name] for name in ("name_zh", "description", "sector")}
        system = create_system(organisation=dossier.organisation, actor=vendor, name_en=dossier.name, **texts)
    if not SystemVersion.objects.filter(system=system, label=dossier.label).exists():
        texts = {name: words[name] for name in ("intended_use", "environment", "population", "languages")}
        others = {name: words.get(name, "") for name in OTHER_LANGUAGE}
        create_version(system, actor=vendor, label=dossier.label, **texts, **others)


def upload(dossier: Dossier, progress: Progress) -> None:
    """Every file in pieces, as the browser sends them; then wait until the sandbox has read them."""
    version = dossier.version
    if version.status == SystemVersion.Status.DRAFT:
        for delivery in dossier.bundle.deliveries(dossier.workspace / "record.json"):
            send(version, delivery, dossier.vendor, dossier.organisation)
    read_all(dossier, progress)


def read_all(dossier: Dossier, progress: Progress) -> None:
    """Wait until the sandbox has read every file. Raises NotCertified when it refused one."""
    files = current_artifacts(dossier.version)
    progress.wait(lambda: not files.all().filter(inspection__in=UNREAD).exists(), "the files are not read")
    for artifact in files.all():
        if artifact.inspection == Artifact.Inspection.REFUSED:
            raise NotCertified(f"{artifact.filename} is refused: {artifact.refusal}")
        if artifact.inspection == Artifact.Inspection.FAILED:
            raise RuntimeError(f"the portal failed to read {artifact.filename}")


def send(
    version: SystemVersion, delivery: Delivery, person: Person, organisation: Organisation, origin: str = "C"
) -> None:
    """Upload one file in pieces, from where an earlier upload stopped; a file that is there already is left."""
    name, size = delivery.path.name, delivery.path.stat().st_size
    digest = digest_file(delivery.path)
    if current_artifacts(version).filter(role=delivery.role, filename=name, blob_id=digest).exists():
        return
    begun = Upload.objects.filter(
        version=version, role=delivery.role, filename=name, size=size, status=Upload.Status.OPEN
    ).first()
    current = begun or uploads.start_upload(
        version,
        person=person,
        organisation=organisation,
        role=delivery.role,
        filename=name,
        size=size,
        origin=origin,
    )
    with delivery.path.open("rb") as file:
        while (offset := uploads.received(current)) < size:
            file.seek(offset)
            uploads.append_chunk(current, offset, _Piece(file.read(CHUNK)))
    uploads.finish_upload(current)


class _Piece:
    """One request's worth of bytes, read once."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        given, self._content = self._content, b""
        return given


def apply(dossier: Dossier, progress: Progress) -> None:
    """Fill the application in, step by step."""
    vendor, version = dossier.vendor, dossier.version
    application = Application.objects.filter(version=version).first() or applications.start_application(
        version, actor=vendor
    )
    if application.status != Application.Status.DRAFT or application.declarations == DECLARED:
        return
    applications.save_profile(application, actor=vendor, profile=dossier.bundle.profile)
    scheme = Scheme.objects.open_for_applications().get()
    applications.choose_standard(application, actor=vendor, scheme=scheme, target_level=dossier.words["target"])
    applications.choose_body(application, actor=vendor, body=dossier.cast.body)
    # Saving writes the version by its revision: read it again, as another page would.
    application = Application.objects.get(pk=application.pk)
    applications.save_schema(application, actor=vendor, schema=dossier.bundle.schema)
    _give_evidence(dossier, application)
    applications.save_declarations(application, actor=vendor, declarations=DECLARED)


def _give_evidence(dossier: Dossier, application: Application) -> None:
    given = set(application.evidence.values_list("criterion", flat=True))
    for criterion in criteria_asking_evidence(application):
        if criterion.code not in given:
            explanation = dossier.text_for(criterion.code, "shown")
            applications.save_evidence(application, criterion.code, actor=dossier.vendor, explanation=explanation)


def submit(dossier: Dossier, progress: Progress) -> None:
    application = dossier.application
    if application.status == Application.Status.DRAFT:
        applications.submit(application, actor=dossier.vendor)


def give_back(dossier: Dossier, progress: Progress) -> None:
    """The lead returns the application with reasons."""
    application = dossier.application
    if application.status == Application.Status.SUBMITTED:
        lead = dossier.cast.people["lead"]
        applications.return_application(application, actor=lead, reason=dossier.words["reason"])


def admit(dossier: Dossier, progress: Progress) -> None:
    """The lead answers the questions of the decision path, which gives the tier."""
    application: Any = dossier.application
    if application.status == Application.Status.SUBMITTED:
        lead, answers = dossier.cast.people["lead"], dossier.words["tier"]
        applications.admit(application, actor=lead, answers=answers, reason=dossier.script["admission"])


def agree(dossier: Dossier, progress: Progress) -> None:
    """Vendor and body sign; a worker opens the case."""
    application = dossier.application
    if application.status == Application.Status.ADMITTED:
        if application.agreement.vendor_signed_at is None:
            applications.sign_agreement(application, actor=dossier.vendor)
        applications.countersign(dossier.application, actor=dossier.cast.people["lead"])
    progress.wait(dossier.has_case, "no case was opened")
