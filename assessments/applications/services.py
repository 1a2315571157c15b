"""Changes to applications: filled in by the vendor, admitted by the body, agreed by both, concluded by the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import AccessGrant, Membership, Organisation, Role
from assessments.accounts.rules import has_interest_in
from assessments.accounts.services import close_objects, open_object
from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move
from assessments.standards.models import Scheme
from assessments.systems.models import Artifact, SystemVersion
from assessments.systems.services import edit_version, freeze_version, thaw_version

from .agreement import agreement_text
from .completeness import missing_parts
from .models import EDITABLE, HANDED_IN, Agreement, Application, Evidence, Level, NumberSequence, Tier
from .steps import READ_FACTS, criteria_asking_evidence, fingerprint, profile_of, read_facts, schemes_for
from .terms import due_after
from .tiers import follow_path
from .workflow import WORKFLOW


@transaction.atomic
def start_application(version: SystemVersion, *, actor: Any) -> Application:
    """Begin an application for a version. The standard is filled in where only one scheme is open.

    Raises PermissionDenied when the actor is no member of the vendor.
    """
    if not actor.has_perm("systems.edit_version", version):
        raise PermissionDenied
    schemes = list(Scheme.objects.open_for_applications()[:2])
    only = schemes[0] if len(schemes) == 1 else None
    application = Application.objects.create(
        number=_next_number(),
        organisation=version.system.organisation,
        version=version,
        scheme=only,
        edition=only.standard_edition if only else None,
        created_by=actor,
    )
    append(application, "start", actor=actor, details={"number": application.number, "version": str(version.pk)})
    return application


def _next_number() -> str:
    """A-YYYY-NNNN; the update locks the year's row until the transaction ends."""
    year = timezone.now().year
    NumberSequence.objects.get_or_create(year=year)
    NumberSequence.objects.filter(year=year).update(last=F("last") + 1)
    return f"A-{year}-{NumberSequence.objects.get(year=year).last:04d}"


def _open_step(application: Application, actor: Any, step: str, seen: str) -> None:
    """Lock the application for one edit; Conflict when it was handed in, or the step changed since it was seen.

    The update counts every edit, so "check your answers" cannot submit what it did not show.
    """
    if not actor.has_perm("applications.edit_application", application):
        raise PermissionDenied
    if not Application.objects.filter(pk=application.pk, status__in=EDITABLE).update(revision=F("revision") + 1):
        raise Conflict
    application.refresh_from_db()
    if seen and seen != fingerprint(application, step):
        raise Conflict


def _write(application: Application, **values: Any) -> None:
    Application.objects.filter(pk=application.pk).update(**values)
    application.refresh_from_db()


@transaction.atomic
def save_profile(application: Application, *, actor: Any, profile: Mapping[str, Any], seen: str = "") -> None:
    """Replace the declared facts of the version; an answer that is left out is open again."""
    _open_step(application, actor, "profile", seen)
    read = {name: value for name, value in application.version.profile.items() if name in READ_FACTS}
    declared = {name: value for name, value in profile.items() if value is not None and name not in READ_FACTS}
    edit_version(application.version, profile={**read, **declared})


@transaction.atomic
def choose_standard(
    application: Application, *, actor: Any, scheme: Scheme | None, target_level: str = "", seen: str = ""
) -> None:
    """Choose the scheme, and with it the edition, and the level aimed at. Raises ValidationError."""
    _open_step(application, actor, "standard", seen)
    if scheme is not None and not schemes_for(application).filter(pk=scheme.pk).exists():
        raise ValidationError({"scheme": _("This scheme takes no applications now.")})
    levels = [level["code"] for level in scheme.content["levels"]] if scheme else Level.values
    if target_level and target_level not in levels:
        raise ValidationError({"target_level": _("This scheme has no such level.")})
    edition = scheme.standard_edition if scheme else None
    _write(application, scheme=scheme, edition=edition, target_level=target_level)


@transaction.atomic
def choose_body(application: Application, *, actor: Any, body: Organisation | None, seen: str = "") -> None:
    """Choose the evaluation body. Raises ValidationError for an organisation of another kind."""
    _open_step(application, actor, "body", seen)
    if body is not None and body.kind != Organisation.Kind.BODY:
        raise ValidationError({"body": _("This organisation is not an evaluation body.")})
    _write(application, body=body)


