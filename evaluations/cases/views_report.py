"""The report: as it stands for the evaluators, as it was frozen for the review and, once it is decided, the client."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.applications.readings import note_reading
from assessments.ledger.workflow import Conflict
from assessments.systems import storage
from assessments.systems.models import Reading

from . import printing, reporting
from .access import case_for, client_case
from .answering import conflict, say
from .models import Case, ReportPrint
from .planning import approved_plan
from .report import digest_of, report_json
from .report_view import report_view

SHOWN_TO_REVIEW = (Case.Status.IN_REVIEW, Case.Status.RECOMMENDED, Case.Status.DECIDED)


def report_case(person: Any, pk: Any) -> tuple[Case, bool]:
    """The case whose report the person may read, and whether they belong to the evaluation; else Http404.

    Its client reads the report from the decision on: before that it is the body's working paper.
    """
    if Case.objects.of_client(person).filter(pk=pk).exists():
        case = client_case(person, pk)
        if not has_client_report(case):
            raise Http404
        return case, False
    case = case_for(person, pk)
    if approved_plan(case) is None:
        raise Http404
    return case, True


def read_report_case(person: Any, pk: Any) -> tuple[Case, bool]:
    """The same where the report is given out: the client sees who has read it."""
    case, inside = report_case(person, pk)
    note_report(person, case)
    return case, inside


def note_report(person: Any, case: Case) -> None:
    note_reading(person, Reading.Kind.REPORT, case.application, case.number)


def has_client_report(case: Case) -> bool:
    """Whether the client may read the report now."""
    return case.status == Case.Status.DECIDED and bool(case.frozen_report)


def frozen_of(case: Case) -> dict[str, Any] | None:
    """The frozen report that holds now; None while the evaluation is under way or was reopened."""
    return case.frozen_report if case.status in SHOWN_TO_REVIEW else None


def report_context(case: Case) -> dict[str, Any]:
    """What the report shows; the same for its preview, its frozen state and the review."""
    frozen = frozen_of(case)
    document = frozen["report"] if frozen else report_json(case)
    sha256 = frozen["sha256"] if frozen else digest_of(document)
    return {
        "case": case,
        "report": report_view(case, document),
        "frozen": frozen,
        "sha256": sha256,
        "prints": list(case.prints.filter(report_sha256=sha256).order_by("language")),
    }


@login_required
@require_safe
def report(request: HttpRequest, pk: Any) -> HttpResponse:
    """The report as it stands; after the hand-over, as it was frozen."""
    case, inside = read_report_case(request.user, pk)
    may_lead = inside and request.user.has_perm("cases.lead_case", case) and case.status == Case.Status.EVALUATING
    context = {
        **report_context(case),
        "inside": inside,
        "hindrances": reporting.hindrances(case, request.user) if may_lead else [],
        "may_hand_over": may_lead,
        "reviews": case.reviews.select_related("reviewer").order_by("round") if inside else [],
        "decision": getattr(case, "decision", None),
    }
    return render(request, "cases/report.html", context)


@login_required
@require_safe
def report_file(request: HttpRequest, pk: Any) -> HttpResponse:
    """The report as JSON: frozen after the hand-over, before that as it stands."""
    case, _inside = read_report_case(request.user, pk)
    frozen = frozen_of(case)
    document = frozen["report"] if frozen else report_json(case)
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{case.number}-report.json"'
    return response


@login_required
@require_safe
def report_pdf(request: HttpRequest, pk: Any) -> HttpResponse:
    """The printed report in the language `?language=` (the reader's own by default)."""
    case, _inside = read_report_case(request.user, pk)
    response = pdf_response(case, language_of(request.GET.get("language", "")))
    if response is None:
        messages.info(request, _("The PDF is not printed yet. It is made within a minute."))
        return redirect("cases:report", pk=pk)
    return response


def pdf_response(case: Case, language: str) -> HttpResponse | None:
    """The newest printed report in a language; None while there is none.

    While the evaluation is under way that is the newest preview; afterwards only what was frozen.
    """
    frozen = frozen_of(case)
    rows = case.prints.filter(language=language, status=ReportPrint.Status.READY)
    rows = (
        rows.filter(report_sha256=frozen["sha256"], preview__isnull=True)
        if frozen
        else rows.filter(preview__isnull=False)
    )
    row = rows.order_by("-requested_at").first()
    if row is None:
        return None
    with storage.open_blob(row.pdf_sha256) as file:
        response = HttpResponse(file.read(), content_type="application/pdf")
    kind = "report" if frozen else "report-preview"
    response["Content-Disposition"] = f'attachment; filename="{case.number}-{kind}-{row.language}.pdf"'
    return response


def language_of(wanted: str) -> str:
    """One of the languages in which reports are printed: the wanted one, or the reader's own."""
    return wanted if wanted in printing.LANGUAGES else ("zh-hans" if _reads_chinese() else "en")


def _reads_chinese() -> bool:
    return (translation.get_language() or "").startswith("zh")


@login_required
@require_POST
def report_preview(request: HttpRequest, pk: Any) -> HttpResponse:
    """Have the report printed: as it stands, marked as a preview; after the hand-over, as it was frozen."""
    case, _inside = report_case(request.user, pk)
    if frozen_of(case):
        printing.request_frozen(case)
    else:
        printing.request_preview(case, language_of(""))
    messages.info(request, _("The PDF is not printed yet. It is made within a minute."))
    return redirect("cases:report", pk=pk)


@login_required
@require_POST
def hand_over(request: HttpRequest, pk: Any) -> HttpResponse:
    case = case_for(request.user, pk, "cases.lead_case")
    try:
        reporting.hand_to_review(case, actor=request.user)
    except ValidationError as refused:
        say(request, refused)
    except Conflict:
        return conflict(request, "cases:report", pk)
    else:
        messages.success(request, _("Results and report are frozen; the case is with the reviewer."))
    return redirect("cases:report", pk=pk)
