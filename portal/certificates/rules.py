"""Who may change the status of a certificate."""

from __future__ import annotations

from typing import Any

import rules

from assessments.accounts.models import Role
from assessments.accounts.rules import has_interest_in, has_role, is_regulator, organisations_of

from .models import Certificate


@rules.predicate
def is_reviewer_of_issuing_body(person: Any, certificate: Certificate) -> bool:
    return has_role(person, Role.REVIEWER, certificate.body_id) and not has_interest_in(person, certificate.holder_id)


@rules.predicate
def is_holder(person: Any, certificate: Certificate) -> bool:
    return has_role(person, Role.VENDOR_MEMBER, certificate.holder_id)


@rules.predicate
def belongs_to_who_suspended(person: Any, certificate: Certificate) -> bool:
    """Only who imposed a suspension lifts it."""
    return certificate.suspended_by_id in organisations_of(person, Role.REVIEWER, Role.REGULATOR)


@rules.predicate
def has_no_interest_in_holder(person: Any, certificate: Certificate) -> bool:
    return not has_interest_in(person, certificate.holder_id)


rules.add_perm(
    "certificates.suspend_certificate", is_reviewer_of_issuing_body | (is_regulator & has_no_interest_in_holder)
)
rules.add_perm("certificates.reinstate_certificate", belongs_to_who_suspended & has_no_interest_in_holder)
rules.add_perm("certificates.withdraw_certificate", is_reviewer_of_issuing_body)
rules.add_perm("certificates.cancel_certificate", is_holder)
