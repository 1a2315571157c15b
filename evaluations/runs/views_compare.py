"""The page on which two runs of a method stand side by side."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .comparing import circumstances, comparable, measurements
from .views import method_title, visible_run


@login_required
@require_safe
def compare(request: HttpRequest, pk: Any) -> HttpResponse:
    """The run beside `?with=`, another of the same method and scope; by itself beside the one that it repeats."""
    run = visible_run(request, pk)
    others = comparable(run, request.user)
    wanted = request.GET.get("with", "")
    other = next((one for one in others if str(one.pk) == (wanted or str(run.supersedes_id))), None)
    if wanted and other is None:
        raise Http404
    if other is None and others:
        other = others[0]
    context = {"run": run, "title": method_title(run), "others": others, "other": other}
    if other is not None:
        # The older is the first, whichever the reader came from.
        first, second = sorted((run, other), key=lambda one: one.requested_at)
        context |= {
            "run": first,
            "other": second,
            "others": others if first == run else comparable(first, request.user),
            "rows": measurements(first, second),
            "circumstances": circumstances(first, second),
        }
    return render(request, "runs/compare.html", context)
