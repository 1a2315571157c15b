"""Who may do what with a system, its versions and their files."""

from __future__ import annotations

from typing import Any

import rules

from assessments.accounts.models import Role
from assessments.accounts.rules import has_role, is_open_to, organisations_of

from .models import Artifact, System, SystemVersion


@rules.predicate
def is_vendor_of_system(person: Any, system: System) -> bool:
    return has_role(person, Role.VENDOR_MEMBER, system.organisation_id)


@rules.predicate
def is_vendor_of_version(person: Any, version: SystemVersion) -> bool:
    return has_role(person, Role.VENDOR_MEMBER, version.system.organisation_id)


@rules.predicate
def is_open_version(person: Any, version: SystemVersion) -> bool:
    return is_open_to(person, "systems.systemversion", version.pk)


@rules.predicate
def is_open_for_additions(person: Any, version: SystemVersion) -> bool:
    """A grant on "systems.additions" is what evaluating gives; who admits or reviews has only the view."""
    return is_open_to(person, "systems.additions", version.pk)


@rules.predicate
def may_read_artifact(person: Any, artifact: Artifact) -> bool:
    """What is open with its version; a document with an answer only by itself, for it belongs to one case."""
    opened = ("systems.systemversion", artifact.version_id)
    if artifact.role == Artifact.Role.ANSWER:
        opened = ("systems.artifact", artifact.pk)
    if is_open_to(person, *opened):
        return True
    return artifact.organisation_id in organisations_of(person)


rules.add_perm("systems.edit_system", is_vendor_of_system)
rules.add_perm("systems.view_version", is_vendor_of_version | is_open_version)
rules.add_perm("systems.edit_version", is_vendor_of_version)
rules.add_perm("systems.see_readings", is_vendor_of_version)
rules.add_perm("systems.read_artifact", may_read_artifact)
# A body adds data of its own (origin A or B) while it evaluates a version; a vendor adds files to a draft.
rules.add_perm("systems.add_artifact", is_vendor_of_version | (is_open_version & is_open_for_additions))
