"""Who keeps a standard: the scheme owners of the body that it is entrusted to."""

from __future__ import annotations

from typing import Any

import rules

from assessments.accounts.models import Role
from assessments.accounts.rules import has_role

from .models import Comment, Consultation, Edition, Scheme, Standard


def standard_of(obj: Any) -> Standard | None:
    """The standard that an object of this room belongs to."""
    if isinstance(obj, Comment):
        obj = obj.consultation
    if isinstance(obj, Scheme):
        obj = obj.standard_edition
    if isinstance(obj, Consultation):
        obj = obj.edition
    return obj.standard if isinstance(obj, Edition) else obj


@rules.predicate
def is_scheme_owner(person: Any) -> bool:
    return has_role(person, Role.SCHEME_OWNER)


@rules.predicate
def keeps_standard(person: Any, obj: Any = None) -> bool:
    """Whether the person is a scheme owner of the body to which the object's standard is entrusted."""
    standard = standard_of(obj)
    return (
        standard is not None
        and standard.owner_id is not None
        and has_role(person, Role.SCHEME_OWNER, standard.owner_id)
    )


rules.add_perm("standards.use_drafting_pages", is_scheme_owner)
rules.add_perm("standards.keep_standard", keeps_standard)
