"""Who takes which part in a case: proposal, assignment, the signed statement on interests, recusal.

Nothing of a case is open to an assigned person before they have signed. Grants are what rooms below read; `sync_grants`
makes them what assignments and the state of the case say, whatever they were before, so it may be called at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import AccessGrant, InterestDeclaration, Person
from assessments.accounts.rules import has_interest_in, has_role
from assessments.accounts.services import open_object
from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict
from evaluations.methods.frame import Text

from .candidates import EVALUATING_PARTS, ROLE_OF_PART, UNDER_WAY, Part, candidates
from .models import AnswerFile, Assignment, Case, PlanRevision

REVIEW_STATUSES = (Case.Status.IN_REVIEW, Case.Status.RECOMMENDED, Case.Status.DECIDED)
STATEMENT_VERSION = "1"
STATEMENT = Text(
    en="I have no interest, financial, professional or personal, in the client named above or in its product. In the "
    "past two years I was not employed by the client, did not advise it, and took no part in designing, making or "
    "selling the system. I will say so at once if this changes. I keep confidential what I learn in this case.",
    zh="本人与上述委托方及其产品不存在经济、职业或个人利害关系；近两年内未受雇于该委托方，未向其提供咨询，"
    "也未参与该系统的设计、开发或销售。情况如有变化，本人将立即说明。对在本案中了解的情况，本人予以保密。",
)
STATEMENT_SHA256 = hashlib.sha256(f"{STATEMENT.en}\n{STATEMENT.zh}".encode()).hexdigest()


def people_needed(case: Case) -> int:
    """How many evaluators score each case, by its scheme (two when it names no number)."""
    scheme = case.application.scheme
    content = scheme.content if scheme is not None else {}
    return int(content.get("decides", {}).get("score", {}).get("people", 2))


@transaction.atomic
def assign(case: Case, person: Person, part: str, *, actor: Any) -> Assignment:
    """Give a person a part. It opens nothing until the person has signed the statement on interests.

    Raises PermissionDenied; ValidationError: not eligible, the part is taken, or the case is over.
    """
    if not actor.has_perm("cases.assign_case", case):
        raise PermissionDenied
    if case.status not in UNDER_WAY:
        raise ValidationError(_("The case is over; nobody can be assigned any more."))
    if part in EVALUATING_PARTS and case.status in REVIEW_STATUSES:
        raise ValidationError(_("The evaluation is over; only a reviewer can be assigned now."))
    if person.pk not in {candidate.person.pk for candidate in candidates(case, part)}:
        raise ValidationError(
            _("This person cannot take this part: no role for it, an interest on record, or another part excludes it.")
        )
    if open_parts(case, part).count() >= places(case, part):
        raise ValidationError(_("This part is taken. End the present assignment first."))
    try:
        assignment = record_assignment(case, person, part, by=actor)
    except IntegrityError as error:
        raise Conflict from error
    append(case, "assign", actor=actor, details={"person": str(person.pk), "part": part})
    return assignment


def record_assignment(case: Case, person: Person, part: str, *, by: Any) -> Assignment:
    """The row of an assignment; the caller checks eligibility and writes the ledger."""
    return Assignment.objects.create(case=case, person=person, part=part, assigned_by=by)


def places(case: Case, part: str) -> int:
    return people_needed(case) if part == Part.EVALUATOR else 1


def open_parts(case: Case, *parts: str) -> Any:
    """The assignments that have not ended, of these parts (all when none is named)."""
    rows = case.assignments.filter(ended_at=None).select_related("person").order_by("part", "assigned_at")
    return rows.filter(part__in=parts) if parts else rows


def declared_evaluators(case: Case) -> list[Person]:
    """The evaluators who have signed their statement, in the order of assignment."""
    return [row.person for row in open_parts(case, Part.EVALUATOR).filter(declared_at__isnull=False)]


@transaction.atomic
def sign_statement(assignment: Assignment, *, actor: Any) -> None:
    """Sign the statement on interests, which opens the case as far as the part goes.

    Raises PermissionDenied (somebody else's), ValidationError (an interest is on record), Conflict (ended, or signed).
    """
    if assignment.person_id != actor.pk:
        raise PermissionDenied
    case = assignment.case
    if has_interest_in(actor, case.application.organisation_id):
        raise ValidationError(_("An interest of yours in this client is on record. Recuse yourself instead."))
    if not has_role(actor, ROLE_OF_PART[assignment.part], case.body_id):
        raise ValidationError(_("You do not hold the role that this part needs."))
    signed = Assignment.objects.filter(pk=assignment.pk, ended_at=None, declared_at=None).update(
        declared_at=timezone.now()
    )
    if not signed:
        raise Conflict
    sync_grants(case)
    append(
        case,
        "declare",
        actor=actor,
        details={"part": assignment.part, "statement": STATEMENT_VERSION, "sha256": STATEMENT_SHA256},
    )


@transaction.atomic
def recuse_oneself(assignment: Assignment, *, actor: Any, nature: str) -> None:
    """Step back because of an interest, which goes on record, so that nobody proposes the person again.

    Raises PermissionDenied, ValidationError (the nature is missing), Conflict (ended already).
    """
    if assignment.person_id != actor.pk:
        raise PermissionDenied
    if not nature.strip():
        raise ValidationError({"nature": _("Say in a few words what the interest is.")})
    InterestDeclaration.objects.create(
        person=actor,
        organisation_id=assignment.case.application.organisation_id,
        nature=nature.strip(),
        since=timezone.now().date(),
    )
    end_part(assignment)
    append(assignment.case, "recuse", actor=actor, details={"part": assignment.part}, texts={"nature": nature.strip()})


@transaction.atomic
def end_assignment(assignment: Assignment, *, actor: Any, reason: str) -> None:
    """End somebody's part; what it opened is closed. Raises PermissionDenied, ValidationError (no reason), Conflict."""
    case = assignment.case
    if not actor.has_perm("cases.assign_case", case):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason: it is recorded and shown to those concerned.")})
    if case.status not in UNDER_WAY:
        raise ValidationError(_("The case is over; its assignments stay as they are."))
    end_part(assignment)
    append(
        case,
        "end_assignment",
        actor=actor,
        details={"person": str(assignment.person_id), "part": assignment.part},
        texts={"reason": reason.strip()},
    )


def end_part(assignment: Assignment) -> None:
    """End the row and close what it opened; the caller writes the ledger. Raises Conflict (ended already)."""
    if not Assignment.objects.filter(pk=assignment.pk, ended_at=None).update(ended_at=timezone.now()):
        raise Conflict
    sync_grants(assignment.case)


def end_all_assignments(case: Case) -> None:
    """End every part of a case that is over without a decision."""
    case.assignments.filter(ended_at=None).update(ended_at=timezone.now())
    sync_grants(case)


def versions_of(case: Case) -> set[Any]:
    """The versions that are an object of this case: applied for, adopted by a plan, or offered by the client."""
    adopted = PlanRevision.objects.filter(case=case).values_list("version_id", flat=True)
    return {case.application.version_id, *adopted, *case.offered_versions.values_list("version_id", flat=True)}


def objects_opened(case: Case, part: str) -> set[tuple[str, Any]]:
    """What a signed assignment opens as the case stands: (object type, id)."""
    if part == Part.REVIEWER and case.status not in REVIEW_STATUSES:
        return set()
    sent = AnswerFile.objects.filter(finding__case=case, sent_at__isnull=False)
    opened: set[tuple[str, Any]] = {
        ("cases.case", case.pk),
        ("runs.scope", case.pk),
        ("applications.application", case.application_id),
        *(("systems.systemversion", version) for version in versions_of(case)),
        *(("systems.artifact", artifact) for artifact in sent.values_list("artifact_id", flat=True)),
    }
    if part in EVALUATING_PARTS and case.status not in REVIEW_STATUSES:
        opened.add(("runs.steer", case.pk))
        opened |= {("systems.additions", version) for version in versions_of(case)}
    return opened


@transaction.atomic
def sync_grants(case: Case) -> None:
    """Make the access grants of a case what its assignments and its state say now. Safe to call twice.

    To a person whose interest in the client went on record after they signed, nothing stays open.
    """
    wanted: dict[tuple[Any, str], tuple[Person, set[tuple[str, Any]]]] = {}
    for row in open_parts(case).filter(declared_at__isnull=False):
        if has_interest_in(row.person, case.application.organisation_id):
            continue
        wanted[row.person_id, grant_purpose(case, row.part)] = (row.person, objects_opened(case, row.part))
    _close_others(case, wanted)
    for (_person_id, purpose), (person, objects) in wanted.items():
        for object_type, object_id in sorted(objects, key=str):
            open_object(person, object_type, object_id, purpose)


def close_to_the_interested() -> int:
    """Close what is open to people whose interest in the client went on record after they signed. Returns how many.

    The cases are pulled from the declarations: whoever records an interest need not know of cases.
    """
    interest = InterestDeclaration.objects.filter(
        person=OuterRef("person"), organisation=OuterRef("case__application__organisation")
    )
    rows = Assignment.objects.filter(Exists(interest), ended_at=None, declared_at__isnull=False)
    closed = 0
    for row in rows.select_related("case__application", "person"):
        standing = AccessGrant.objects.active().filter(person=row.person, purpose=grant_purpose(row.case, row.part))
        if standing.exists() and has_interest_in(row.person, row.case.application.organisation_id):
            sync_grants(row.case)
            closed += 1
    return closed


def grant_purpose(case: Case, part: str) -> str:
    return f"{case.number} {part}"


def _close_others(case: Case, wanted: Any) -> None:
    purposes = [grant_purpose(case, part) for part in Part.values]
    standing = AccessGrant.objects.active().filter(purpose__in=purposes)
    over = [
        grant.pk
        for grant in standing
        if (grant.object_type, grant.object_id) not in wanted.get((grant.person_id, grant.purpose), (None, set()))[1]
    ]
    AccessGrant.objects.filter(pk__in=over).update(until=timezone.now())


def unsigned_assignments(person: Any) -> Iterable[Assignment]:
    """The parts that wait for this person's statement."""
    return (
        Assignment.objects.filter(person=person, ended_at=None, declared_at=None, case__status__in=UNDER_WAY)
        .select_related("case__application__organisation", "case__application__version__system", "case__body")
        .order_by("assigned_at")
    )
