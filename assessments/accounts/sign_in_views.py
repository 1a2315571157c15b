"""Where one is signed in, ending it, and what was typed before a sign-in ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import sign_ins, typed
from .models import SignIn


def _here(request: HttpRequest) -> Any:
    return request.session.get(sign_ins.NOTED, {}).get("row")


@never_cache
@login_required
@require_safe
def sign_in_list(request: HttpRequest) -> HttpResponse:
    rows = [(row, sign_ins.device(row.agent), row.pk == _here(request)) for row in sign_ins.current(request.user)]
    return render(request, "accounts/sign_ins.html", {"rows": rows})


@login_required
@require_POST
def sign_in_end(request: HttpRequest, pk: int) -> HttpResponse:
    person: Any = request.user
    row = get_object_or_404(SignIn, pk=pk, person=person)
    sign_ins.end(SignIn.objects.filter(pk=row.pk), person, actor=person)
    messages.success(request, _("Signed out there."))
    return redirect("accounts:sign-ins")


@login_required
@require_POST
def others_end(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    person: Any = request.user
    sign_ins.end(SignIn.objects.exclude(pk=_here(request)), person, actor=person)
    messages.success(request, _("Signed out everywhere else."))
    return redirect("accounts:sign-ins")


@login_required
@require_POST
def typed_discard(request: HttpRequest) -> HttpResponse:
    """Throw away what was typed before the sign-in ended."""
    page = typed.discard(request)
    messages.success(request, _("Thrown away."))
    return redirect(page)