@transaction.atomic
def save_schema(application: Application, *, actor: Any, schema: Mapping[str, Any], seen: str = "") -> None:
    """Replace what is declared about model, data, preprocessing and claims (docs/manifest.md)."""
    _open_step(application, actor, "model", seen)
    edit_version(application.version, schema=dict(schema))


@transaction.atomic
def save_evidence(
    application: Application,
    criterion: str,
    *,
    actor: Any,
    explanation: str = "",
    artifact: Artifact | None = None,
    page: int | None = None,
    seen: str = "",
) -> None:
    """Say what shows that a criterion is met. Raises ValidationError for a criterion that asks for no evidence here,
    or a file of another version."""
    _open_step(application, actor, f"evidence/{criterion}", seen)
    if criterion not in {asked.code for asked in criteria_asking_evidence(application)}:
        raise ValidationError(_("This criterion asks for no evidence, or does not apply."))
    if artifact is not None and (
        artifact.version_id != application.version_id or artifact.organisation_id != application.organisation_id
    ):
        raise ValidationError({"artifact": _("This file does not belong to the version.")})
    Evidence.objects.update_or_create(
        application=application,
        criterion=criterion,
        defaults={"explanation": explanation, "artifact": artifact, "page": page if artifact else None},
    )


@transaction.atomic
def save_declarations(
    application: Application, *, actor: Any, declarations: Mapping[str, bool | None], seen: str = ""
) -> None:
    """Save what the applicant declares: truthful, right_to_data, sole_body and generative, each yes, no or open."""
    _open_step(application, actor, "declarations", seen)
    _write(application, declarations={name: value for name, value in declarations.items() if value is not None})


@transaction.atomic
def submit(application: Application, *, actor: Any) -> None:
    """Hand the application in and freeze the version. Raises ValidationError naming what is missing, or Conflict."""
    missing = missing_parts(application)
    if missing:
        raise ValidationError([part.text for part in missing])
    version = application.version
    if version.status == SystemVersion.Status.DRAFT:
        edit_version(version, profile={**version.profile, **read_facts(version)})
    freeze_version(version, actor=actor)
    _open_for_admission(application)
    move(
        application,
        WORKFLOW,
        "submit",
        actor=actor,
        changes={"submitted_at": timezone.now(), "due_on": due_after("admission")},
        details={
            "number": application.number,
            "scheme": str(application.scheme),
            "target_level": application.target_level,
            "body": str(application.body_id),
        },
    )


@transaction.atomic
def withdraw(application: Application, *, actor: Any, reason: str = "") -> None:
    """Take the application back. After the agreement the version stays frozen, as test runs may name it."""
    agreed = application.status == Application.Status.AGREED
    _close_after_admission(application)
    if not agreed:
        _release_version(application, actor)
    move(application, WORKFLOW, "withdraw", actor=actor, reason=reason, changes={"due_on": None})


@transaction.atomic
def return_application(application: Application, *, actor: Any, reason: str) -> None:
    """Give it back to be completed; the version can be changed again."""
    _close_after_admission(application)
    _release_version(application, actor)
    changes = {"admission_reason": reason.strip(), "due_on": None}
    move(application, WORKFLOW, "return", actor=actor, reason=reason, changes=changes)


@transaction.atomic
def decline(application: Application, *, actor: Any, reason: str) -> None:
    """Decline to evaluate, with reasons."""
    _close_after_admission(application)
    _release_version(application, actor)
    changes = {"admission_reason": reason.strip(), "due_on": None}
    move(application, WORKFLOW, "decline", actor=actor, reason=reason, changes=changes)


@transaction.atomic
def admit(application: Application, *, actor: Any, answers: Mapping[str, Any], reason: str) -> None:
    """Admit with the tier to which the answers of the decision path lead, and lay out the agreement.

    Raises ValidationError when a question on the path is open, the risk is unacceptable, the system is generative,
    or the profile contradicts the tier; Conflict when it was admitted already.
    """
    try:
        tier, path = follow_path(answers)
    except KeyError as question:
        raise ValidationError({str(question.args[0]): _("Answer this question: the tier depends on it.")}) from None
    _check_admissible(application, tier)
    now = timezone.now()
    text = agreement_text()
    try:
        with transaction.atomic():
            Agreement.objects.create(application=application, text_version=text.version, text_sha256=text.sha256)
    except IntegrityError as error:
        raise Conflict from error
    move(
        application,
        WORKFLOW,
        "admit",
        actor=actor,
        reason=reason,
        changes={
            "tier": tier,
            "tier_path": path,
            "admission_reason": reason.strip(),
            "admitted_at": now,
            "due_on": due_after("agreement"),
        },
        details={"tier": str(tier), "path": path, "agreement": text.sha256},
    )


