"""Who is concerned by what: one table from ledger entries to kinds and recipients.

A recipients function gives the people as they stand when the entry is read. Whoever caused the entry is left out
by the reader, so nobody is told what they did themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from assessments.accounts.models import Person, Role
from assessments.accounts.rules import has_interest_in
from assessments.applications.models import Application
from assessments.ledger.models import Entry
from evaluations.cases.models import Assignment, Case
from evaluations.cases.settling import rows_of
from evaluations.runs.models import Run
from portal.assurance.models import SurveillanceOrder
from portal.certificates.models import Certificate

from . import standards
from .models import Kind

Recipients = Callable[[Any, Entry], Iterable[Person]]
Part = Assignment.Part
STAFF = (Role.LEAD_EVALUATOR, Role.REVIEWER)


@dataclass(frozen=True)
class Rule:
    kind: Kind
    recipients: Recipients


def members(organisation_id: Any, *roles: str) -> models.QuerySet[Person]:
    """The active people who hold one of the roles in an organisation."""
    return Person.objects.filter(
        is_active=True, memberships__organisation=organisation_id, memberships__role__in=roles
    ).distinct()


def assigned(case: Case, *parts: str) -> models.QuerySet[Person]:
    """The active people who hold one of the parts now."""
    return Person.objects.filter(
        is_active=True, assignments__case=case, assignments__part__in=parts, assignments__ended_at=None
    ).distinct()


def applicants(application: Application, entry: Entry) -> Iterable[Person]:
    return members(application.organisation_id, Role.VENDOR_MEMBER)


def leads_of_body(application: Application, entry: Entry) -> Iterable[Person]:
    """The leads of the body that was applied to, but for those with an interest in the applicant."""
    leads = members(application.body_id, Role.LEAD_EVALUATOR)
    return [lead for lead in leads if not has_interest_in(lead, application.organisation_id)]


def client(case: Case, entry: Entry) -> Iterable[Person]:
    return members(case.application.organisation_id, Role.VENDOR_MEMBER)


def person_named(case: Case, entry: Entry) -> Iterable[Person]:
    """Who was given a part: the lead of a new case, or the person of an assignment."""
    return Person.objects.filter(pk=entry.details.get("person") or entry.details.get("lead"), is_active=True)


def lead(case: Case, entry: Entry) -> Iterable[Person]:
    return assigned(case, Part.LEAD)


def evaluators(case: Case, entry: Entry) -> Iterable[Person]:
    return assigned(case, Part.EVALUATOR)


def evaluating(case: Case, entry: Entry) -> Iterable[Person]:
    return assigned(case, Part.LEAD, Part.EVALUATOR)


def reviewers(case: Case, entry: Entry) -> Iterable[Person]:
    return assigned(case, Part.REVIEWER)


def lead_if_scores_differ(case: Case, entry: Entry) -> Iterable[Person]:
    """The lead, once the last evaluator has handed in and a criterion needs their decision."""
    leads = list(assigned(case, Part.LEAD))
    return leads if leads and any(row.needs_decision for row in rows_of(case, leads[0])) else []


def steering(run: Run, entry: Entry) -> Iterable[Person]:
    """When the portal is at fault: who asked for the run and, in a case, its lead."""
    if entry.details.get("kind") != Run.FailureKind.PLATFORM:
        return []
    leads = models.Q(assignments__case=run.scope, assignments__part=Part.LEAD, assignments__ended_at=None)
    return Person.objects.filter(leads | models.Q(pk=run.requested_by_id), is_active=True).distinct()


def holder(certificate: Certificate, entry: Entry) -> Iterable[Person]:
    return members(certificate.holder_id, Role.VENDOR_MEMBER)


def holder_body_and_authority(certificate: Certificate, entry: Entry) -> Iterable[Person]:
    regulators = Person.objects.filter(is_active=True, memberships__role=Role.REGULATOR)
    return {*holder(certificate, entry), *members(certificate.body_id, *STAFF), *regulators}


def body_and_holder(order: SurveillanceOrder, entry: Entry) -> Iterable[Person]:
    """Leads and reviewers of the issuing body without an interest in the holder, and the holder's members."""
    certificate = order.certificate
    staff = [one for one in members(certificate.body_id, *STAFF) if not has_interest_in(one, certificate.holder_id)]
    return {*staff, *members(certificate.holder_id, Role.VENDOR_MEMBER)}


def authority_and_holder(order: SurveillanceOrder, entry: Entry) -> Iterable[Person]:
    return {
        *members(order.authority_id, Role.REGULATOR),
        *members(order.certificate.holder_id, Role.VENDOR_MEMBER),
    }


STATUS_CHANGED = Rule(Kind.STATUS_CHANGED, holder_body_and_authority)

