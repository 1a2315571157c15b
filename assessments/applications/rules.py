"""Who may do what with an application."""

from __future__ import annotations

from typing import Any

import rules

from assessments.accounts.models import Role
from assessments.accounts.rules import has_interest_in, has_role, is_open_to

from .models import Application


@rules.predicate
def is_applicant(person: Any, application: Application) -> bool:
    return has_role(person, Role.VENDOR_MEMBER, application.organisation_id)


@rules.predicate
def is_lead_of_body(person: Any, application: Application) -> bool:
    return application.body_id is not None and has_role(person, Role.LEAD_EVALUATOR, application.body_id)


@rules.predicate
def has_no_interest_in_applicant(person: Any, application: Application) -> bool:
    return not has_interest_in(person, application.organisation_id)


@rules.predicate
def is_open_application(person: Any, application: Application) -> bool:
    return is_open_to(person, "applications.application", application.pk)


@rules.predicate
def was_handed_in(person: Any, application: Application) -> bool:
    return application.status != Application.Status.DRAFT


rules.add_perm("applications.view_application", is_applicant | (is_lead_of_body & was_handed_in) | is_open_application)
rules.add_perm("applications.edit_application", is_applicant)
rules.add_perm("applications.see_readings", is_applicant)
rules.add_perm("applications.submit_application", is_applicant)
rules.add_perm("applications.withdraw_application", is_applicant)
rules.add_perm("applications.sign_agreement", is_applicant)
rules.add_perm("applications.admit_application", is_lead_of_body & has_no_interest_in_applicant)
rules.add_perm("applications.countersign_agreement", is_lead_of_body & has_no_interest_in_applicant)
