"""Who orders surveillance, who answers, and who looks at the answer."""

from __future__ import annotations

from typing import Any

import rules

from assessments.accounts.models import Role
from assessments.accounts.rules import has_interest_in, has_role, is_regulator
from portal.certificates.rules import has_no_interest_in_holder

from .models import SurveillanceOrder


@rules.predicate
def speaks_for_body(person: Any, order: SurveillanceOrder) -> bool:
    """A lead or reviewer of the issuing body without an interest in the holder."""
    body, holder = order.certificate.body_id, order.certificate.holder_id
    staff = has_role(person, Role.LEAD_EVALUATOR, body) or has_role(person, Role.REVIEWER, body)
    return staff and not has_interest_in(person, holder)


@rules.predicate
def belongs_to_authority(person: Any, order: SurveillanceOrder) -> bool:
    """Of the authority that made the order, without an interest in the holder."""
    holder = order.certificate.holder_id
    return has_role(person, Role.REGULATOR, order.authority_id) and not has_interest_in(person, holder)


rules.add_perm("assurance.order_surveillance", is_regulator & has_no_interest_in_holder)
rules.add_perm("assurance.answer_order", speaks_for_body)
rules.add_perm("assurance.keep_order", belongs_to_authority)