RULES: dict[tuple[str, str], Rule] = {
    ("applications.application", "submit"): Rule(Kind.SUBMITTED, leads_of_body),
    ("applications.application", "withdraw"): Rule(Kind.WITHDRAWN, leads_of_body),
    ("applications.application", "return"): Rule(Kind.RETURNED, applicants),
    ("applications.application", "admit"): Rule(Kind.ADMITTED, applicants),
    ("applications.application", "decline"): Rule(Kind.DECLINED, applicants),
    ("applications.application", "sign"): Rule(Kind.COUNTERSIGN, leads_of_body),
    ("cases.case", "open"): Rule(Kind.ASSIGNED, person_named),
    ("cases.case", "assign"): Rule(Kind.ASSIGNED, person_named),
    ("cases.case", "approve_plan"): Rule(Kind.PLAN_APPROVED, evaluators),
    ("cases.case", "begin"): Rule(Kind.BEGUN, client),
    ("cases.case", "hand_in_scores"): Rule(Kind.SCORES_DIFFER, lead_if_scores_differ),
    ("cases.case", "tell_findings"): Rule(Kind.FINDINGS_TOLD, client),
    ("cases.case", "answer_finding"): Rule(Kind.FINDING_ANSWERED, evaluating),
    ("cases.case", "return_answer"): Rule(Kind.ANSWER_RETURNED, client),
    ("cases.case", "hand_to_review"): Rule(Kind.IN_REVIEW, reviewers),
    ("cases.case", "return_for_rework"): Rule(Kind.REWORK, evaluating),
    ("cases.case", "decide"): Rule(Kind.DECIDED, client),
    ("runs.run", "fail"): Rule(Kind.RUN_FAILED, steering),
    ("certificates.certificate", "issue"): Rule(Kind.CERTIFIED, holder),
    ("certificates.certificate", "suspend"): STATUS_CHANGED,
    ("certificates.certificate", "reinstate"): STATUS_CHANGED,
    ("certificates.certificate", "withdraw"): STATUS_CHANGED,
    ("certificates.certificate", "cancel"): STATUS_CHANGED,
    ("assurance.surveillanceorder", "order"): Rule(Kind.ORDER_MADE, body_and_holder),
    ("assurance.surveillanceorder", "answer"): Rule(Kind.ORDER_ANSWERED, authority_and_holder),
    ("assurance.surveillanceorder", "return"): Rule(Kind.ORDER_RETURNED, body_and_holder),
    ("assurance.surveillanceorder", "accept"): Rule(Kind.ORDER_ENDED, body_and_holder),
    ("assurance.surveillanceorder", "lift"): Rule(Kind.ORDER_ENDED, body_and_holder),
    ("standards.edition", "consult"): Rule(Kind.DRAFT_PUBLIC, standards.interested),
    ("standards.comment", "comment"): Rule(Kind.COMMENT_RECEIVED, standards.keepers),
    ("standards.comment", "answer"): Rule(Kind.COMMENT_ANSWERED, standards.commenter),
    ("standards.edition", "publish"): Rule(Kind.EDITION_PUBLISHED, standards.interested),
    ("standards.edition", "supersede"): Rule(Kind.EDITION_ENDED, standards.touched),
    ("standards.edition", "withdraw"): Rule(Kind.EDITION_ENDED, standards.touched),
}

# Whom a kind may concern, for the page of preferences.
ROLES: dict[Kind, frozenset[str]] = {
    **dict.fromkeys((Kind.SUBMITTED, Kind.WITHDRAWN, Kind.COUNTERSIGN), frozenset({Role.LEAD_EVALUATOR})),
    Kind.SCORES_DIFFER: frozenset({Role.LEAD_EVALUATOR}),
    **dict.fromkeys(
        (
            Kind.RETURNED,
            Kind.ADMITTED,
            Kind.DECLINED,
            Kind.BEGUN,
            Kind.FINDINGS_TOLD,
            Kind.ANSWER_RETURNED,
            Kind.DECIDED,
            Kind.CERTIFIED,
        ),
        frozenset({Role.VENDOR_MEMBER}),
    ),
    Kind.ASSIGNED: frozenset({Role.LEAD_EVALUATOR, Role.EVALUATOR, Role.REVIEWER}),
    Kind.PLAN_APPROVED: frozenset({Role.EVALUATOR}),
    Kind.RUN_FAILED: frozenset({Role.LEAD_EVALUATOR, Role.EVALUATOR, Role.VENDOR_MEMBER}),
    Kind.FINDING_ANSWERED: frozenset({Role.LEAD_EVALUATOR, Role.EVALUATOR}),
    Kind.IN_REVIEW: frozenset({Role.REVIEWER}),
    Kind.REWORK: frozenset({Role.LEAD_EVALUATOR, Role.EVALUATOR}),
    Kind.STATUS_CHANGED: frozenset({Role.VENDOR_MEMBER, *STAFF, Role.REGULATOR}),
    **dict.fromkeys((Kind.ORDER_MADE, Kind.ORDER_RETURNED, Kind.ORDER_ENDED), frozenset({Role.VENDOR_MEMBER, *STAFF})),
    Kind.ORDER_ANSWERED: frozenset({Role.VENDOR_MEMBER, Role.REGULATOR}),
    **dict.fromkeys(
        (Kind.DRAFT_PUBLIC, Kind.EDITION_PUBLISHED), frozenset({Role.VENDOR_MEMBER, *standards.PROFESSIONS})
    ),
    Kind.COMMENT_RECEIVED: frozenset({Role.SCHEME_OWNER}),
    Kind.COMMENT_ANSWERED: frozenset(Role),
    Kind.EDITION_ENDED: frozenset({Role.VENDOR_MEMBER, Role.LEAD_EVALUATOR, Role.SCHEME_OWNER}),
}


def concerned(entry: Entry) -> tuple[Kind, set[Person]] | None:
    """The kind of an entry and the people to tell, whoever caused it left out; None when nobody is."""
    rule = RULES.get((entry.object_type, entry.transition))
    if rule is None:
        return None
    obj = apps.get_model(entry.object_type)._default_manager.filter(pk=entry.object_id).first()
    if obj is None:
        return None
    people = {person for person in rule.recipients(obj, entry) if person.pk != entry.actor}
    return (rule.kind, people) if people else None
