"""Pages about people, for administrators: their list, and one with roles, sign-ins, second factor and state."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.presentation.paging import keyset_page

from . import second_factor, services, sign_ins
from .models import Membership, Person
from .organisation_forms import RoleForm


def administrators_only(request: HttpRequest) -> None:
    """404 for everybody else."""
    if not request.user.has_perm("accounts.administer"):
        raise Http404


def _person(request: HttpRequest, pk: Any) -> Person:
    administrators_only(request)
    return get_object_or_404(Person, pk=pk)


@login_required
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    administrators_only(request)
    words, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
    found = Person.objects.prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("organisation").order_by("role"))
    )
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if state in ("active", "closed"):
        found = found.filter(is_active=state == "active")
    page = keyset_page(found, order="email", cursor=request.GET.get("page", ""))
    return render(request, "accounts/people.html", {"page": page, "words": words, "state": state})


@login_required
@require_safe
def person_page(request: HttpRequest, pk: Any) -> HttpResponse:
    return _page(request, _person(request, pk))


def _page(request: HttpRequest, person: Person, form: Any = None) -> HttpResponse:
    memberships = list(person.memberships.select_related("organisation").order_by("organisation__name_en", "role"))
    context = {
        "person": person,
        "memberships": memberships,
        "form": (form or RoleForm(person=person)) if memberships else None,
        "sign_ins": sign_ins.current(person).count(),
        "tokens": person.tokens.count(),
        "has_factor": second_factor.has_one(person),
        "must_have_factor": second_factor.must_have_one(person),
        "oneself": person.pk == request.user.pk,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "accounts/person.html", context, status=status)


@login_required
@require_POST
def role_give(request: HttpRequest, pk: Any) -> HttpResponse:
    person = _person(request, pk)
    form = RoleForm(request.POST, person=person)
    if form.is_valid():
        try:
            services.add_member(
                person, form.cleaned_data["organisation"], form.cleaned_data["role"], actor=request.user
            )
        except ValidationError as error:
            form.add_error("role", error)
        else:
            messages.success(request, _("Saved."))
            return redirect("people:person", pk)
    return _page(request, person, form)


@login_required
@require_POST
def deactivate(request: HttpRequest, pk: Any) -> HttpResponse:
    person = _person(request, pk)
    try:
        services.deactivate(person, actor=request.user)
        messages.success(request, _("Closed. Sessions and tokens ended at once."))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("people:person", pk)


@login_required
@require_POST
def reactivate(request: HttpRequest, pk: Any) -> HttpResponse:
    services.reactivate(_person(request, pk), actor=request.user)
    messages.success(request, _("Open again."))
    return redirect("people:person", pk)


@login_required
@require_POST
def sign_ins_end(request: HttpRequest, pk: Any) -> HttpResponse:
    person = _person(request, pk)
    sign_ins.end(sign_ins.current(person), person, actor=request.user)
    messages.success(request, _("Signed out everywhere."))
    return redirect("people:person", pk)


@login_required
@require_POST
def factor_reset(request: HttpRequest, pk: Any) -> HttpResponse:
    """For somebody who has lost their phone and their recovery codes; they are signed out and start anew."""
    person = _person(request, pk)
    if second_factor.remove_all(person, actor=request.user):
        sign_ins.end(sign_ins.current(person), person, actor=request.user)
    messages.success(request, _("Removed. At the next sign-in a new one is set up."))
    return redirect("people:person", pk)
