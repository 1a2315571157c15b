"""Findings: what the evaluators write down, what the client is told, and what it answers.

Whether a nonconformity is major or minor follows from the settled score and is never stored. Every one needs a text,
and the client is told of all of them before the case goes to review. A finding never prescribes a solution.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict

from .answer_files import send_files
from .assessing import assess_case, grades, standard_of
from .assignment import sync_grants
from .models import Case, Finding

Kind, Status = Finding.Kind, Finding.Status
GRADES_OF_NONCONFORMITY = ("major", "minor")


def nonconformities(case: Case) -> dict[str, str]:
    """{criterion: major or minor} as the settled scores have it now."""
    found = grades(assess_case(case))
    return {code: grade for code, grade in found.items() if grade in GRADES_OF_NONCONFORMITY}


def live(case: Case) -> models.QuerySet[Finding]:
    """The findings that are not closed."""
    return case.findings.exclude(status=Status.CLOSED)


def without_text(case: Case, derived: Mapping[str, str]) -> list[str]:
    """Nonconformities for which nobody has written a finding yet."""
    written = set(live(case).filter(kind=Kind.NONCONFORMITY).values_list("criterion", flat=True))
    return [code for code in derived if code not in written]


def days_allowed(case: Case) -> int:
    """Within how many days a corrective action must be carried out, by the scheme."""
    return int(standard_of(case)[1].content["nonconformities"]["corrective_action_days"])


# The case of a finding, when its client was told of it, and within how many days the scheme wants an answer.
TOLD = ("case", "told_at", "case__application__scheme__content__nonconformities__corrective_action_days")


def findings_to_answer() -> models.QuerySet[Finding]:
    """Nonconformities that the client was told and has not answered, in cases that are being evaluated."""
    return Finding.objects.filter(
        kind=Kind.NONCONFORMITY, status=Status.OPEN, told_at__isnull=False, case__status=Case.Status.EVALUATING
    )


def answer_by(told_at: datetime, days: int | None) -> date | None:
    """The last day for the answer to a finding that the client was told at a moment; None without a rule on it."""
    return None if days is None else told_at.astimezone(UTC).date() + timedelta(days=days)


def rounds_allowed(case: Case) -> int:
    """How often the client may answer a finding, by the scheme."""
    return int(standard_of(case)[1].content["nonconformities"]["corrective_action_rounds"])


@transaction.atomic
def write_finding(
    case: Case, criterion: str, *, kind: str, text: str, actor: Any, finding: Finding | None = None, revision: int = 0
) -> Finding:
    """Write a finding, or change the text of one that the client has not been told yet.

    Raises PermissionDenied; ValidationError (empty, or a nonconformity that no score carries); Conflict.
    """
    _check_may_write(case, actor)
    if not text.strip():
        raise ValidationError({"text": _("Say what was found, and on what evidence.")})
    if kind == Kind.NONCONFORMITY and criterion not in nonconformities(case):
        raise ValidationError({"kind": _("The settled score of this criterion carries no nonconformity.")})
    if finding is not None:
        changed = Finding.objects.filter(pk=finding.pk, case=case, revision=revision, told_at=None)
        if not changed.update(text=text.strip(), kind=kind, revision=F("revision") + 1):
            raise Conflict
        finding.refresh_from_db()
    else:
        finding = Finding.objects.create(
            case=case, criterion=criterion, kind=kind, text=text.strip(), raised_by=actor, status=_first_status(kind)
        )
    details = {"criterion": criterion, "kind": kind, "finding": finding.pk}
    append(case, "write_finding", actor=actor, details=details, texts={"text": text.strip()})
    return finding


def _first_status(kind: str) -> str:
    """Only a nonconformity waits for an answer."""
    return Status.OPEN if kind == Kind.NONCONFORMITY else Status.CLOSED


def untold(case: Case) -> models.QuerySet[Finding]:
    """What the client has still to be told: all but nonconformities that were cured before."""
    return case.findings.filter(told_at=None).exclude(kind=Kind.NONCONFORMITY, status=Status.CLOSED)


def _check_may_write(case: Case, actor: Any) -> None:
    if not actor.has_perm("cases.evaluate_case", case):
        raise PermissionDenied
    if case.status != Case.Status.EVALUATING:
        raise Conflict


@transaction.atomic
def tell_client(case: Case, *, actor: Any) -> int:
    """Tell the client of everything that was found; gives how many findings were new.

    Raises PermissionDenied; ValidationError (a nonconformity has no text yet); Conflict.
    """
    if not actor.has_perm("cases.lead_case", case):
        raise PermissionDenied
    if case.status != Case.Status.EVALUATING:
        raise Conflict
    bare = without_text(case, nonconformities(case))
    if bare:
        raise ValidationError(_("These nonconformities have no text yet: %(codes)s.") % {"codes": ", ".join(bare)})
    new = list(untold(case).values_list("pk", flat=True))
    if new:
        Finding.objects.filter(pk__in=new).update(told_at=timezone.now(), revision=F("revision") + 1)
        append(case, "tell_findings", actor=actor, details={"findings": new})
    return len(new)


@transaction.atomic
def answer_finding(finding: Finding, *, actor: Any, answer: str, due_on: date | None, revision: int) -> None:
    """The client answers a nonconformity with a corrective action and the day by which it is carried out.

    Raises PermissionDenied; ValidationError (no answer, no day, a day out of bounds); Conflict (not open, changed).
    """
    case = finding.case
    if not actor.has_perm("cases.answer_finding", case):
        raise PermissionDenied
    if case.status != Case.Status.EVALUATING:
        raise Conflict
    _check_answer(case, answer, due_on)
    waiting = Finding.objects.filter(
        pk=finding.pk, status=Status.OPEN, kind=Kind.NONCONFORMITY, told_at__isnull=False, revision=revision
    )
    if not waiting.update(
        answer=answer.strip(),
        due_on=due_on,
        status=Status.ANSWERED,
        answered_at=timezone.now(),
        answered_by=actor,
        revision=F("revision") + 1,
    ):
        raise Conflict
    finding.refresh_from_db()
    files = send_files(finding)
    if files:
        sync_grants(case)
    details = {"finding": finding.pk, "criterion": finding.criterion, "due": str(due_on), "round": finding.round}
    if files:
        details["files"] = files
    append(case, "answer_finding", actor=actor, details=details, texts={"answer": answer.strip()})


def _check_answer(case: Case, answer: str, due_on: date | None) -> None:
    problems: dict[str, str] = {}
    today, days = timezone.now().date(), days_allowed(case)
    if not answer.strip():
        problems["answer"] = _("Say what was the cause and what you do about it.")
    if due_on is None:
        problems["due_on"] = _("Name the day by which it is done.")
    elif not today <= due_on <= today + timedelta(days=days):
        problems["due_on"] = _("Choose a day within %(days)d days from today.") % {"days": days}
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def accept_answer(finding: Finding, *, actor: Any, remark: str = "", revision: int) -> None:
    """Accept the corrective action planned. It becomes a condition of the certificate when the finding is minor.

    Raises PermissionDenied, Conflict (not answered, or changed).
    """
    _take_answer(finding, actor, revision, {"status": Status.ACCEPTED, "remark": remark.strip()})
    append(
        finding.case,
        "accept_answer",
        actor=actor,
        details={"finding": finding.pk, "criterion": finding.criterion},
        texts={"remark": remark.strip()},
    )


@transaction.atomic
def return_answer(finding: Finding, *, actor: Any, remark: str, revision: int) -> None:
    """Ask for another answer; as often as the scheme allows.

    Raises PermissionDenied; ValidationError (no remark, or no round is left); Conflict.
    """
    if not remark.strip():
        raise ValidationError({"remark": _("Say what is missing in the answer.")})
    if finding.round >= rounds_allowed(finding.case):
        raise ValidationError(_("Both rounds are used: the answer is accepted, or it stays as it is."))
    _take_answer(
        finding, actor, revision, {"status": Status.OPEN, "remark": remark.strip(), "round": finding.round + 1}
    )
    append(
        finding.case,
        "return_answer",
        actor=actor,
        details={"finding": finding.pk, "criterion": finding.criterion, "round": finding.round},
        texts={"remark": remark.strip()},
    )


def _take_answer(finding: Finding, actor: Any, revision: int, changes: dict[str, Any]) -> None:
    _check_may_write(finding.case, actor)
    answered = Finding.objects.filter(pk=finding.pk, status=Status.ANSWERED, revision=revision)
    if not answered.update(revision=F("revision") + 1, **changes):
        raise Conflict
    finding.refresh_from_db()


def close_cured(case: Case, *, actor: Any, reason: str = "") -> list[str]:
    """Close the nonconformities that the settled scores carry no longer; inside the transaction that settles.

    `reason` is that of the settlement: why the criterion is fulfilled now.
    """
    derived = nonconformities(case)
    cured = [row for row in live(case).filter(kind=Kind.NONCONFORMITY) if row.criterion not in derived]
    if cured:
        pks = [row.pk for row in cured]
        Finding.objects.filter(pk__in=pks).update(status=Status.CLOSED, revision=F("revision") + 1)
        append(case, "close_findings", actor=actor, details={"findings": pks}, texts={"reason": reason})
    return [row.criterion for row in cured]


def told(case: Case) -> models.QuerySet[Finding]:
    """What the client sees."""
    return case.findings.filter(told_at__isnull=False).order_by("criterion", "raised_at")


def unplanned_minors(case: Case, derived: Mapping[str, str]) -> list[str]:
    """Minor nonconformities without an accepted corrective action; with one left, no level is granted."""
    rows = live(case).filter(kind=Kind.NONCONFORMITY, status=Status.ACCEPTED, due_on__isnull=False)
    planned = set(rows.values_list("criterion", flat=True))
    return [code for code, grade in derived.items() if grade == "minor" and code not in planned]
