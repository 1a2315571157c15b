"""Personal data: what is kept, given out as a file, erased. One's own, and for administrators somebody's."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.accounts.models import Person, pseudonym
from assessments.accounts.people_views import administrators_only

from . import erasure, retention
from .duties import duties_of
from .export import as_zip, counts_of, data_of, hand_out
from .forms import EraseForm
from .inventory import SECTIONS


def _oneself(request: HttpRequest) -> Person:
    return get_object_or_404(Person, pk=request.user.pk)


def _somebody(request: HttpRequest, pk: Any) -> Person:
    administrators_only(request)
    return get_object_or_404(Person, pk=pk)


@never_cache
@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What is kept about oneself, why, and until when."""
    counts = counts_of(_oneself(request))
    rows = [(section, counts[code]) for code, section in SECTIONS.items()]
    return render(request, "privacy/own.html", {"rows": rows})


@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """For everybody: what is kept about people, why and for how long, as the program does it and the settings say."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    told = {"sections": SECTIONS.values(), "kinds": retention.KINDS, "address": address}
    return render(request, "privacy/notice.html", told)


@never_cache
@login_required
@require_safe
def own_export(request: HttpRequest) -> HttpResponse:
    return _file(data_of(_oneself(request)))


@never_cache
@login_required
@require_POST
def person_export(request: HttpRequest, pk: Any) -> HttpResponse:
    """For the person who asked for it; that it was taken, and by whom, stands in the ledger."""
    return _file(hand_out(_somebody(request, pk), actor=request.user))


def _file(data: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(as_zip(data), content_type="application/zip")
    day = timezone.now().strftime("%Y-%m-%d")
    response["Content-Disposition"] = f'attachment; filename="personal-data-{day}.zip"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_erase(request: HttpRequest) -> HttpResponse:
    person = _oneself(request)
    form = EraseForm(request.POST if request.method == "POST" else None, person=person, own=True)
    if request.method == "POST" and form.is_valid():
        try:
            tag = erasure.erase(person, actor=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            logout(request)
            messages.success(request, _said(person, tag))
            return redirect("registry:home")
    return _page(request, person, form)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_erase(request: HttpRequest, pk: Any) -> HttpResponse:
    person = _somebody(request, pk)
    form = EraseForm(request.POST if request.method == "POST" else None, person=person, own=False)
    if request.method == "POST" and form.is_valid():
        try:
            tag = erasure.erase(person, actor=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _said(person, tag))
            return redirect("people:person", pk)
    return _page(request, person, form)


def _said(person: Person, tag: str) -> str:
    role = Person.objects.values_list("erased_role", flat=True).get(pk=person.pk)
    return _("Erased. In histories the person is called “%(name)s” from now on.") % {"name": pseudonym(role, tag)}


def _page(request: HttpRequest, person: Person, form: EraseForm) -> HttpResponse:
    context = {
        "person": person,
        "own": person.pk == request.user.pk,
        "form": form,
        "duties": duties_of(person, request.user) if person.erased_at is None else [],
        "called": pseudonym(erasure.role_of(person), "7F3A"),
        "remaining": erasure.remaining(person),
    }
    return render(request, "privacy/erase.html", context, status=422 if form.errors else 200)
