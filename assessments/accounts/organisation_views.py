"""Pages about organisations: their list, one with its people and open invitations, founding, describing, inviting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.ledger.workflow import Conflict
from assessments.presentation.paging import keyset_page

from . import invitations, services
from .models import Invitation, Membership, Organisation, Role
from .organisation_forms import FoundingForm, InvitationForm, OrganisationForm, roles_of_kind
from .people_views import administrators_only

FORM = ["GET", "HEAD", "POST"]


def visible(request: HttpRequest, pk: Any) -> Organisation:
    return get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)


def managed(request: HttpRequest, pk: Any) -> Organisation:
    """The organisation, if the person may change who belongs to it; else 404."""
    organisation = visible(request, pk)
    if not request.user.has_perm("accounts.manage_organisation", organisation):
        raise Http404
    return organisation


@login_required
@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    administrators_only(request)
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:100]
    found = Organisation.objects.annotate(people=Count("memberships__person", distinct=True))
    if kind in Organisation.Kind.values:
        found = found.filter(kind=kind)
    if words:
        found = found.filter(Q(name_en__icontains=words) | Q(name_zh__icontains=words))
    page = keyset_page(found, order="name_en", cursor=request.GET.get("page", ""))
    context = {"page": page, "kinds": Organisation.Kind.choices, "kind": kind, "words": words}
    return render(request, "accounts/organisations.html", context)


@login_required
@require_http_methods(FORM)
def organisation_create(request: HttpRequest) -> HttpResponse:
    administrators_only(request)
    form = FoundingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organisation = services.found_organisation(**form.cleaned_data, actor=request.user)
        except ValidationError as error:
            form.add_error("name_en", error)
        else:
            messages.success(request, _("Founded. Invite its first people."))
            return redirect("organisations:invite", organisation.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/organisation_form.html", {"form": form}, status=status)


@login_required
@require_safe
def organisation_page(request: HttpRequest, pk: Any) -> HttpResponse:
    organisation = visible(request, pk)
    members = organisation.memberships.select_related("person").order_by("person__name", "role")
    people: dict[Any, list[Membership]] = {}
    for membership in members:
        people.setdefault(membership.person, []).append(membership)
    context = {
        "organisation": organisation,
        "people": list(people.items()),
        "managing": request.user.has_perm("accounts.manage_organisation", organisation),
        "administering": request.user.has_perm("accounts.administer"),
        "invitations": organisation.invitations.waiting().select_related("invited_by").order_by("-made_at"),
    }
    return render(request, "accounts/organisation.html", context)


@login_required
@require_http_methods(FORM)
def organisation_edit(request: HttpRequest, pk: Any) -> HttpResponse:
    organisation = managed(request, pk)
    form = OrganisationForm(request.POST or None, instance=Organisation.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            services.describe_organisation(
                organisation, form.cleaned_data, actor=request.user, seen=request.POST.get("seen")
            )
        except Conflict:
            present = OrganisationForm(instance=Organisation.objects.get(pk=pk))
            both = {"back_url": request.path, "texts": _written(form), "present": _written(present)}
            return render(request, "presentation/conflict.html", both, status=409)
        messages.success(request, _("Saved."))
        return redirect("organisations:organisation", pk)
    seen = request.POST.get("seen") or services.description_seen(Organisation.objects.get(pk=pk))
    context = {"form": form, "organisation": organisation, "seen": seen}
    return render(request, "accounts/organisation_form.html", context, status=422 if form.errors else 200)


def _written(form: OrganisationForm) -> list[tuple[str, str]]:
    return [(str(bound.label), str(bound.value() or "")) for bound in form]


@login_required
@require_http_methods(FORM)
def invite(request: HttpRequest, pk: Any) -> HttpResponse:
    organisation = managed(request, pk)
    form = InvitationForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            made = invitations.invite(organisation, form.cleaned_data["email"], form.chosen(), actor=request.user)
        except ValidationError as error:
            form.add_error("email", error)
        else:
            return _sent(request, *made)
    names = [name for _role, name in roles_of_kind(organisation.kind)]
    context = {"form": form, "organisation": organisation, "only": names[0] if len(names) == 1 else ""}
    return render(request, "accounts/invite.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest, invitation: Invitation, secret: str) -> HttpResponse:
    if invitations.send(invitation, secret):
        messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": invitation.email})
    else:
        messages.warning(request, _("The invitation is made, but the letter could not be sent. Send it again later."))
    return redirect("organisations:organisation", invitation.organisation_id)


@login_required
@require_safe
def invitation_list(request: HttpRequest) -> HttpResponse:
    """All that wait, of every organisation."""
    administrators_only(request)
    waiting = Invitation.objects.waiting().select_related("organisation", "invited_by")
    page = keyset_page(waiting, order="-made_at", cursor=request.GET.get("page", ""))
    return render(request, "accounts/invitations.html", {"page": page})


def _own_invitation(request: HttpRequest, pk: Any) -> Invitation:
    invitation = get_object_or_404(Invitation.objects.select_related("organisation"), pk=pk)
    managed(request, invitation.organisation_id)
    return invitation


@login_required
@require_POST
def invitation_resend(request: HttpRequest, pk: Any) -> HttpResponse:
    invitation = _own_invitation(request, pk)
    try:
        secret = invitations.renew(invitation, actor=request.user)
    except Conflict:
        messages.warning(request, _("This invitation was accepted or withdrawn meanwhile."))
        return redirect("organisations:organisation", invitation.organisation_id)
    return _sent(request, invitation, secret)


@login_required
@require_POST
def invitation_withdraw(request: HttpRequest, pk: Any) -> HttpResponse:
    invitation = _own_invitation(request, pk)
    try:
        invitations.withdraw(invitation, actor=request.user)
        messages.success(request, _("Withdrawn. The link in the letter no longer works."))
    except Conflict:
        messages.warning(request, _("This invitation was accepted or withdrawn meanwhile."))
    return redirect("organisations:organisation", invitation.organisation_id)


@login_required
@require_POST
def membership_end(request: HttpRequest, pk: Any, membership: int) -> HttpResponse:
    """Take a role from somebody, or leave."""
    organisation = managed(request, pk)
    row = get_object_or_404(organisation.memberships.select_related("person"), pk=membership)
    try:
        services.end_membership(row, actor=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("organisations:organisation", pk)
    messages.success(request, _("%(name)s no longer holds this role.") % {"name": row.person.name})
    if row.person_id == request.user.pk and row.role == Role.VENDOR_MEMBER:
        return redirect("accounts:account")
    return redirect("organisations:organisation", pk)
