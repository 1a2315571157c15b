"""A vendor's own tests of a version: choose a method, see what it costs, set its parameters, run it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assessments.systems.models import SystemVersion
from evaluations.methods.parameters import defaults

from . import services
from .forms import PREFIX, ParameterFields
from .models import Run
from .self_testing import NO_CERTIFICATE, Bench, Offer, bench
from .views import as_card, own_version

SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def self_tests(request: HttpRequest, pk: Any) -> HttpResponse:
    """The methods with what fits and why others do not, and the runs so far; with `method`, that method's set-up."""
    version = own_version(request, pk)
    found = bench(version)
    asked = request.POST.get("method", "") if request.method == "POST" else request.GET.get("method", "")
    offer = found.of(asked)
    if request.method == "POST":
        return _asked(request, version, found, asked)
    if offer is not None and offer.fits:
        form = ParameterFields(offer.method, defaults(offer.method.parameters))
        return _set_up(request, version, offer, form)
    return _overview(request, version, found)


def _asked(request: HttpRequest, version: SystemVersion, found: Bench, method: str) -> HttpResponse:
    """Run the method; without any parameter in the form, with its defaults."""
    offer, parameters = found.of(method), None
    if offer is not None and any(name.startswith(PREFIX) for name in request.POST):
        form = ParameterFields(offer.method, defaults(offer.method.parameters), request.POST)
        if not form.is_valid():
            return _set_up(request, version, offer, form, status=422)
        parameters = form.values
    try:
        run = services.request_self_test(version, method=method, actor=request.user, parameters=parameters)
    except ValidationError as refused:
        return _overview(request, version, found, refused.messages[0])
    return redirect("runs:run", pk=run.pk)


def _set_up(
    request: HttpRequest, version: SystemVersion, offer: Offer, form: ParameterFields, status: int = 200
) -> HttpResponse:
    context = {"version": version, "offer": offer, "form": form, "notice": NO_CERTIFICATE}
    return render(request, "runs/self_test.html", context, status=status)


def _overview(request: HttpRequest, version: SystemVersion, found: Bench, error: str = "") -> HttpResponse:
    runs = Run.objects.visible_to(request.user).filter(purpose=Run.Purpose.SELF_TEST, scope=version.pk)
    cards = [as_card(run, may_steer=True) for run in runs.order_by("-requested_at")[:SHOWN]]
    context = {"version": version, "bench": found, "cards": cards, "error": error, "notice": NO_CERTIFICATE}
    return render(request, "runs/self_tests.html", context, status=400 if error else 200)
