"""Searching the audit trail, taking it away as CSV, and asking for a check of its chain."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.presentation.paging import keyset_page

from . import audit as trail
from . import chain
from .models import ChainCheck
from .overview import FAULTS, chain_words
from .rights import for_operators

PAGE = 50


@for_operators
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    form = trail.AuditForm(request.GET)
    valid = form.is_valid()
    found = trail.search(form.cleaned_data if valid else {})
    page = keyset_page(found, order="-sequence", cursor=request.GET.get("page", ""), size=PAGE)
    query = request.GET.copy()
    query.pop("page", None)
    last = ChainCheck.last_ended()
    context = {
        "form": form,
        "page": page,
        "lines": trail.lines(page.items),
        "narrowed": any(form.cleaned_data.values()) if valid else False,
        "export_query": query.urlencode(),
        "most": trail.EXPORTED_AT_MOST,
        "last": last,
        "chain": chain_words(last) if last else None,
        "faults": [(fault["sequence"], FAULTS[fault["code"]]()) for fault in last.faults] if last else [],
        "under_way": chain.under_way(),
    }
    return render(request, "operations/audit.html", context, status=200 if valid else 400)


@for_operators
@require_safe
def entries_csv(request: HttpRequest) -> HttpResponseBase:
    """The entries that the same search finds; one that cannot be read finds nothing, so that nobody is misled."""
    form = trail.AuditForm(request.GET)
    if not form.is_valid():
        return redirect(f"{request.path.removesuffix('entries.csv')}?{request.GET.urlencode()}")
    lines = trail.csv_lines(trail.search(form.cleaned_data))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    return answer


@for_operators
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Ask a worker to walk the whole chain."""
    with transaction.atomic():
        chain.ask(request.user)
    messages.success(request, _("The check was asked for. Its result stands here as soon as a worker is done."))
    return redirect("operations:audit")
