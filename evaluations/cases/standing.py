"""Where a case stands: its steps, and who must do what next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.presentation.figures import joined

from .assignment import open_parts, people_needed
from .models import Assignment, Case
from .planning import current_plan
from .progress import Tally, tally

Part = Assignment.Part
ORDER = [
    Case.Status.PLANNING,
    Case.Status.PLAN_APPROVED,
    Case.Status.EVALUATING,
    Case.Status.IN_REVIEW,
    Case.Status.RECOMMENDED,
    Case.Status.DECIDED,
]


@dataclass(frozen=True)
class Next:
    """What comes next: a sentence, and where this person does it or may look on; `who` when another must act."""

    text: str
    url: str = ""
    label: str = ""
    who: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is this person's turn."""
        return bool(self.url) and not self.who


def address(name: str, *arguments: Any) -> str:
    """The address of a page of the case; empty when it is not routed."""
    try:
        return reverse(f"cases:{name}", args=arguments)
    except NoReverseMatch:
        return ""


def next_step(case: Case, person: Any) -> Next:
    """What the case waits for, as it concerns this person."""
    parts = list(open_parts(case))
    own = next((row for row in parts if row.person_id == person.pk and row.declared_at is None), None)
    if own is not None and case.status in ORDER[:-1]:
        return Next(
            _("Sign your statement on interests: before that, nothing of the case is open to you."),
            address("statement", own.pk),
            _("Read and sign"),
        )
    if case.status == Case.Status.PLANNING:
        return _planning(case, person, parts)
    if case.status == Case.Status.EVALUATING:
        return _evaluating(case, person)
    if case.status in (Case.Status.IN_REVIEW, Case.Status.RECOMMENDED):
        return _reviewing(case, person, parts)
    said = {
        Case.Status.PLAN_APPROVED: _("The portal draws the seeds and requests the test runs, within seconds."),
        Case.Status.DECIDED: _("The decision was made: %(outcome)s.") % {"outcome": case.get_outcome_display()},
        Case.Status.CLOSED: _("The application was withdrawn; the case is closed."),
    }
    return Next(said[Case.Status(case.status)])


def _planning(case: Case, person: Any, parts: list[Assignment]) -> Next:
    may_assign = person.has_perm("cases.assign_case", case)
    people = address("assign", case.pk) if may_assign else ""
    if not any(row.part == Part.LEAD for row in parts):
        return Next(_("The case needs a lead evaluator."), people, _("Assign people"))
    missing = people_needed(case) - sum(row.part == Part.EVALUATOR for row in parts)
    if missing > 0:
        text = ngettext(
            "%(count)d evaluator is still to be assigned.", "%(count)d evaluators are still to be assigned.", missing
        )
        return Next(text % {"count": missing}, people, _("Assign people"))
    unsigned = [row.person for row in parts if row.declared_at is None and row.part != Part.REVIEWER]
    if unsigned:
        names = joined(unsigned)
        return Next(_("To sign the statement on interests: %(names)s.") % {"names": names}, who=names)
    if person.has_perm("cases.lead_case", case):
        return Next(
            _("The plan is drafted. Look through it and approve it."), address("plan", case.pk), _("See the plan")
        )
    may_edit = person.has_perm("cases.evaluate_case", case)
    lead = next(row.person for row in parts if row.part == Part.LEAD)
    text = _("The plan is drafted. %(name)s approves it.") % {"name": lead}
    return Next(text, address("plan", case.pk) if may_edit else "", _("See the plan"), who=str(lead))


def _evaluating(case: Case, person: Any) -> Next:
    runs = tally(current_plan(case))
    if person.has_perm("cases.score_case", case):
        return Next(_("Score the criteria on your sheet."), address("sheet", case.pk), _("Open your sheet"))
    if not runs.complete:
        text = _("%(ended)d of %(planned)d test runs have ended.")
        return Next(
            text % {"ended": runs.finished + runs.failed, "planned": runs.planned},
            address("runs", case.pk),
            _("Follow the runs"),
            who=_("The portal"),
        )
    if person.has_perm("cases.settle_case", case):
        return Next(_("Settle the criteria, then write the findings."), address("settle", case.pk), _("Settle"))
    return Next(_("The evaluators score; the lead settles."))


def _reviewing(case: Case, person: Any, parts: list[Assignment]) -> Next:
    reviewer = next((row.person for row in parts if row.part == Part.REVIEWER), None)
    if reviewer is None:
        may_assign = person.has_perm("cases.assign_case", case)
        url = address("assign", case.pk) if may_assign else ""
        return Next(_("The case needs a reviewer who took no part in it."), url, _("Assign people"))
    if case.status == Case.Status.IN_REVIEW:
        url = address("review", case.pk) if person.has_perm("cases.review_case", case) else ""
        text = _("%(name)s reviews the case.") % {"name": reviewer}
        return Next(text, url, _("Review"), who="" if url else str(reviewer))
    url = address("decide", case.pk) if person.has_perm("cases.decide_case", case) else ""
    return Next(_("The decision is due."), url, _("Decide"))


def steps(case: Case, person: Any, runs: Tally) -> list[dict[str, Any]]:
    """The way of a case, for the step list: title, url (where the person may go), state, note."""
    at = ORDER.index(Case.Status(case.status)) if case.status in ORDER else -1
    evaluates = person.has_perm("cases.evaluate_case", case)
    sheet = "sheet" if person.has_perm("cases.score_case", case) else ""
    settle = "settle" if person.has_perm("cases.settle_case", case) else ""
    reviews = person.has_perm("cases.review_case", case)
    sees = person.has_perm("cases.view_case", case)
    rows: list[tuple[str, str, int, int, str]] = [
        (_("People"), "assign" if sees else "", 0, 0, ""),
        (_("Plan"), "plan" if sees else "", 0, 1, ""),
        (_("Test runs"), "runs" if sees else "", 2, 2, _runs_note(runs)),
        (_("Scores"), sheet or settle, 2, 2, ""),
        (_("Findings and report"), "findings" if evaluates else "report", 2, 2, ""),
        (_("Review"), "review" if reviews else "", 3, 3, ""),
        (_("Decision"), "decide" if reviews else "", 4, 4, ""),
    ]
    return [
        {"title": title, "url": address(page, case.pk) if page else "", "state": _state(at, first, last), "note": note}
        for title, page, first, last, note in rows
    ]


def _runs_note(runs: Tally) -> str:
    if not runs.planned:
        return ""
    note = _("%(ended)d of %(planned)d ended") % {"ended": runs.finished + runs.failed, "planned": runs.planned}
    if runs.failed:
        note += " · " + _("%(failed)d without a result") % {"failed": runs.failed}
    return note


def _state(at: int, first: int, last: int) -> str:
    if at > last:
        return "done"
    return "active" if first <= at <= last else "waiting"
