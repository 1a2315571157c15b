"""Who may see and steer a run."""

from __future__ import annotations

from typing import Any

import rules

from assessments.accounts.models import Role
from assessments.accounts.rules import has_role, is_open_to

from .models import Run


@rules.predicate
def is_open_run(person: Any, run: Run) -> bool:
    return is_open_to(person, "runs.scope", run.scope)


@rules.predicate
def is_own_self_test(person: Any, run: Run) -> bool:
    return run.purpose == Run.Purpose.SELF_TEST and has_role(person, Role.VENDOR_MEMBER, run.organisation_id)


@rules.predicate
def evaluates(person: Any, run: Run) -> bool:
    """A grant on "runs.steer" is what an assignment as evaluator or lead gives; a reviewer has only the view."""
    return is_open_to(person, "runs.steer", run.scope)


rules.add_perm("runs.view_run", is_open_run | is_own_self_test)
rules.add_perm("runs.steer_run", evaluates | is_own_self_test)
