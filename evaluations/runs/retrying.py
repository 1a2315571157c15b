"""What is told of a run that did not go through at once: why, whose matter it is, and that nobody need do anything."""

from __future__ import annotations

from datetime import UTC

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.presentation.figures import in_language, sentences

from .leases import ATTEMPTS
from .models import Run


def told(run: Run) -> str:
    """Sentences about the attempts so far; empty when there is nothing to tell."""
    if run.status == Run.Status.QUEUED and run.attempt:
        return sentences([_reason(run), _will_be_tried(run)])
    if run.status == Run.Status.RUNNING:
        return sentences(_under_way(run))
    if run.status == Run.Status.FAILED:
        return sentences([_reason(run), *_in_the_end(run)])
    return ""


def _reason(run: Run) -> str:
    return in_language(run.failure_reason) if run.failure_reason else ""


def _counted(run: Run) -> dict[str, int]:
    return {"attempt": run.attempt, "most": ATTEMPTS}


def _will_be_tried(run: Run) -> str:
    about = {"next": run.attempt + 1, "most": ATTEMPTS}
    if run.redispatch_after is None or run.redispatch_after <= timezone.now():
        return _("The portal tries again by itself: attempt %(next)d of %(most)d. You need do nothing.") % about
    soon = _("The portal tries again by itself at %(time)s: attempt %(next)d of %(most)d. You need do nothing.")
    return soon % {**about, "time": f"{run.redispatch_after.astimezone(UTC):%H:%M:%S} UTC"}


def _under_way(run: Run) -> list[str]:
    if run.lease_until and run.lease_until < timezone.now() and run.attempt < ATTEMPTS:
        return [_("The worker was not heard of any more. Another one takes over by itself; you need do nothing.")]
    if run.attempt < 2:
        return []
    return [_("This is attempt %(attempt)d of %(most)d: the portal’s own fault ended the one before.") % _counted(run)]


def _in_the_end(run: Run) -> list[str]:
    """After a fault of the portal: that it says nothing of the object, and how often it was tried."""
    if run.failure_kind != Run.FailureKind.PLATFORM:
        return []
    tried = [_("It was tried %(attempt)d times.") % _counted(run)] if run.attempt > 1 else []
    return [*tried, _("This is no finding about the object. The operator is shown it; run it again when it is mended.")]
