"""Accepting an invitation, with a new account or the one that the invited address has."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessments.ledger.workflow import Conflict

from . import invitations
from .models import Invitation
from .organisation_forms import JoiningForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link: open to whoever holds it, used once."""
    offered = invitations.find(secret)
    if offered is None:
        return render(request, "accounts/invitation_over.html", status=404)
    if request.user.is_authenticated:
        return _as_oneself(request, offered)
    if invitations.account_of(offered) is not None:
        return _page(request, offered, "sign_in")
    return _as_newcomer(request, offered)


def _as_oneself(request: HttpRequest, offered: Invitation) -> HttpResponse:
    person: Any = request.user
    if not invitations.is_addressed_to(offered, person):
        return _page(request, offered, "other")
    if request.method == "POST":
        try:
            invitations.accept(offered, person)
        except Conflict:
            return render(request, "accounts/invitation_over.html", status=404)
        except ValidationError as error:
            return _page(request, offered, "accept", problem=error.messages[0])
        messages.success(request, _("Welcome. Your new roles are yours from now on."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return _page(request, offered, "accept")


def _as_newcomer(request: HttpRequest, offered: Invitation) -> HttpResponse:
    form = JoiningForm(request.POST if request.method == "POST" else None, email=offered.email)
    if request.method == "POST" and form.is_valid():
        try:
            person = invitations.join(
                offered,
                name=form.cleaned_data["name"],
                language=translation.get_language() or "en",
                password=form.cleaned_data["password"],
            )
        except Conflict:
            return render(request, "accounts/invitation_over.html", status=404)
        response: HttpResponse = perform_login(request, person, redirect_url=settings.LOGIN_REDIRECT_URL)
        return response
    return _page(request, offered, "join", form=form)


def _page(request: HttpRequest, offered: Invitation, way: str, **more: Any) -> HttpResponse:
    wrong = more.get("problem") or (more.get("form") is not None and more["form"].errors)
    context = {"invitation": offered, "way": way, "organisation": offered.organisation, **more}
    return render(request, "accounts/invitation.html", context, status=422 if wrong else 200)
