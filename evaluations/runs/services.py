"""What people and the rooms above do with runs: ask for one, cancel it, run it again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move
from assessments.systems.manifests import build_manifest
from assessments.systems.models import Blob, SystemVersion
from evaluations.methods import parameters as method_parameters
from evaluations.methods import registry
from evaluations.methods.frame import Text

from . import dispatch
from .models import Run
from .self_testing import reasons_against
from .workflow import WORKFLOW

# What JSON numbers carry exactly (RFC 8785, I-JSON): a seed must survive being written down.
LARGEST_SEED = 2**53 - 1
_FIRST_HINT = timedelta(seconds=20)
SELF_TESTS_UNDER_WAY = 20


def request_run(
    *,
    method: str,
    parameters: Mapping[str, Any],
    seed: int,
    manifest: Mapping[str, Any],
    inputs: Sequence[Mapping[str, str]],
    scope: Any,
    organisation: Any,
    requested_by: Any,
    purpose: str = Run.Purpose.EVALUATION,
) -> Run:
    """Ask for one run of `method` on a frozen set of inputs; it starts as soon as a worker is free.

    `manifest` and `inputs` ([{"file", "sha256"}]) are what `systems.manifests.build_manifest` gives; `scope` is the
    case, or the version of a self-test; missing parameters get their defaults. Whether the person may ask is the
    caller's matter. Raises ValidationError: unknown method, parameters that do not fit, a file that is not stored.
    """
    values = checked_parameters(method, parameters)
    if not 0 <= seed <= LARGEST_SEED:
        raise ValidationError(_("A seed is a whole number from 0 to 9007199254740991."))
    digests = {given["sha256"] for given in inputs}
    if Blob.objects.filter(sha256__in=digests).count() != len(digests):
        raise ValidationError(_("A file that the run needs is not stored here."))
    with transaction.atomic():
        run = Run.objects.create(
            purpose=purpose,
            scope=scope,
            organisation=organisation,
            method=method,
            method_version=registry.get(method).version,
            parameters=values,
            seed=seed,
            manifest=dict(manifest),
            inputs=[dict(given) for given in inputs],
            requested_by=requested_by,
            redispatch_after=timezone.now() + _FIRST_HINT,
        )
        dispatch.send_on_commit(dispatch.EXECUTE, run.pk)
        append(run, "request", actor=requested_by, details=_requested(run))
    return run


def request_self_test(
    version: SystemVersion, *, method: str, actor: Any, parameters: Mapping[str, Any] | None = None
) -> Run:
    """Ask for a run on one's own version as it stands, before anything is submitted.

    Whether the version is the person's own is the caller's matter. Raises ValidationError like `request_run`, and when
    there is nothing to test, when the method does not fit what was read so far (it would only fail, and be told as the
    vendor's fault), or when too much is under way.
    """
    manifest, inputs = build_manifest(version)
    if not inputs or not manifest["data"]:
        raise ValidationError(
            _("There is nothing to test yet: add a model and test data, and wait until they were read.")
        )
    if registry.is_installed(method) and (against := reasons_against(version, method)):
        raise ValidationError(
            _("This method does not fit the version as it has been read so far: it %(reason)s.")
            % {"reason": _said(against[0])}
        )
    organisation = version.system.organisation
    under_way = Run.objects.unfinished().filter(purpose=Run.Purpose.SELF_TEST, organisation=organisation)
    if under_way.count() >= SELF_TESTS_UNDER_WAY:
        raise ValidationError(_("Many of your tests are still under way. Wait until some have ended."))
    return request_run(
        method=method,
        parameters=parameters or {},
        seed=secrets.randbelow(LARGEST_SEED),
        manifest=manifest,
        inputs=inputs,
        scope=version.pk,
        organisation=organisation,
        requested_by=actor,
        purpose=Run.Purpose.SELF_TEST,
    )


def _requested(run: Run) -> dict[str, Any]:
    return {"method": run.method, "purpose": run.purpose, "scope": str(run.scope), "seed": run.seed}


def checked_parameters(method: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of a method with defaults filled in. Raises ValidationError, one message for each parameter."""
    if not registry.is_installed(method):
        raise ValidationError(_("This test method is not installed here."))
    try:
        return method_parameters.checked(registry.get(method).parameters, given)
    except method_parameters.InvalidParameters as invalid:
        raise ValidationError([_said(problem.reason) for problem in invalid.problems]) from invalid


def _said(text: Text) -> str:
    return text.zh if (get_language() or "").startswith("zh") else text.en


def cancel_run(run: Run, *, actor: Any, reason: str = "") -> None:
    """Cancel a run: at once when it waits, within a second or two when it runs.

    `actor` is None when the portal itself cancels, because the case was closed. Raises PermissionDenied, or
    Conflict when it has ended already.
    """
    if actor is not None and not actor.has_perm("runs.steer_run", run):
        raise PermissionDenied
    if run.status == Run.Status.QUEUED:
        step = "stop" if actor is None else "cancel"
        move(run, WORKFLOW, step, actor=actor, reason=reason, changes={"ended_at": timezone.now()})
        return
    with transaction.atomic():
        asked = Run.objects.filter(pk=run.pk, status=Run.Status.RUNNING, cancel_requested=False).update(
            cancel_requested=True, revision=F("revision") + 1
        )
        if not asked:
            raise Conflict
        append(run, "request_stop", actor=actor, texts={"reason": reason.strip()})
    run.refresh_from_db()


def rerun_with_reason(run: Run, *, actor: Any, reason: str) -> Run:
    """Run the same method on the same inputs with the same seed again; the attempt before stays, marked as superseded.

    Raises PermissionDenied, ValidationError (no reason), or Conflict when it has not ended or was run again already.
    """
    if not actor.has_perm("runs.steer_run", run):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason: it is recorded and shown to those concerned.")})
    if run.status in (Run.Status.QUEUED, Run.Status.RUNNING):
        raise Conflict
    copied = (
        "purpose",
        "scope",
        "organisation",
        "method",
        "method_version",
        "parameters",
        "seed",
        "manifest",
        "inputs",
    )
    try:
        with transaction.atomic():
            again = Run.objects.create(
                **{name: getattr(run, name) for name in copied},
                requested_by=actor,
                reason=reason.strip(),
                supersedes=run,
                redispatch_after=timezone.now() + _FIRST_HINT,
            )
            dispatch.send_on_commit(dispatch.EXECUTE, again.pk)
            details = {**_requested(again), "supersedes": str(run.pk)}
            append(again, "request_again", actor=actor, details=details, texts={"reason": reason.strip()})
    except IntegrityError as error:
        raise Conflict from error
    return again