def _check_admissible(application: Application, tier: Tier) -> None:
    if tier == Tier.UNACCEPTABLE:
        raise ValidationError(_("A system of unacceptable risk cannot be admitted. Decline the application."))
    if application.declarations.get("generative"):
        raise ValidationError(_("This edition does not cover generative systems. Decline the application."))
    tiers = application.scheme.content["tiers"] if application.scheme else []
    refused: dict[str, Any] = next((row.get("facts_refused", {}) for row in tiers if row["code"] == tier), {})
    profile = profile_of(application)
    for fact, values in refused.items():
        if profile.get(fact) in values:
            raise ValidationError(
                _(
                    "At this tier the profile cannot say “%(fact)s: %(value)s”. "
                    "Return the application to have it corrected."
                ),
                params={"fact": fact, "value": profile[fact]},
            )


@transaction.atomic
def sign_agreement(application: Application, *, actor: Any) -> None:
    """The vendor signs. Raises PermissionDenied, or Conflict when it is signed already or not to be signed."""
    if not actor.has_perm("applications.sign_agreement", application):
        raise PermissionDenied
    standing = Application.objects.filter(pk=application.pk, status=Application.Status.ADMITTED)
    # The body has a term of its own for its signature.
    if not standing.filter(revision=application.revision).update(
        revision=F("revision") + 1, due_on=due_after("agreement")
    ):
        raise Conflict
    if not Agreement.objects.filter(application=application, vendor_signed_at=None).update(
        vendor_signatory=actor, vendor_signed_at=timezone.now()
    ):
        raise Conflict
    application.refresh_from_db()
    append(application, "sign", actor=actor, details={"agreement": application.agreement.text_sha256})


@transaction.atomic
def countersign(application: Application, *, actor: Any) -> None:
    """The body signs after the vendor, which makes the agreement.

    Raises PermissionDenied, ValidationError or Conflict.
    """
    if not actor.has_perm("applications.countersign_agreement", application):
        raise PermissionDenied
    agreement = Agreement.objects.filter(application=application).first()
    if agreement is None:
        raise Conflict
    if agreement.vendor_signed_at is None:
        raise ValidationError(_("The applicant signs first."))
    _close_after_admission(application)
    Agreement.objects.filter(pk=agreement.pk).update(body_signatory=actor, body_signed_at=timezone.now())
    details = {"agreement": agreement.text_sha256}
    move(application, WORKFLOW, "agree", actor=actor, details=details, changes={"due_on": None})
    application.refresh_from_db()


def conclude(application: Application) -> None:
    """The case was decided. Called by the case, in its own transaction. Raises Conflict."""
    move(application, WORKFLOW, "conclude", actor=None)


def _purpose(application: Application) -> str:
    """As all purposes, a number and a part: who reads by it is named so to the vendor."""
    return f"{application.number} admission"


def _open_for_admission(application: Application) -> None:
    """Let the body's leads read the version's files while they admit, unless they have an interest in the vendor."""
    leads = Membership.objects.filter(organisation=application.body_id, role=Role.LEAD_EVALUATOR)
    for membership in leads.select_related("person"):
        if not has_interest_in(membership.person, application.organisation_id):
            open_object(membership.person, "systems.systemversion", application.version_id, _purpose(application))


def _close_after_admission(application: Application) -> None:
    """Admission is over; from the agreement on, an assignment opens what is needed."""
    for grant in AccessGrant.objects.active().filter(purpose=_purpose(application)).select_related("person"):
        close_objects(grant.person, grant.purpose)


def _release_version(application: Application, actor: Any) -> None:
    """Let the version be changed again, unless another application rests on it."""
    others = Application.objects.filter(version=application.version_id, status__in=HANDED_IN)
    if not others.exclude(pk=application.pk).exists():
        thaw_version(application.version, actor=actor)
